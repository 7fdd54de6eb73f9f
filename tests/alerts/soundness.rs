//! What can be wrong with an expression whatever the data is.

use std::collections::BTreeMap;

use promql_parser::parser::token::{T_LAND, T_LOR, T_LUNLESS};
use promql_parser::parser::{BinaryExpr, Expr, VectorSelector};

use crate::promql::{check, children, read};
use crate::rules::{RULES, Rule};
use crate::{none, templates};

/// Alerts that fire at once: one that fires always, and one whose expression looks back over an hour.
const WITHOUT_FOR: [&str; 2] = ["DensityWatchdog", "DensitySensorFlapping"];
/// The alert that is meant to fire always.
const UNCONDITIONAL: [&str; 1] = ["DensityWatchdog"];

#[test]
fn rules_name_what_there_is() {
    let complaints = RULES.all().flat_map(|rule| {
        let (_, complaints) = read(&rule.expr, &RULES.recorded);
        complaints
            .into_iter()
            .map(|it| format!("{}: {it}", rule.title()))
    });
    none(&complaints.collect::<Vec<_>>());
}

#[test]
fn queries_in_annotations_name_what_there_is() {
    let mut complaints = Vec::new();
    let mut queries = 0;
    for alert in &RULES.alerts {
        for query in alert
            .annotations
            .values()
            .flat_map(|it| templates::queries(it))
        {
            queries += 1;
            let found = check(&query, &RULES.recorded);
            complaints.extend(found.iter().map(|it| format!("{}: {it}", alert.title())));
        }
    }
    none(&complaints);
    assert!(queries > 20, "only {queries} were found");
}

#[test]
fn a_moment_is_not_enough_for_an_alert() {
    for alert in &RULES.alerts {
        let exempt = WITHOUT_FOR.contains(&alert.name.as_str());
        assert_eq!(alert.wait.is_none(), exempt, "{}", alert.title());
    }
}

#[test]
fn no_rule_is_there_twice() {
    let mut seen = BTreeMap::new();
    for rule in RULES.all() {
        let identity = (&rule.name, &rule.labels);
        assert!(
            seen.insert(format!("{identity:?}"), rule).is_none(),
            "{}",
            rule.title()
        );
        // Thresholds may well be the same number.
        if !matches!(rule.expr, Expr::NumberLiteral(_)) {
            let earlier = seen.insert(rule.expr.prettify(), rule);
            let earlier = earlier.map(Rule::title);
            assert_eq!(earlier, None, "{} asks the same", rule.title());
        }
    }
}

/// Whether there are times at which the expression gives nothing although everything is well scraped.
fn is_conditional(expr: &Expr, above: &mut Vec<String>) -> bool {
    match expr {
        Expr::Binary(it) => is_conditional_binary(it, above),
        Expr::Call(it) if it.func.name.starts_with("absent") => true,
        Expr::VectorSelector(it) => is_recorded_conditionally(it, above),
        Expr::MatrixSelector(it) => is_recorded_conditionally(&it.vs, above),
        _ => children(expr)
            .into_iter()
            .any(|it| is_conditional(it, above)),
    }
}

fn is_conditional_binary(binary: &BinaryExpr, above: &mut Vec<String>) -> bool {
    let boolean = binary.modifier.as_ref().is_some_and(|it| it.return_bool);
    match binary.op.id() {
        T_LOR => is_conditional(&binary.lhs, above) && is_conditional(&binary.rhs, above),
        T_LUNLESS => true,
        T_LAND => is_conditional(&binary.lhs, above) || is_conditional(&binary.rhs, above),
        _ if binary.op.is_comparison_operator() && !boolean => true,
        _ => is_conditional(&binary.lhs, above) || is_conditional(&binary.rhs, above),
    }
}

/// A recording that only holds itself is as conditional as the rest of it.
fn is_recorded_conditionally(selector: &VectorSelector, above: &mut Vec<String>) -> bool {
    let name = selector.name.clone().unwrap_or_default();
    if above.contains(&name) {
        return true;
    }
    let named = RULES.recordings.iter().filter(|it| it.name == name);
    let rules: Vec<&Rule> = named.collect();
    above.push(name);
    let conditional = |rule: &&Rule| is_conditional(&rule.expr, above);
    let conditional = !rules.is_empty() && rules.iter().all(conditional);
    above.pop();
    conditional
}

#[test]
fn an_alert_can_end() {
    for alert in &RULES.alerts {
        let conditional = is_conditional(&alert.expr, &mut Vec::new());
        let exempt = UNCONDITIONAL.contains(&alert.name.as_str());
        assert_eq!(conditional, !exempt, "{}", alert.title());
    }
}

/// The selectors of all rules, each with its rule.
fn selectors() -> Vec<(&'static Rule, &'static VectorSelector)> {
    let mut selectors = Vec::new();
    let mut waiting: Vec<(&Rule, &Expr)> = RULES.all().map(|it| (it, &it.expr)).collect();
    while let Some((rule, expr)) = waiting.pop() {
        waiting.extend(children(expr).into_iter().map(|it| (rule, it)));
        match expr {
            Expr::VectorSelector(it) => selectors.push((rule, it)),
            Expr::MatrixSelector(it) => selectors.push((rule, &it.vs)),
            _ => {}
        }
    }
    selectors
}

#[test]
fn every_recording_is_used() {
    let used: Vec<&str> = selectors()
        .iter()
        .filter_map(|it| it.1.name.as_deref())
        .collect();
    for recording in &RULES.recordings {
        assert!(
            used.contains(&recording.name.as_str()),
            "{}",
            recording.name
        );
    }
}

/// The values for which a selector matches a label by name.
fn named(selector: &VectorSelector, label: &str) -> Vec<String> {
    let matchers = selector.matchers.find_matchers(label);
    let values = matchers.iter().flat_map(|it| it.value.split('|'));
    values.map(str::to_owned).collect()
}

#[test]
fn alerts_that_rules_read_exist() {
    let known = RULES.alert_names();
    for (rule, selector) in selectors() {
        if selector.name.as_deref() == Some("ALERTS") {
            let names = named(selector, "alertname");
            assert!(!names.is_empty(), "{} reads any alert", rule.title());
            for name in names {
                assert!(
                    known.contains(name.as_str()),
                    "{} reads {name}",
                    rule.title()
                );
            }
        }
    }
}

/// What only fresh data raises must hold itself when the data gets old, else that resolves it.
#[test]
fn what_fresh_data_raises_stands_without_it() {
    let mut raised = 0;
    for (rule, selector) in selectors() {
        if selector.name.as_deref() == Some("density:sensor_health:fresh") {
            raised += 1;
            let own = |other: &VectorSelector| {
                other.name.as_deref() == Some("ALERTS")
                    && named(other, "alertname").contains(&rule.name)
            };
            let holds = selectors()
                .iter()
                .any(|it| std::ptr::eq(it.0, rule) && own(it.1));
            assert!(holds, "{}", rule.title());
        }
    }
    assert!(raised > 5, "only {raised} rules ask for fresh data");
}
