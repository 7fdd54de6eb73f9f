//! What a PromQL query asks for, compared with what there is: the catalogue's metrics and labels,
//! Prometheus' own, and what rules record.
//!
//! `check` is what tests call. It reads which labels the result of each part of a query may have, so
//! that a label in `by` or `on` is wrong as soon as nothing below it can carry it.

mod labels;
mod operators;
mod recorded;
mod series;
#[cfg(test)]
mod tests;
mod values;

use promql_parser::parser::{self, Expr};

pub use labels::Labels;
pub use recorded::{Recorded, Rule};

/// What is wrong with a query; nothing when it is sound. `recorded` is what rules record, and may be
/// `Recorded::default()`.
pub fn check(query: &str, recorded: &Recorded) -> Vec<String> {
    match parser::parse(query) {
        Ok(expr) => read(&expr, recorded).1,
        Err(error) => vec![format!("it can't be parsed: {error}")],
    }
}

/// The labels that the result of `expr` may have, and what is wrong with it.
pub fn read(expr: &Expr, recorded: &Recorded) -> (Labels, Vec<String>) {
    let mut reading = labels::Reading::new(recorded);
    let labels = reading.of(expr);
    let mut complaints = reading.complaints;
    complaints.extend(values::complaints(expr));
    (labels, complaints)
}

/// Whether there are series of that name without any rule.
pub fn is_series(name: &str) -> bool {
    series::find(name).is_some()
}

/// The parts of an expression that stand directly in it.
pub fn children(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Paren(it) => vec![&it.expr],
        Expr::Unary(it) => vec![&it.expr],
        Expr::Subquery(it) => vec![&it.expr],
        Expr::Aggregate(it) => it.param.iter().chain([&it.expr]).map(|it| &**it).collect(),
        Expr::Binary(it) => vec![&it.lhs, &it.rhs],
        Expr::Call(it) => it.args.args.iter().map(|it| &**it).collect(),
        Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => Vec::new(),
    }
}
