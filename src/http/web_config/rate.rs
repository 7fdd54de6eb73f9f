//! `rate_limit`: a bucket of tokens, one of which each request takes.

use std::time::Duration;

use crate::config::duration;
use crate::yaml::scalar::{Scalar, count};
use crate::yaml::section::Section;

use super::raw;

const LONGEST_INTERVAL: Duration = Duration::from_secs(24 * 3600);
const LARGEST_BURST: u32 = 1_000_000;

/// How often may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Rate {
    /// After this time there is one more token.
    pub(in crate::http) interval: Duration,
    /// No more tokens than these are kept.
    pub(in crate::http) burst: u32,
}

/// Checks the section; an interval of 0 is no limit.
pub(super) fn check(raw: &raw::RateLimit, mut section: Section<'_>) -> Option<Rate> {
    let interval = section.value("interval", &raw.interval, duration_with_unit);
    let is_limit = interval.is_none_or(|it| !it.is_zero());
    let bursts = u32::from(is_limit)..=LARGEST_BURST;
    let burst = section.value("burst", &raw.burst, count(bursts));
    if !raw.interval.is_given() && raw.burst.is_given() {
        let message = "is given without interval; add it, such as 1s";
        section.refuse("burst", raw.burst.position, message);
    }
    if interval.is_some() && is_limit && !raw.burst.is_given() {
        let message = "is given without burst, so no request would be answered; add it";
        section.refuse("interval", raw.interval.position, message);
    }
    let interval = interval.filter(|it| !it.is_zero())?;
    Some(Rate {
        interval,
        burst: burst?,
    })
}

/// To Go's reader a bare number is nanoseconds, to ours seconds, and neither is what one expects.
fn duration_with_unit(value: &Scalar) -> Result<Duration, String> {
    let read = match value {
        Scalar::Number(text) if text == "0" => Some(Duration::ZERO),
        Scalar::Text(text) => duration::parse(text).ok(),
        _ => None,
    };
    read.filter(|it| *it <= LONGEST_INTERVAL).ok_or_else(|| {
        "is not a duration from 0s to 24h; write one with its unit, such as 1s or 250ms".to_owned()
    })
}
