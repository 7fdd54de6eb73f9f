//! `rate_limit`: a bucket of tokens, one of which each request takes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Instant;
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
    let least = u32::from(is_limit);
    let burst = section.value("burst", &raw.burst, count(least..=LARGEST_BURST));
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

/// The tokens that are left; full at first.
#[derive(Debug, Default)]
pub(in crate::http) struct Bucket(Mutex<Option<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    rate: Rate,
    /// When the bucket is full again, if nothing is taken.
    full: Instant,
}

impl Bucket {
    /// Takes a token, if there is one at `now`. Another rate than before begins with a full bucket.
    pub(in crate::http) fn take(&self, rate: Rate, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = state.filter(|it| it.rate == rate);
        let full = kept.map_or(now, |it| it.full.max(now)) + rate.interval;
        let is_left = full.since(now) <= rate.interval.saturating_mul(rate.burst);
        if is_left {
            *state = Some(State { rate, full });
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_an_interval() {
        let rate = Rate {
            interval: Duration::from_secs(2),
            burst: 3,
        };
        let at = |seconds: u64| Instant::new(Duration::from_secs(100 + seconds));
        let bucket = Bucket::default();
        let taken = |second| bucket.take(rate, at(second));
        assert_eq!([0, 0, 0, 0, 1].map(taken), [true, true, true, false, false]);
        assert_eq!([2, 2, 4, 5].map(taken), [true, false, true, false]);
        // Rest fills it up, but not beyond.
        assert_eq!([900, 900, 900, 900].map(taken), [true, true, true, false]);
        let wider = Rate { burst: 4, ..rate };
        assert!(bucket.take(wider, at(900)));
    }
}
