//! The file's sections that hold for every organization: collectors, budget, request, stale.
//!
//! Limits stand here, next to the reading; defaults stand with the types that are read.

use std::time::Duration;

use super::error::Problems;
use super::field::Field;
use super::section::Section;
use super::{Budget, Collector, CollectorSettings, Request, Stale};

/// Longer than anyone wants to wait or to keep old data, and short enough to catch a wrong unit.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The section of that name, where it is given and can be read.
fn open<'a>(
    root: &Section<'a>,
    name: &str,
    known: &[&'static str],
    problems: &mut Problems,
) -> Option<Section<'a>> {
    root.field(name)?.section(known, problems)
}

/// Reads `collectors`.
pub(super) fn collectors(root: &Section<'_>, problems: &mut Problems) -> CollectorSettings {
    let mut settings = CollectorSettings::default();
    let names = Collector::ALL.map(Collector::name);
    let Some(section) = open(root, "collectors", &names, problems) else {
        return settings;
    };
    for collector in Collector::ALL {
        if let Some(field) = section.field(collector.name()) {
            let ttl = collector_ttl(collector, &field, problems);
            settings.set(collector, ttl);
        }
    }
    if settings.enabled().iter().next().is_none() {
        problems.add(
            section.position(),
            section.path(),
            "all are turned off, so there is nothing to show; enable at least one",
        );
    }
    settings
}

/// The TTL, or `None` for a collector that was turned off.
fn collector_ttl(
    collector: Collector,
    field: &Field<'_>,
    problems: &mut Problems,
) -> Option<Duration> {
    let default = Some(collector.default_ttl());
    let Some(section) = field.section(&["ttl", "enabled"], problems) else {
        return default;
    };
    let ttl = section
        .field("ttl")
        .and_then(|it| it.duration(Duration::from_secs(1)..=LONGEST, problems));
    let enabled = section
        .field("enabled")
        .and_then(|it| it.boolean(problems))
        .unwrap_or(true);
    if enabled { ttl.or(default) } else { None }
}

/// Reads `budget`.
pub(super) fn budget(root: &Section<'_>, problems: &mut Problems) -> Budget {
    let mut budget = Budget::default();
    let known = ["requests_per_second", "burst", "exceed_documented_limit"];
    let Some(section) = open(root, "budget", &known, problems) else {
        return budget;
    };
    let may_exceed = section
        .field("exceed_documented_limit")
        .and_then(|it| it.boolean(problems))
        .unwrap_or(false);
    let limit = Budget::DOCUMENTED_LIMIT;
    if let Some(field) = section.field("requests_per_second")
        && let Some(rate) = field.rate(100_000.0, problems)
    {
        budget.requests_per_second = rate;
        if rate > limit.requests_per_second && !may_exceed {
            over(
                &field,
                limit.requests_per_second,
                "calls a second",
                problems,
            );
        }
    }
    if let Some(field) = section.field("burst")
        && let Some(burst) = field.count(1..=100_000, problems)
    {
        budget.burst = burst;
        if burst > limit.burst && !may_exceed {
            over(&field, f64::from(limit.burst), "calls at once", problems);
        }
    }
    budget
}

fn over(field: &Field<'_>, limit: f64, what: &str, problems: &mut Problems) {
    field.refuse(
        problems,
        format!(
            "is above Density's documented limit of {limit} {what}; lower it, or set \
             budget.exceed_documented_limit: true if Density granted you more"
        ),
    );
}

/// Reads `request`.
pub(super) fn request(root: &Section<'_>, problems: &mut Problems) -> Request {
    let mut request = Request::default();
    let known = ["timeout", "retries", "batch_size", "max_memory"];
    let Some(section) = open(root, "request", &known, problems) else {
        return request;
    };
    let timeouts = Duration::from_millis(100)..=Duration::from_secs(300);
    if let Some(timeout) = section
        .field("timeout")
        .and_then(|it| it.duration(timeouts, problems))
    {
        request.timeout = timeout;
    }
    if let Some(retries) = section
        .field("retries")
        .and_then(|it| it.count(0..=10, problems))
    {
        request.retries = retries;
    }
    if let Some(batch_size) = section
        .field("batch_size")
        .and_then(|it| it.count(0..=100_000, problems))
    {
        request.batch_size = usize::try_from(batch_size).unwrap_or(usize::MAX);
    }
    if let Some(max_memory) = section
        .field("max_memory")
        .and_then(|it| it.size((1 << 20)..=(64 << 30), problems))
    {
        request.max_memory = max_memory;
    }
    request
}

/// Reads `stale`.
pub(super) fn stale(root: &Section<'_>, problems: &mut Problems) -> Stale {
    let max_age = open(root, "stale", &["max_age"], problems)
        .and_then(|section| section.field("max_age"))
        .and_then(|field| field.duration(Duration::ZERO..=LONGEST, problems));
    max_age.map_or_else(Stale::default, |max_age| Stale { max_age })
}
