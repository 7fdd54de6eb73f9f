//! Reading `alerts/alertmanager.yml`, and which alerts its matchers match.

use std::collections::BTreeMap;

use promql_parser::label::Matchers;
use promql_parser::parser::{self, Expr};
use saphyr::YamlOwned;

use crate::promql::Labels;
use crate::rules::{RULES, Rule};
use crate::yaml;

/// The configuration of Alertmanager.
pub fn config() -> YamlOwned {
    yaml::document("alerts/alertmanager.yml")
}

/// An alert, with the labels that it has or may have.
#[derive(Clone)]
pub struct Alert {
    pub rule: &'static Rule,
    /// The labels whose values are the same in each alert of the rule.
    pub given: BTreeMap<String, String>,
    pub labels: Labels,
}

pub fn alerts() -> Vec<Alert> {
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
pub fn matchers(node: &YamlOwned, key: &str) -> Matchers {
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
pub fn can_match(matchers: &Matchers, alert: &Alert) -> bool {
    matchers
        .matchers
        .iter()
        .all(|it| match alert.given.get(&it.name) {
            Some(value) => it.is_match(value),
            None => alert.labels.may.contains(&it.name) || it.is_match(""),
        })
}
