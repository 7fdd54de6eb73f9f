//! Every metric and every label that a query names is one that the exporter shows.

use crate::files::{Dashboard, assert_none};
use crate::labels::of_metric;
use crate::promql::{parse, selectors};

#[test]
fn every_query_is_promql_about_metrics_and_labels_that_there_are() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for query in dashboard.queries() {
            let parsed = match parse(query.expression) {
                Ok(parsed) => parsed,
                Err(error) => {
                    complaints.push(format!("{}: {error}", query.place));
                    continue;
                }
            };
            for selector in selectors(&parsed) {
                seen += 1;
                for metric in selector.metric.split('|') {
                    let Some(labels) = of_metric(metric) else {
                        complaints.push(format!("{}: there is no metric {metric:?}", query.place));
                        continue;
                    };
                    for matcher in &selector.matchers {
                        if matcher.name != "__name__" && !labels.contains(&matcher.name) {
                            let place = &query.place;
                            let label = &matcher.name;
                            complaints.push(format!("{place}: {metric} has no label {label}"));
                        }
                    }
                }
            }
        }
    }
    assert!(seen > 100, "{seen} selectors");
    assert_none(&complaints);
}

/// A value that a label can't have finds nothing, and is no error.
#[test]
fn what_labels_are_compared_with_is_what_they_can_be() {
    use density_exporter::config::Collector;

    let collectors: Vec<&str> = Collector::ALL.iter().map(|it| it.name()).collect();
    let known: &[(&str, &[&str])] = &[
        ("collector", &collectors),
        ("status", &["healthy", "degraded", "offline", "unknown"]),
        ("lifecycle", &["live"]),
        (
            "space_type",
            &[
                "portfolio",
                "region",
                "campus",
                "building",
                "floor",
                "space",
            ],
        ),
        ("alertstate", &["firing", "pending"]),
        ("severity", &["critical", "warning", "info"]),
        ("code", &["503"]),
    ];
    let mut complaints = Vec::new();
    for dashboard in Dashboard::all() {
        for query in dashboard.queries() {
            for selector in selectors(&parse(query.expression).unwrap()) {
                for matcher in &selector.matchers {
                    let known = known.iter().find(|(label, _)| *label == matcher.name);
                    let Some((label, known)) = known else {
                        continue;
                    };
                    for value in matcher.value.split('|') {
                        if !known.contains(&value) {
                            complaints.push(format!("{}: {label} {value:?}", query.place));
                        }
                    }
                }
            }
        }
    }
    assert_none(&complaints);
}
