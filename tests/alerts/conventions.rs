//! What every alert has in common.

use std::collections::BTreeSet;

use crate::none;
use crate::promql::Labels;
use crate::rules::{RULES, Rule};
use crate::templates;

const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];
const SCOPES: [&str; 9] = [
    "watchdog",
    "exporter",
    "data",
    "organization",
    "campus",
    "building",
    "floor",
    "sensor",
    "space",
];
/// What an alert may be told apart by: ids, never names, which change.
const IDENTITY: [&str; 8] = [
    "organization",
    "campus_id",
    "building_id",
    "floor_id",
    "space_id",
    "serial_number",
    "collector",
    "job",
];
/// The one that is about a single replica.
const ABOUT_A_REPLICA: (&str, &str) = ("DensityExporterDown", "warning");

fn is_camel_case(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.chars().all(|it| it.is_ascii_alphanumeric())
        && name.chars().any(|it| it.is_ascii_lowercase())
}

#[test]
fn names_begin_with_density_and_are_camel_case() {
    let names = RULES.alert_names();
    assert!(names.contains("DensityWatchdog"));
    for name in names {
        assert!(is_camel_case(name), "{name}");
        let rest = name.strip_prefix("Density").unwrap_or_default();
        assert!(is_camel_case(rest), "{name}");
    }
}

#[test]
fn an_alert_is_given_a_severity_and_a_scope_and_nothing_else() {
    for alert in &RULES.alerts {
        let given: Vec<&str> = alert.labels.keys().map(String::as_str).collect();
        assert_eq!(given, ["scope", "severity"], "{}", alert.title());
        let known = |list: &[&str], label: &str| list.contains(&alert.labels[label].as_str());
        assert!(known(&SEVERITIES, "severity"), "{}", alert.title());
        assert!(known(&SCOPES, "scope"), "{}", alert.title());
    }
}

#[test]
fn each_scope_is_of_some_alert() {
    let used: BTreeSet<&str> = RULES
        .alerts
        .iter()
        .map(|it| it.labels["scope"].as_str())
        .collect();
    assert_eq!(used, BTreeSet::from(SCOPES));
}

#[test]
fn labels_that_tell_alerts_apart_are_ids() {
    let mut complaints = Vec::new();
    for alert in &RULES.alerts {
        let labels = alert.labels_of_alerts().may;
        let replica = (alert.name.as_str(), alert.labels["severity"].as_str()) == ABOUT_A_REPLICA;
        for label in labels {
            let allowed = ["alertname", "severity", "scope"].contains(&label.as_str())
                || IDENTITY.contains(&label.as_str())
                || (replica && label == "instance");
            if !allowed {
                complaints.push(format!("{} has the label {label}", alert.title()));
            }
        }
    }
    none(&complaints);
}

/// An alert with labels that may be missing can't be told from one of another thing.
#[test]
fn an_alert_of_a_place_or_a_thing_always_has_its_id() {
    for alert in &RULES.alerts {
        let id = match alert.labels["scope"].as_str() {
            "organization" | "data" => "organization",
            "campus" => "campus_id",
            "floor" => "floor_id",
            "sensor" => "serial_number",
            "space" => "space_id",
            // Sensors in no building may be of unknown health too.
            "building" if alert.name != "DensityHealthUnknown" => "building_id",
            _ => continue,
        };
        let sure = alert.labels_of_alerts().sure;
        assert!(sure.contains(id), "{}: {sure:?}", alert.title());
    }
}

#[test]
fn a_summary_is_a_fixed_headline() {
    for alert in &RULES.alerts {
        let summary = &alert.annotations["summary"];
        assert!(!summary.contains("{{"), "{}: {summary}", alert.title());
        assert!(!summary.ends_with('.') && summary.len() <= 60, "{summary}");
        for other in RULES.alerts_named(&alert.name) {
            assert_eq!(summary, &other.annotations["summary"], "{}", alert.name);
        }
    }
}

#[test]
fn a_description_is_a_sentence() {
    for alert in &RULES.alerts {
        let description = alert.annotations["description"].trim_end();
        let ends = [".", "{{ end }}", "{{- end }}"]
            .iter()
            .any(|it| description.ends_with(it));
        assert!(ends && description.len() > 60, "{}", alert.title());
    }
}

/// What is wrong with the labels that the templates of an alert name.
fn complaints_about_templates(alert: &Rule) -> Vec<String> {
    let mut complaints = Vec::new();
    let of_alert = alert.labels_of_alerts().may;
    for (name, template) in &alert.annotations {
        let title = format!("{}, {name}", alert.title());
        for label in templates::labels_of_alert(template) {
            // The two rules of an exporter that is down share their annotations, and ask which it is.
            let asked = template.contains(&format!("if $labels.{label}"));
            if !of_alert.contains(label) && !asked {
                complaints.push(format!("{title}: the alert has no label {label}"));
            }
        }
        let results: Vec<Labels> = templates::queries(template)
            .iter()
            .map(|query| {
                let expr = promql_parser::parser::parse(query).expect(query);
                crate::promql::read(&expr, &RULES.recorded).0
            })
            .collect();
        for label in templates::labels_of_results(template) {
            if !results.iter().any(|it| it.may.contains(label)) {
                complaints.push(format!("{title}: no query gives a label {label}"));
            }
        }
    }
    complaints
}

#[test]
fn templates_name_labels_that_are_there() {
    let complaints = RULES.alerts.iter().flat_map(complaints_about_templates);
    none(&complaints.collect::<Vec<_>>());
}
