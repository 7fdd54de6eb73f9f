//! Queries as Prometheus reads them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use promql_parser::label::Matcher;
use promql_parser::parser::{self, Expr};

/// Stands for `$__rate_interval`, so that it is known again in a parsed query.
pub const RATE_INTERVAL_SECONDS: u64 = 4711;
/// Stands for `$__range`.
pub const RANGE_SECONDS: u64 = 4712;

/// A selector of series, and how it is used.
pub struct Selector {
    pub metric: String,
    pub matchers: Vec<Matcher>,
    /// Seconds, where it asks for a range.
    pub range: Option<u64>,
    /// The function around it.
    pub function: Option<&'static str>,
}

/// What was parsed before: many tests look at the same long queries.
static PARSED: Mutex<BTreeMap<String, Expr>> = Mutex::new(BTreeMap::new());

/// The query as Prometheus would parse it, with durations for Grafana's.
pub fn parse(expression: &str) -> Result<Expr, String> {
    if let Some(parsed) = PARSED.lock().unwrap().get(expression) {
        return Ok(parsed.clone());
    }
    let concrete = expression
        .replace("$__rate_interval", &format!("{RATE_INTERVAL_SECONDS}s"))
        .replace("$__range", &format!("{RANGE_SECONDS}s"));
    let parsed = parser::parse(&concrete)?;
    let mut known = PARSED.lock().unwrap();
    known.insert(expression.to_owned(), parsed.clone());
    Ok(parsed)
}

/// Every selector of the query.
pub fn selectors(expression: &Expr) -> Vec<Selector> {
    let mut found = Vec::new();
    collect(expression, None, &mut found);
    found
}

fn collect(expression: &Expr, function: Option<&'static str>, found: &mut Vec<Selector>) {
    match expression {
        Expr::VectorSelector(selector) => found.push(Selector {
            metric: metric(selector),
            matchers: selector.matchers.matchers.clone(),
            range: None,
            function,
        }),
        Expr::MatrixSelector(selector) => found.push(Selector {
            metric: metric(&selector.vs),
            matchers: selector.vs.matchers.matchers.clone(),
            range: Some(selector.range.as_secs()),
            function,
        }),
        Expr::Call(call) => {
            for argument in &call.args.args {
                collect(argument, Some(call.func.name), found);
            }
        }
        other => {
            for child in children(other) {
                collect(child, None, found);
            }
        }
    }
}

/// The metric's name; the pattern where the name is matched by one.
pub fn metric(selector: &parser::VectorSelector) -> String {
    selector.name.clone().unwrap_or_else(|| {
        let matchers = &selector.matchers.matchers;
        let name = matchers.iter().find(|it| it.name == "__name__");
        name.map(|it| it.value.clone()).unwrap_or_default()
    })
}

/// The expressions directly below one that is no selector and no call.
fn children(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::Aggregate(it) => vec![&it.expr],
        Expr::Unary(it) => vec![&it.expr],
        Expr::Binary(it) => vec![&it.lhs, &it.rhs],
        Expr::Paren(it) => vec![&it.expr],
        Expr::Subquery(it) => vec![&it.expr],
        _ => Vec::new(),
    }
}
