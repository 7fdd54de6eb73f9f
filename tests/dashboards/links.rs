//! Links lead to dashboards that there are, with variables that these have.

use std::collections::HashSet;

use regex::Regex;
use serde_json::Value;

use crate::files::{Dashboard, Panel, assert_none};
use crate::labels::infer;
use crate::promql::parse;

/// Every link of a panel: of the whole, and of single columns.
fn links(panel: Panel<'_>) -> Vec<&Value> {
    let whole = panel.json["fieldConfig"]["defaults"]["links"].as_array();
    let columns = panel.overridden().filter(|(_, id, _)| *id == "links");
    let columns = columns.flat_map(|(_, _, links)| links.as_array().unwrap());
    whole.into_iter().flatten().chain(columns).collect()
}

/// The labels that the panel's queries give.
fn given(panel: Panel<'_>) -> HashSet<String> {
    let parsed = panel.queries().map(|it| parse(it.expression).unwrap());
    parsed
        .flat_map(|it| infer(&it, &mut Vec::new()).labels)
        .collect()
}

#[test]
fn every_link_leads_to_a_dashboard_and_sets_variables_that_it_has() {
    let dashboards = Dashboard::all();
    let variable = Regex::new(r"\$\{([a-z_]+):queryparam\}").unwrap();
    let of_series = Regex::new(r"\$\{__(?:data\.fields|field\.labels)\.([a-z_]+):percentencode\}");
    let of_series = of_series.unwrap();
    let mut complaints = Vec::new();
    let mut seen = 0;
    for dashboard in &dashboards {
        for panel in dashboard.panels() {
            for link in links(panel) {
                seen += 1;
                let url = link["url"].as_str().unwrap();
                let mut complain = |what: String| {
                    complaints.push(format!("{}: {what} in {url}", panel.place()));
                };
                let (path, query) = url.split_once('?').unwrap();
                let uid = path.strip_prefix("/d/").unwrap();
                let Some(target) = dashboards.iter().find(|it| it.json["uid"] == uid) else {
                    complain(format!("no dashboard {uid}"));
                    continue;
                };
                if !query.split('&').any(|it| it == "${__url_time_range}") {
                    complain("the time range is lost".to_owned());
                }
                for part in query.split('&').filter(|it| *it != "${__url_time_range}") {
                    let set = match (variable.captures(part), part.strip_prefix("var-")) {
                        (Some(kept), None) => kept[1].to_owned(),
                        (None, Some(set)) => set.split_once('=').unwrap().0.to_owned(),
                        _ => panic!("{part} in {url}"),
                    };
                    if !target.has_variable(&set) {
                        complain(format!("{uid} has no variable {set}"));
                    }
                    if part.ends_with(":queryparam}") && !dashboard.has_variable(&set) {
                        complain(format!("there is no variable {set} here"));
                    }
                    if part.starts_with("var-") {
                        match of_series.captures(part) {
                            Some(label) if given(panel).contains(&label[1]) => {}
                            _ => complain(format!("{part} is no label of the queries")),
                        }
                    }
                }
            }
        }
    }
    assert!(seen > 10, "{seen} links");
    assert_none(&complaints);
}

/// Alerts link to these addresses; see `dashboard_url` in the alert rules.
#[test]
fn the_addresses_that_alerts_give_are_kept() {
    let dashboards = Dashboard::all();
    for (uid, variables) in [
        ("density-portfolio", &["organization"][..]),
        ("density-building", &["organization", "building", "floor"]),
        (
            "density-space",
            &["organization", "building", "floor", "space"],
        ),
        ("density-sensor-fleet", &["organization", "serial_number"]),
        ("density-exporter", &["job", "organization"]),
    ] {
        let dashboard = dashboards.iter().find(|it| it.json["uid"] == uid);
        let dashboard = dashboard.unwrap_or_else(|| panic!("{uid}"));
        for variable in variables {
            assert!(dashboard.has_variable(variable), "{uid}: {variable}");
        }
    }
}

#[test]
fn each_dashboard_leads_to_the_others_with_the_time_range_and_the_variables() {
    let dashboards = Dashboard::all();
    for dashboard in &dashboards {
        let links = dashboard.json["links"].as_array().unwrap();
        let to_all = links.iter().find(|it| it["type"] == "dashboards").unwrap();
        assert_eq!(to_all["keepTime"], true, "{}", dashboard.file);
        assert_eq!(to_all["includeVars"], true, "{}", dashboard.file);
        for other in &dashboards {
            assert_eq!(to_all["tags"], other.json["tags"], "{}", dashboard.file);
        }
    }
}

#[test]
fn legends_name_labels_that_the_queries_give() {
    let label = Regex::new(r"\{\{([a-z_]+)\}\}").unwrap();
    let mut complaints = Vec::new();
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            for target in panel.targets() {
                let parsed = parse(target["expr"].as_str().unwrap()).unwrap();
                let given = infer(&parsed, &mut Vec::new()).labels;
                let legend = target["legendFormat"].as_str().unwrap();
                for name in label.captures_iter(legend) {
                    if !given.contains(&name[1]) {
                        complaints.push(format!("{}: {legend}", panel.place()));
                    }
                }
            }
        }
    }
    assert_none(&complaints);
}
