//! Values that no series ever has, matchers that are not what they seem, and functions that don't fit
//! the metric.

use density_exporter::config::Collector;
use density_exporter::density::Endpoint;
use density_exporter::simulator::Health;
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, VectorSelector};

use super::children;
use super::series::{self, Behaviour};

/// Functions that mean something for what only ever grows, and starts anew with the process.
const FOR_COUNTERS: [&str; 4] = ["rate", "irate", "increase", "resets"];
/// Functions that mean something for both.
const FOR_BOTH: [&str; 5] = [
    "changes",
    "absent",
    "absent_over_time",
    "present_over_time",
    "count_over_time",
];

pub fn complaints(expr: &Expr) -> Vec<String> {
    let mut complaints = Vec::new();
    walk(expr, None, &mut complaints);
    complaints
}

/// Reads `expr`, which is an argument of `function` if anything.
fn walk(expr: &Expr, function: Option<&str>, complaints: &mut Vec<String>) {
    match expr {
        Expr::VectorSelector(it) => selector(it, function, complaints),
        Expr::MatrixSelector(it) => selector(&it.vs, function, complaints),
        _ => {
            let function = match expr {
                Expr::Call(it) => Some(it.func.name),
                Expr::Paren(_) | Expr::Subquery(_) => function,
                _ => None,
            };
            for child in children(expr) {
                walk(child, function, complaints);
            }
        }
    }
}

fn selector(selector: &VectorSelector, function: Option<&str>, complaints: &mut Vec<String>) {
    let name = selector.name.as_deref().unwrap_or_default();
    let behaviour = series::find(name).map_or(Behaviour::Varies, |(_, behaviour)| behaviour);
    let fits = |functions: &[&str]| function.is_some_and(|it| functions.contains(&it));
    match behaviour {
        Behaviour::Counts if !fits(&FOR_COUNTERS) && !fits(&FOR_BOTH) => {
            complaints.push(format!("{name} is a counter and needs rate or increase"));
        }
        Behaviour::Varies if fits(&FOR_COUNTERS) => {
            complaints.push(format!(
                "{name} is no counter: {} is wrong",
                function.unwrap_or_default()
            ));
        }
        Behaviour::Counts | Behaviour::Varies => {}
    }
    let matchers = &selector.matchers.matchers;
    complaints.extend(matchers.iter().filter_map(matcher));
    for (index, one) in matchers.iter().enumerate() {
        let excluded = matchers[index + 1..].iter().any(|other| {
            other.name == one.name && one.op == MatchOp::Equal && !other.is_match(&one.value)
        });
        if excluded {
            complaints.push(format!(
                "no {name} matches both of the matchers of {:?}",
                one.name
            ));
        }
    }
}

/// The values that a label can have, where they are few and known.
fn values_of(label: &str) -> Option<Vec<&'static str>> {
    match label {
        "collector" => Some(Collector::ALL.map(Collector::name).to_vec()),
        "endpoint" => Some(Endpoint::ALL.map(Endpoint::name).to_vec()),
        "status" => Some(Health::ALL.map(Health::name).to_vec()),
        "alertstate" => Some(vec!["pending", "firing"]),
        _ => None,
    }
}

fn matcher(matcher: &Matcher) -> Option<String> {
    let literal = |text: &str| {
        let plain = |it: char| it.is_alphanumeric() || "_- :/".contains(it);
        text.chars().all(plain)
    };
    let alternatives: Vec<&str> = match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => vec![&matcher.value],
        MatchOp::Re(_) | MatchOp::NotRe(_) if literal(&matcher.value) => {
            return Some(format!("{matcher} is no pattern: = or != says the same"));
        }
        MatchOp::Re(_) | MatchOp::NotRe(_) => matcher.value.split('|').collect(),
    };
    let values = values_of(&matcher.name)?;
    let unknown = |it: &&str| !it.is_empty() && literal(it) && !values.contains(it);
    let unknown = alternatives.into_iter().find(unknown)?;
    Some(format!(
        "{matcher}: {:?} is never {unknown:?}",
        matcher.name
    ))
}
