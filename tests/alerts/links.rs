//! Where the annotations of alerts lead.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rules::{RULES, Rule};
use crate::{none, path, read};

#[test]
fn a_runbook_url_leads_to_the_runbook_of_that_alert() {
    for alert in &RULES.alerts {
        let url = &alert.annotations["runbook_url"];
        let file = url.split_once("/blob/main/").expect(url).1;
        assert_eq!(file, format!("docs/runbooks/{}.md", alert.name));
        let title = format!("# {}", alert.name);
        assert_eq!(read(file).lines().next(), Some(title.as_str()), "{file}");
    }
}

/// The names of a dashboard's variables, and what is wrong with the dashboard itself.
fn variables(uid: &str) -> Result<BTreeSet<String>, String> {
    let file = format!("dashboards/{uid}.json");
    let text = std::fs::read_to_string(path(&file)).map_err(|error| format!("{file}: {error}"))?;
    let dashboard: Value =
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    if dashboard["uid"] != uid {
        return Err(format!("{file}: its uid is {}", dashboard["uid"]));
    }
    let variables = dashboard["templating"]["list"].as_array();
    let names = variables.into_iter().flatten();
    Ok(names
        .filter_map(|it| Some(it["name"].as_str()?.to_owned()))
        .collect())
}

/// What is wrong with the address of an alert's dashboard.
fn complaints(alert: &Rule) -> Vec<String> {
    let url = &alert.annotations["dashboard_url"];
    let (_, rest) = url.split_once("/d/").expect(url);
    let (uid, query) = rest.split_once('?').unwrap_or((rest, ""));
    let known = match variables(uid) {
        Ok(known) => known,
        Err(complaint) => return vec![format!("{}: {complaint}", alert.title())],
    };
    let mut complaints = Vec::new();
    for parameter in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = parameter.split_once('=').expect(url);
        let name = name.strip_prefix("var-").expect(url);
        if !known.contains(name) {
            complaints.push(format!("{}: {uid} has no variable {name}", alert.title()));
        }
        if !(value.starts_with("{{ $labels.") && value.ends_with(" | urlquery }}")) {
            complaints.push(format!("{}: {value} is not escaped", alert.title()));
        }
    }
    complaints
}

#[test]
fn a_dashboard_url_leads_to_a_dashboard_with_these_variables() {
    let complaints = RULES.alerts.iter().flat_map(complaints);
    none(&complaints.collect::<Vec<_>>());
}
