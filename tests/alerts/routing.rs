//! Who is told, and which alert silences which: `alerts/alertmanager.yml`.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::label::Matchers;
use promql_parser::parser::{self, Expr};
use saphyr::YamlOwned;

use crate::promql::Labels;
use crate::rules::{RULES, Rule};
use crate::yaml;

/// An alert, with the labels that it has or may have.
#[derive(Clone)]
struct Alert {
    rule: &'static Rule,
    given: BTreeMap<String, String>,
    labels: Labels,
}

fn alerts() -> Vec<Alert> {
    let alert = |rule: &'static Rule| {
        let mut given = rule.labels.clone();
        given.insert("alertname".to_owned(), rule.name.clone());
        let labels = rule.labels_of_alerts();
        Alert {
            rule,
            given,
            labels,
        }
    };
    RULES.alerts.iter().map(alert).collect()
}

/// A list of matchers, which Alertmanager writes as PromQL does.
fn matchers(node: &YamlOwned, key: &str) -> Matchers {
    let parts: Vec<&str> = yaml::list(node, key)
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let selector = format!("{{{}}}", parts.join(","));
    match parser::parse(&selector) {
        Ok(Expr::VectorSelector(it)) => it.matchers,
        other => panic!("{selector}: {other:?}"),
    }
}

/// Whether the matchers can match the alert, as far as its values are known.
fn can_match(matchers: &Matchers, alert: &Alert) -> bool {
    matchers
        .matchers
        .iter()
        .all(|it| match alert.given.get(&it.name) {
            Some(value) => it.is_match(value),
            None => alert.labels.may.contains(&it.name) || it.is_match(""),
        })
}

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
    let config = yaml::document("alerts/alertmanager.yml");
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
    let config = yaml::document("alerts/alertmanager.yml");
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
    let config = yaml::document("alerts/alertmanager.yml");
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
    assert!(compared > 20, "only {compared} values were compared");
}

/// The pairs of alerts of which an inhibition rule can silence the second for the first, with the
/// labels that it compares.
fn silenced(rule: &YamlOwned) -> Vec<(Alert, Alert, Vec<String>)> {
    let source = matchers(rule, "source_matchers");
    let target = matchers(rule, "target_matchers");
    let equal = yaml::list(rule, "equal")
        .iter()
        .map(|it| it.as_str().unwrap().to_owned());
    let equal: Vec<String> = equal.collect();
    let mut pairs = Vec::new();
    for one in alerts().into_iter().filter(|it| can_match(&source, it)) {
        for other in alerts().into_iter().filter(|it| can_match(&target, it)) {
            let differ = |label: &String| {
                let values = (one.given.get(label), other.given.get(label));
                matches!(values, (Some(one), Some(other)) if one != other)
            };
            if !equal.iter().any(differ) {
                pairs.push((one.clone(), other, equal.clone()));
            }
        }
    }
    pairs
}

fn inhibitions() -> Vec<(Alert, Alert, Vec<String>)> {
    let config = yaml::document("alerts/alertmanager.yml");
    let rules = yaml::list(&config, "inhibit_rules").iter();
    let pairs: Vec<_> = rules.flat_map(silenced).collect();
    assert!(pairs.len() > 20, "only {} pairs", pairs.len());
    pairs
}

/// Labels that both alerts lack count as equal, so an id that may be missing silences strangers.
#[test]
fn what_an_inhibition_compares_is_there() {
    for (source, target, equal) in inhibitions() {
        let pair = format!("{} silences {}", source.rule.title(), target.rule.title());
        let sure = |label: &&String| source.labels.sure.contains(*label);
        let compared = equal.iter().filter(sure).filter(|it| *it != "alertname");
        assert!(
            compared.count() > 0,
            "{pair}: nothing that it compares is there"
        );
        for label in equal.iter().filter(|it| !sure(it)) {
            let may = source.labels.may.contains(label) || target.labels.may.contains(label);
            assert!(!may, "{pair}: {label} may be missing");
        }
    }
}

/// A sensor or place that heals while its alert is silenced is never reported as resolved, so what is
/// wrong with the data or the exporter silences none of them.
#[test]
fn problems_of_the_data_silence_no_sensors() {
    let of_data = |alert: &Alert| ["exporter", "data"].contains(&alert.given["scope"].as_str());
    for (source, target, _) in inhibitions() {
        let pair = format!("{} silences {}", source.rule.title(), target.rule.title());
        // The sensors that an inventory lost are missing only as long as it is.
        let inventory = source.rule.name == "DensityInventoryShrank"
            && target.rule.name == "DensitySensorMissing";
        assert!(!of_data(&source) || of_data(&target) || inventory, "{pair}");
    }
}

/// An alert never silences itself, nor one that silences it.
#[test]
fn no_two_alerts_silence_each_other() {
    let pairs = inhibitions();
    let silences = |source: &Alert, target: &Alert| {
        pairs
            .iter()
            .any(|it| it.0.given == source.given && it.1.given == target.given)
    };
    for (source, target, _) in &pairs {
        assert!(
            !silences(target, source),
            "{} and {}",
            source.rule.title(),
            target.rule.title()
        );
    }
}
