//! The reader of queries, tried on queries that are known to be wrong.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::parser::{self, Expr};

use super::{Recorded, Rule, check, is_series, read};

/// What is said of a query when nothing is recorded.
fn said(query: &str) -> String {
    check(query, &Recorded::default()).join("; ")
}

#[test]
fn a_sound_query_raises_no_complaint() {
    for query in [
        "density_up == 0",
        "sum by (organization, code) (rate(density_api_requests_total{code!~\"2..\"}[5m])) > 0",
        "histogram_quantile(0.9, sum by (le) (rate(density_api_request_duration_seconds_bucket[5m])))",
        "density_sensor_health{status=~\"offline|degraded\"} * on (organization, serial_number) \
         group_left (building_id) max by (organization, serial_number, building_id) (density_sensor_info)",
        "label_replace(density_space_info, \"room\", \"$1\", \"space\", \"(.+)\")",
        "sum by (version) (count_values(\"version\", density_up))",
        "# A remark.\nmax without (instance) (density_up) unless on (job) up == 0",
    ] {
        assert_eq!(said(query), "", "{query}");
    }
}

#[test]
fn an_unsound_query_raises_a_complaint() {
    for (query, complaint) in [
        ("sum by (x", "can't be parsed"),
        ("density_upp", "no metric \"density_upp\""),
        ("{organization=\"acme\"}", "does not name a metric"),
        (
            "density_up{collector=\"spaces\"}",
            "matched by \"collector\"",
        ),
        (
            "sum by (floor_id) (density_up)",
            "aggregates by \"floor_id\"",
        ),
        // A label that was aggregated away is not there any more.
        (
            "sum by (job) (sum by (organization) (density_up))",
            "aggregates by \"job\"",
        ),
        (
            "density_up * on (space_id) density_space_info",
            "left of * is matched on \"space_id\"",
        ),
        (
            "density_space_info and on (serial_number) density_sensor_info",
            "left of and",
        ),
        ("sum(density_up) / sum by (job) (density_up)", "never match"),
        (
            "density_up * on (organization) group_left (floor) max by (organization) (density_space_info)",
            "asked to give \"floor\"",
        ),
        (
            "label_replace(density_up, \"a\", \"$1\", \"b\", \"(.+)\")",
            "label_replace reads \"b\"",
        ),
        (
            "density_collector_success{collector=\"space\"}",
            "never \"space\"",
        ),
        (
            "density_sensor_health{status=~\"offline|online\"}",
            "never \"online\"",
        ),
        (
            "density_sensor_health{status=~\"offline\"}",
            "is no pattern",
        ),
        (
            "density_up{organization=\"a\", organization=\"b\"}",
            "both of the matchers",
        ),
        ("sum(density_api_retries_total)", "needs rate"),
        ("rate(density_up[5m])", "no counter"),
    ] {
        assert!(
            said(query).contains(complaint),
            "{query}: {:?}",
            said(query)
        );
    }
}

#[test]
fn labels_are_read_through_recordings() {
    let parse = |query: &str| -> Expr { parser::parse(query).unwrap() };
    // The second rule reads the first, and itself.
    let exprs = [
        parse("max by (organization, floor_id) (density_sensor_info{floor_id!=\"\"})"),
        parse("first:of{kind=\"floor\"} or second:of > 0"),
    ];
    let kind = BTreeMap::from([("kind".to_owned(), "floor".to_owned())]);
    let rules = [("first:of", kind), ("second:of", BTreeMap::new())];
    let rules = rules
        .iter()
        .zip(&exprs)
        .map(|((name, labels), expr)| Rule { name, labels, expr });
    let recorded = Recorded::of(&rules.collect::<Vec<_>>());

    let (labels, complaints) = read(&parse("second:of"), &recorded);
    assert_eq!(complaints, Vec::<String>::new());
    let expected = ["floor_id", "kind", "organization"].map(str::to_owned);
    assert_eq!(labels.may, BTreeSet::from(expected.clone()));
    assert_eq!(labels.sure, BTreeSet::from(expected));
    assert!(!check("first:of{kind=\"room\"}", &recorded).is_empty());
    assert!(!check("sum by (job) (second:of)", &recorded).is_empty());
}

#[test]
fn parts_of_histograms_are_series() {
    assert!(is_series("density_api_request_duration_seconds_bucket"));
    assert!(!is_series("density_api_request_duration_seconds_total"));
    assert!(!is_series("density_up_bucket"));
}
