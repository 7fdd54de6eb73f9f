//! `rate_limit`: a bucket of tokens, one of which each request takes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Instant;
use crate::config::duration;
use crate::config::error::Problems;
use crate::config::field::Field;
use crate::config::tree::Value;

const KEYS: [&str; 2] = ["interval", "burst"];
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

/// Reads the section; an interval of 0 is no limit.
pub(super) fn read(field: &Field<'_>, problems: &mut Problems) -> Option<Rate> {
    let section = field.section(&KEYS, problems)?;
    let interval = section.field("interval");
    let read = interval.as_ref().and_then(|it| duration_of(it, problems));
    let burst = section.field("burst");
    match (&interval, &burst) {
        (None, Some(burst)) if !section.was_meant("interval") => {
            burst.refuse(problems, "is given without interval; add it, such as 1s");
        }
        (Some(interval), None)
            if !section.was_meant("burst") && read.is_some_and(|it| !it.is_zero()) =>
        {
            interval.refuse(
                problems,
                "is given without burst, so no request would be answered; add it",
            );
        }
        _ => {}
    }
    let least = u32::from(read.is_none_or(|it| !it.is_zero()));
    let burst = burst.and_then(|it| it.count(least..=LARGEST_BURST, problems));
    let interval = read.filter(|it| !it.is_zero())?;
    Some(Rate {
        interval,
        burst: burst?,
    })
}

/// A duration with a unit: to Go's reader a bare number is nanoseconds, to ours seconds, and neither is
/// what one expects.
fn duration_of(field: &Field<'_>, problems: &mut Problems) -> Option<Duration> {
    let read = match &field.node.value {
        Value::Number(text) if text == "0" => Some(Duration::ZERO),
        Value::Text(text) => duration::parse(text).ok(),
        _ => None,
    };
    let read = read.filter(|it| *it <= LONGEST_INTERVAL);
    if read.is_none() {
        field.refuse(
            problems,
            "is not a duration from 0s to 24h; write one with its unit, such as 1s or 250ms",
        );
    }
    read
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
