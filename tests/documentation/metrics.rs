//! Metrics that pages name exist.

use density_exporter::exposition::MetricKind;
use density_exporter::metrics::catalogue;
use regex::Regex;

use crate::markdown::pages;
use crate::{none, read};

/// The names of the catalogue's series and of what the alert rules record.
fn known() -> Vec<String> {
    let mut known = Vec::new();
    for family in catalogue::ALL {
        known.push(family.name.to_owned());
        if family.kind == MetricKind::Histogram {
            known.extend(["_bucket", "_sum", "_count"].map(|it| format!("{}{it}", family.name)));
        }
    }
    let rules = read("alerts/density.rules.yml");
    let recorded = Regex::new(r"(?m)^ *- record: (\S+)$").unwrap();
    known.extend(recorded.captures_iter(&rules).map(|it| it[1].to_owned()));
    assert!(known.len() > 60, "{known:?}");
    known
}

/// Names of metrics and recordings in a text. One that goes on with `*` or `_` stands for several.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || "_:*".contains(it)));
    words
        .filter(|it| it.starts_with("density_") || it.starts_with("density:"))
        .map(|it| it.trim_end_matches(':'))
        .filter(|it| !it.contains('*') && !it.ends_with('_'))
}

#[test]
fn every_metric_that_a_page_names_exists() {
    let known = known();
    let mut complaints = Vec::new();
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        for name in names(&text) {
            count += 1;
            if !known.iter().any(|it| it == name) {
                complaints.push(format!("{page}: there is no {name}"));
            }
        }
    }
    none(&complaints);
    assert!(count > 200, "only {count} names were found");
}
