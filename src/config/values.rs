//! The file's sections that hold for every organization: collectors, budget, request, stale.
//!
//! Limits stand here, next to the reading; defaults stand with the types that are made.

use std::time::Duration;

use crate::yaml::error::quoted;
use crate::yaml::scalar::{Scalar, boolean, count};
use crate::yaml::section::Section;

use super::collector::Collector;

use super::settings::{Budget, CollectorSettings, Request, Stale};
use super::{duration, raw, size};

/// Longer than anyone wants to wait or to keep old data, and short enough to catch a wrong unit.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Checks `collectors`.
pub(super) fn collectors(file: &raw::Config, root: &mut Section<'_>) -> CollectorSettings {
    let (mut section, collectors) = root.section("collectors", &file.collectors);
    let mut settings = CollectorSettings::default();
    for collector in Collector::ALL {
        let (mut section, raw) = section.section(collector.name(), &collectors[collector]);
        let limits = Duration::from_secs(1)..=LONGEST;
        let ttl = section.value("ttl", &raw.ttl, duration::judge(limits));
        let enabled = section.value("enabled", &raw.enabled, boolean);
        let ttl = ttl.unwrap_or(collector.default_ttl());
        settings.set(collector, enabled.unwrap_or(true).then_some(ttl));
    }
    if settings.enabled().iter().next().is_none() {
        let message = "all are turned off, so there is nothing to show; enable at least one";
        section.refuse("", None, message);
    }
    settings
}

/// Checks `budget`.
pub(super) fn budget(file: &raw::Config, root: &mut Section<'_>) -> Budget {
    let (mut section, raw) = root.section("budget", &file.budget);
    let (default, limit) = (Budget::default(), Budget::DOCUMENTED_LIMIT);
    let key = "exceed_documented_limit";
    let may_exceed = section.value(key, &raw.exceed_documented_limit, boolean) == Some(true);
    let rate = |it| match rate(it)? {
        rate if rate > limit.requests_per_second && !may_exceed => {
            Err(above(limit.requests_per_second, "calls a second"))
        }
        rate => Ok(rate),
    };
    let burst = |it| match count(1..=100_000)(it)? {
        burst if burst > limit.burst && !may_exceed => Err(above(limit.burst, "calls at once")),
        burst => Ok(burst),
    };
    let rate = section.value("requests_per_second", &raw.requests_per_second, rate);
    let burst = section.value("burst", &raw.burst, burst);
    Budget {
        requests_per_second: rate.unwrap_or(default.requests_per_second),
        burst: burst.unwrap_or(default.burst),
    }
}

/// A number greater than 0.
fn rate(value: &Scalar) -> Result<f64, String> {
    let Scalar::Number(text) = value else {
        return Err(value.wrong_type("a number greater than 0"));
    };
    let most = 100_000.0;
    let found = text.parse().ok().filter(|it| *it > 0.0 && *it <= most);
    found.ok_or_else(|| {
        let text = quoted(text);
        format!("{text} can't be used; write a number greater than 0 and at most {most}")
    })
}

fn above(limit: impl std::fmt::Display, what: &str) -> String {
    format!(
        "is above Density's documented limit of {limit} {what}; lower it, or set \
         budget.exceed_documented_limit: true if Density granted you more"
    )
}

/// Checks `request`.
pub(super) fn request(file: &raw::Config, root: &mut Section<'_>) -> Request {
    let (mut section, raw) = root.section("request", &file.request);
    let default = Request::default();
    let timeouts = Duration::from_millis(100)..=Duration::from_secs(300);
    let timeout = section.value("timeout", &raw.timeout, duration::judge(timeouts));
    let retries = section.value("retries", &raw.retries, count(0..=10));
    let batch_size = section.value("batch_size", &raw.batch_size, count(0..=100_000));
    let batch_size = batch_size.map(|it| usize::try_from(it).unwrap_or(usize::MAX));
    let sizes = (1 << 20)..=(64 << 30);
    let max_memory = section.value("max_memory", &raw.max_memory, size::judge(sizes));
    Request {
        timeout: timeout.unwrap_or(default.timeout),
        retries: retries.unwrap_or(default.retries),
        batch_size: batch_size.unwrap_or(default.batch_size),
        max_memory: max_memory.unwrap_or(default.max_memory),
    }
}

/// Checks `stale`.
pub(super) fn stale(file: &raw::Config, root: &mut Section<'_>) -> Stale {
    let (mut section, raw) = root.section("stale", &file.stale);
    let max_age = section.value(
        "max_age",
        &raw.max_age,
        duration::judge(Duration::ZERO..=LONGEST),
    );
    let max_age = max_age.unwrap_or(Stale::default().max_age);
    Stale { max_age }
}
