//! The series that there are without any rule: the catalogue's, and Prometheus' own.

use density_exporter::exposition::MetricKind;
use density_exporter::metrics::catalogue;

/// Labels that Prometheus gives to each target.
const TARGET: [&str; 2] = ["job", "instance"];

/// What the alerts of this project are told apart by.
const ALERTS: [&str; 12] = [
    "alertname",
    "alertstate",
    "severity",
    "scope",
    "organization",
    "campus_id",
    "building_id",
    "floor_id",
    "space_id",
    "serial_number",
    "collector",
    "job",
];

/// What Prometheus writes about each scrape.
const SCRAPES: [&str; 4] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_series_added",
];

/// Labels that a series has wherever its metric has them. All others may be empty, and then are left
/// out.
pub const NEVER_EMPTY: [&str; 15] = [
    "organization",
    "serial_number",
    "space_id",
    "collector",
    "status",
    "endpoint",
    "code",
    "reason",
    "host",
    "handler",
    "lifecycle",
    "job",
    "instance",
    "alertname",
    "alertstate",
];

/// The names of all labels that series have without any rule.
pub fn labels() -> impl Iterator<Item = &'static str> {
    let of_metrics = catalogue::ALL.iter().flat_map(|it| it.labels);
    of_metrics.chain(&ALERTS).chain(&TARGET).copied()
}

/// How the values of a metric behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Counts,
    Varies,
}

/// The labels of a metric and how it behaves; none when there is no such metric.
pub fn find(name: &str) -> Option<(Vec<&'static str>, Behaviour)> {
    if SCRAPES.contains(&name) {
        return Some((TARGET.to_vec(), Behaviour::Varies));
    }
    if name == "ALERTS" {
        return Some((ALERTS.to_vec(), Behaviour::Varies));
    }
    catalogue::ALL.iter().find_map(|family| {
        let mut labels = family.labels.to_vec();
        labels.extend(TARGET);
        match family.kind {
            MetricKind::Gauge => (name == family.name).then_some((labels, Behaviour::Varies)),
            MetricKind::Counter => (name == family.name).then_some((labels, Behaviour::Counts)),
            MetricKind::Histogram => {
                let part = name.strip_prefix(family.name)?;
                if part == "_bucket" {
                    labels.push("le");
                }
                ["_bucket", "_sum", "_count"]
                    .contains(&part)
                    .then_some((labels, Behaviour::Counts))
            }
        }
    })
}
