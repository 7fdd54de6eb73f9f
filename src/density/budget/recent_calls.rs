//! Counts the calls of the last minute.

use std::time::Duration;

use crate::clock::Instant;

const SECONDS: usize = 60;

/// Calls by the second in which they were made. Its size does not depend on the number of calls.
#[derive(Debug)]
pub(super) struct RecentCalls {
    calls: [u64; SECONDS],
    /// The most recent second in `calls`.
    second: u64,
}

impl RecentCalls {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            calls: [0; SECONDS],
            second: second(now),
        }
    }

    pub(super) fn count(&mut self, now: Instant) {
        self.expire(now);
        if let Some(calls) = self.calls.get_mut(slot(self.second)) {
            *calls = calls.saturating_add(1);
        }
    }

    pub(super) fn sum(&mut self, now: Instant) -> u64 {
        self.expire(now);
        self.calls.iter().sum()
    }

    /// Drops calls that are a minute old.
    fn expire(&mut self, now: Instant) {
        let now = second(now);
        let passed = now.saturating_sub(self.second).min(SECONDS as u64);
        for later in 1..=passed {
            let later = self.second.saturating_add(later);
            if let Some(calls) = self.calls.get_mut(slot(later)) {
                *calls = 0;
            }
        }
        self.second = self.second.max(now);
    }
}

fn slot(second: u64) -> usize {
    second as usize % SECONDS
}

fn second(instant: Instant) -> u64 {
    instant.since(Instant::new(Duration::ZERO)).as_secs()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_sum_is_of_the_last_60_seconds(gaps in prop::collection::vec(0u64..90, 1..80)) {
            let at = |seconds| Instant::new(Duration::from_secs(seconds));
            let mut recent = RecentCalls::new(at(100));
            let mut times = Vec::new();
            let mut now = 100;
            for gap in gaps {
                now += gap;
                recent.count(at(now));
                times.push(now);
                let expected = times.iter().filter(|it| now - **it < 60).count();
                prop_assert_eq!(recent.sum(at(now)), expected as u64);
            }
            prop_assert_eq!(recent.sum(at(now + 60)), 0);
        }
    }
}
