//! The rules of Grafana's own dashboard linter, and who is excepted from them.

use density_exporter::exposition::MetricKind;
use density_exporter::metrics::catalogue;
use promql_parser::label::MatchOp;
use serde_json::{Value, json};

use crate::files::{Dashboard, assert_none};
use crate::promql::{RANGE_SECONDS, RATE_INTERVAL_SECONDS, parse, selectors};

/// Every unit that is used; Grafana takes a misspelt one for text to be shown.
const UNITS: [&str; 6] = ["none", "short", "percentunit", "s", "bytes", "reqps"];

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

#[test]
fn dashboards_are_read_only_and_belong_to_no_grafana() {
    for dashboard in Dashboard::all() {
        let json = &dashboard.json;
        assert_eq!(json["editable"], false, "{}", dashboard.file);
        assert_eq!(json["id"], Value::Null, "{}", dashboard.file);
        assert_eq!(json.get("__inputs"), None, "{}", dashboard.file);
        assert_eq!(json["tags"], json!(["density"]), "{}", dashboard.file);
        assert_eq!(json["timezone"], "browser", "{}", dashboard.file);
        assert_eq!(json["refresh"], "1m", "{}", dashboard.file);
        let uid = json["uid"].as_str().unwrap();
        assert_eq!(dashboard.file, format!("{uid}.json"));
    }
}

#[test]
fn variables_stand_in_order_and_narrow_each_other() {
    let order = [
        "datasource",
        "job",
        "instance",
        "organization",
        "building",
        "floor",
        "space",
        "serial_number",
    ];
    for dashboard in Dashboard::all() {
        let file = &dashboard.file;
        let names = dashboard.variables().iter().map(|it| &it["name"]);
        let places: Vec<usize> = names
            .map(|name| order.iter().position(|it| name == it).unwrap())
            .collect();
        assert!(places.is_sorted(), "{file}: {places:?}");
        assert!(places.starts_with(&[0, 1]), "{file}: {places:?}");

        let first = &dashboard.variables()[0];
        assert_eq!(first["type"], "datasource", "{file}");
        assert_eq!(first["query"], "prometheus", "{file}");
        assert_eq!(first["label"], "Data source", "{file}");
        let job = &dashboard.variables()[1];
        assert_eq!(job["label"], "Job", "{file}");
        assert_eq!(job["multi"], true, "{file}");
        assert_eq!(job["allValue"], ".+", "{file}");

        for variable in &dashboard.variables()[1..] {
            let place = format!("{file}: {}", variable["name"]);
            assert_eq!(variable["type"], "query", "{place}");
            assert_eq!(variable["datasource"], source(), "{place}");
            assert_eq!(variable["refresh"], 2, "{place}");
            let query = variable["query"]["query"].as_str().unwrap();
            assert_eq!(variable["definition"], query, "{place}");
            // Each depends on all those before it that have to do with it.
            let needed: &[&str] = match variable["name"].as_str().unwrap() {
                "job" => &[],
                "instance" | "organization" => &["$job"],
                "building" => &["$job", "$organization"],
                "floor" => &["$job", "$organization", "$building"],
                _ => &["$job", "$organization", "$building", "$floor"],
            };
            for name in needed {
                assert!(query.contains(name), "{place}: {name}");
            }
        }
    }
}

#[test]
fn panels_say_what_they_show_in_which_unit_and_from_where() {
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            let place = panel.place();
            assert_eq!(panel.json["datasource"], source(), "{place}");
            assert!(!panel.targets().is_empty(), "{place} asks nothing");
            for target in panel.targets() {
                assert_eq!(target["datasource"], source(), "{place}");
            }
            let title = panel.json["title"].as_str().unwrap();
            assert!(!title.is_empty(), "{place}");
            let description = panel.json["description"].as_str().unwrap();
            assert!(description.len() > 40, "{place}: {description:?}");
            assert!(description.ends_with('.'), "{place}: {description:?}");
            assert!(!description.contains("density_"), "{place} names a metric");
            let unit = &panel.json["fieldConfig"]["defaults"]["unit"];
            let overridden = panel.overridden().filter(|(_, id, _)| *id == "unit");
            for unit in overridden.map(|(_, _, unit)| unit).chain([unit]) {
                assert!(UNITS.iter().any(|it| unit == it), "{place}: {unit}");
            }
        }
        for annotation in dashboard.annotations() {
            assert_eq!(annotation["datasource"], source(), "{}", dashboard.file);
            let query = annotation["expr"].as_str().unwrap();
            for expected in ["alertname=~\"Density.*\"", "alertstate=\"firing\""] {
                assert!(query.contains(expected), "{}", dashboard.file);
            }
        }
        assert_eq!(dashboard.annotations().len(), 1, "{}", dashboard.file);
    }
}

/// The matcher that the rules want of a selector, and whether it is there.
fn is_matched(matchers: &[promql_parser::label::Matcher], label: &str) -> bool {
    let variable = format!("${label}");
    matchers
        .iter()
        .any(|it| it.name == label && it.value == variable && matches!(it.op, MatchOp::Re(_)))
}

/// Instances are aggregated away but on the dashboard of the exporter. Alerts carry labels of their own.
#[test]
fn every_selector_is_of_the_chosen_jobs_organizations_and_instances() {
    let mut complaints = Vec::new();
    for dashboard in Dashboard::all() {
        for query in dashboard.panel_queries() {
            for selector in selectors(&parse(query.expression).unwrap()) {
                let family = catalogue::ALL
                    .iter()
                    .find(|it| selector.metric.starts_with(it.name));
                let of_organization = family.is_some_and(|it| it.labels.contains(&"organization"));
                let wanted = [
                    ("job", selector.metric != "ALERTS"),
                    ("instance", dashboard.has_variable("instance")),
                    (
                        "organization",
                        of_organization && !query.place.contains("\"Targets\""),
                    ),
                ];
                for (label, _) in wanted.iter().filter(|(_, wanted)| *wanted) {
                    if !is_matched(&selector.matchers, label) {
                        complaints.push(format!(
                            "{}: {} has no {label}=~\"${label}\"",
                            query.place, selector.metric
                        ));
                    }
                }
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn counters_are_rated_over_the_interval_that_fits_the_chart() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for query in dashboard.panel_queries() {
            for selector in selectors(&parse(query.expression).unwrap()) {
                let is_counter = catalogue::ALL.iter().any(|it| {
                    matches!(it.kind, MetricKind::Counter | MetricKind::Histogram)
                        && selector.metric.starts_with(it.name)
                });
                let rated = matches!(selector.function, Some("rate" | "increase" | "irate"));
                // A number for the whole time range has no interval that fits it better.
                let fits = match selector.range {
                    Some(RATE_INTERVAL_SECONDS) => !query.instant,
                    Some(RANGE_SECONDS) => query.instant,
                    _ => false,
                };
                if is_counter != rated || rated && !fits {
                    complaints.push(format!("{}: {}", query.place, selector.metric));
                }
                seen += usize::from(rated);
            }
        }
    }
    assert!(seen > 5, "{seen} counters");
    assert_none(&complaints);
}
