//! Who is told of which alert.

use std::collections::BTreeSet;

use promql_parser::label::Matchers;
use saphyr::YamlOwned;

use crate::alertmanager::{Alert, alerts, can_match, config, matchers};
use crate::yaml;

/// All routes below a route.
fn below(route: &YamlOwned) -> Vec<&YamlOwned> {
    let routes = yaml::list(route, "routes");
    routes
        .iter()
        .flat_map(|it| [vec![it], below(it)].concat())
        .collect()
}

/// The receivers that get an alert: of the first route on each level that matches.
fn receiver(route: &YamlOwned, inherited: &str, alert: &Alert) -> String {
    let own = yaml::text(route, "receiver").unwrap_or_else(|| inherited.to_owned());
    let mut routes = yaml::list(route, "routes").iter();
    let next = routes.find(|it| can_match(&matchers(it, "matchers"), alert));
    next.map_or(own.clone(), |it| receiver(it, &own, alert))
}

#[test]
fn who_is_told_depends_on_the_severity() {
    let config = config();
    let route = &config["route"];
    for alert in alerts() {
        let expected = match (
            alert.given["scope"].as_str(),
            alert.given["severity"].as_str(),
        ) {
            ("watchdog", _) => "watchdog",
            (_, "critical") => "pager",
            (_, "warning") => "chat",
            (_, _) => "information",
        };
        let told = receiver(route, "", &alert);
        assert_eq!(told, expected, "{}", alert.rule.title());
    }
}

/// No alert is left to the route at the top, whose grouping is a guess.
#[test]
fn every_alert_has_a_route_of_its_own() {
    let config = config();
    for alert in alerts() {
        let routes = yaml::list(&config["route"], "routes");
        let any = routes
            .iter()
            .any(|it| can_match(&matchers(it, "matchers"), &alert));
        assert!(any, "{}", alert.rule.title());
    }
}

/// Every value that routes and inhibitions match by name is the value of some alert.
#[test]
fn what_is_matched_exists() {
    let config = config();
    let mut all: Vec<Matchers> = below(&config["route"])
        .iter()
        .map(|it| matchers(it, "matchers"))
        .collect();
    for rule in yaml::list(&config, "inhibit_rules") {
        all.extend([
            matchers(rule, "source_matchers"),
            matchers(rule, "target_matchers"),
        ]);
    }
    let mut compared = 0;
    for matcher in all.iter().flat_map(|it| &it.matchers) {
        let values: BTreeSet<String> = alerts()
            .iter()
            .filter_map(|it| it.given.get(&matcher.name).cloned())
            .collect();
        if values.is_empty() {
            let may = alerts()
                .iter()
                .any(|it| it.labels.may.contains(&matcher.name));
            assert!(may, "no alert has {}", matcher.name);
            continue;
        }
        for value in matcher.value.split('|') {
            compared += 1;
            assert!(
                values.contains(value),
                "no alert has {}={value:?}",
                matcher.name
            );
        }
    }
    assert!(compared > 5, "only {compared} values were compared");
}

/// A call that is due at the very moment at which the group is looked at comes too early, and is left
/// out until the next time.
#[test]
fn the_watchdog_calls_whenever_its_group_is_looked_at() {
    let config = config();
    let watchdog = below(&config["route"])
        .into_iter()
        .find(|it| yaml::text(it, "receiver").as_deref() == Some("watchdog"))
        .expect("a route to the watchdog");
    let interval = |key| {
        let text = yaml::text(watchdog, key).expect(key);
        humantime::parse_duration(&text).expect(key)
    };
    assert!(interval("repeat_interval") < interval("group_interval"));
}
