//! What is joined can be joined, and nothing is counted twice.

use promql_parser::parser::token::{T_AVG, T_COUNT, T_COUNT_VALUES, T_SUM};
use promql_parser::parser::{AggregateExpr, Expr};
use promql_parser::util::{ExprVisitor, walk_expr};

use crate::files::{Dashboard, assert_none};
use crate::labels::infer;
use crate::promql::parse;

#[test]
fn no_join_can_fail_and_every_label_that_it_uses_is_there() {
    let mut complaints = Vec::new();
    for dashboard in Dashboard::all() {
        for query in dashboard.queries() {
            let mut found = Vec::new();
            infer(&parse(query.expression).unwrap(), &mut found);
            complaints.extend(found.iter().map(|it| format!("{}: {it}", query.place)));
        }
    }
    assert_none(&complaints);
}

/// Sums, means and counts of a query.
#[derive(Default)]
struct Counts(Vec<AggregateExpr>);

impl ExprVisitor for Counts {
    type Error = ();

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
        if let Expr::Aggregate(it) = expression
            && [T_SUM, T_AVG, T_COUNT, T_COUNT_VALUES].contains(&it.op.id())
        {
            self.0.push(it.clone());
        }
        Ok(true)
    }
}

/// Replicas of the exporter show the same sensors and spaces, and several jobs may scrape one of them.
/// Calls are made by each replica, so they may be added up over instances, but never over jobs.
#[test]
fn a_second_replica_doubles_nothing() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        let about_the_exporter = dashboard.file == "density-exporter.json";
        let forbidden = if about_the_exporter {
            vec!["job"]
        } else {
            vec!["job", "instance"]
        };
        for query in dashboard.panel_queries() {
            let parsed = parse(query.expression).unwrap();
            let mut counts = Counts::default();
            walk_expr(&mut counts, &parsed).unwrap();
            let inner = counts.0.iter().map(|it| (it.to_string(), &*it.expr));
            let whole = (query.expression.to_owned(), &parsed);
            for (text, expression) in inner.chain([whole]) {
                seen += 1;
                let series = infer(expression, &mut Vec::new());
                // What other labels tell apart stands there once, with those of one replica.
                let is_once = |label: &str| {
                    let unique_by = series.unique_by.as_ref();
                    unique_by.is_some_and(|it| !it.contains(label))
                };
                let doubled = |label: &&&str| series.labels.contains(**label) && !is_once(label);
                for label in forbidden.iter().filter(doubled) {
                    complaints.push(format!(
                        "{}: {label} is not aggregated away: {text}",
                        query.place
                    ));
                }
            }
        }
    }
    assert!(seen > 100, "{seen} results");
    assert_none(&complaints);
}

/// What is left out would else be taken for what is not there.
#[test]
fn every_cap_is_told_to_who_reads() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            let description = panel.json["description"].as_str().unwrap();
            for query in panel.queries() {
                for cap in query.expression.split("topk(").skip(1) {
                    let cap = cap.split(',').next().unwrap();
                    seen += 1;
                    if !description.contains(cap) {
                        complaints.push(format!("{}: at most {cap}", panel.place()));
                    }
                }
            }
        }
    }
    assert!(seen > 5, "{seen} caps");
    assert_none(&complaints);
}
