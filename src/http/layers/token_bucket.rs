//! How often may be asked: a bucket of tokens, one of which each request takes.

use std::sync::{Mutex, PoisonError};

use crate::clock::Instant;
use crate::http::web_config::Rate;

/// The tokens that are left; full at first.
#[derive(Debug, Default)]
pub(super) struct Bucket(Mutex<Option<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    rate: Rate,
    /// When the bucket is full again, if nothing is taken.
    full: Instant,
}

impl Bucket {
    /// Takes a token, if there is one at `now`. Another rate than before begins with a full bucket.
    pub(super) fn take(&self, rate: Rate, now: Instant) -> bool {
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
    use std::time::Duration;

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
