//! When one collector is due and how old its data is: a state machine without a clock of its own.

use std::time::Duration;

use crate::clock::Instant;

/// From this many failures in a row on, the collector backs off.
const FAILURES_BEFORE_BACKOFF: u32 = 3;
/// The first backoff; it doubles with each further failure.
const INITIAL_BACKOFF: Duration = Duration::from_secs(10);
/// The longest backoff.
const MAX_BACKOFF: Duration = Duration::from_secs(300);
/// The longest wait for the budget before the next attempt.
const MAX_BUDGET_WAIT: Duration = Duration::from_secs(3600);

/// When a collector is due and how long its data may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    ttl: Duration,
    max_age: Duration,
    /// When the refresh that fetched the data started.
    requested_at: Option<Instant>,
    failures: u32,
    not_before: Option<Instant>,
    /// The data was fetched under settings that have been replaced.
    is_invalidated: bool,
}

/// How old data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// There is none.
    Absent,
    /// Younger than its TTL.
    Fresh,
    /// Older than its TTL, but may still be shown.
    Old,
    /// Must no longer be shown.
    Expired,
}

impl Schedule {
    /// A collector that has fetched nothing yet. Its data is fresh for `ttl` and may then be shown for
    /// `max_age` more.
    pub fn new(ttl: Duration, max_age: Duration) -> Self {
        Self {
            ttl,
            max_age,
            requested_at: None,
            failures: 0,
            not_before: None,
            is_invalidated: false,
        }
    }

    /// Changes how long data is fresh and may be shown. The age of the data and past failures stay.
    pub fn configure(&mut self, ttl: Duration, max_age: Duration) {
        self.ttl = ttl;
        self.max_age = max_age;
    }

    /// The data was fetched under settings that have been replaced: it is due, and earlier failures say
    /// little about the next attempt.
    pub fn invalidate(&mut self) {
        self.is_invalidated = true;
        self.failures = self.failures.min(1);
        self.not_before = None;
    }

    /// Whether the data was fetched under settings that have been replaced.
    pub fn is_invalidated(&self) -> bool {
        self.is_invalidated
    }

    /// The data has been dropped, and a longer TTL does not bring it back.
    pub fn expire_data(&mut self) {
        self.requested_at = None;
    }

    /// Whether a scrape at `now` should request new data.
    pub fn is_due(&self, now: Instant) -> bool {
        let backing_off = self.not_before.is_some_and(|it| now < it);
        !backing_off && (self.is_invalidated || self.failures > 0 || self.age(now) != Age::Fresh)
    }

    /// A refresh that started at `requested_at` succeeded.
    pub fn succeeded(&mut self, requested_at: Instant) {
        self.requested_at = Some(requested_at);
        self.failures = 0;
        self.not_before = None;
        self.is_invalidated = false;
    }

    /// A refresh failed at `now`.
    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if let Some(further) = self.failures.checked_sub(FAILURES_BEFORE_BACKOFF) {
            let backoff = INITIAL_BACKOFF.saturating_mul(2u32.saturating_pow(further));
            self.not_before = Some(now + backoff.min(MAX_BACKOFF));
        }
    }

    /// A refresh failed at `now` because the budget has no call left for `wait`. That says nothing about the
    /// endpoint, so the collector is due again as soon as there is one.
    pub fn budget_exhausted(&mut self, now: Instant, wait: Duration) {
        self.failures = self.failures.max(1);
        self.not_before = Some(now + wait.min(MAX_BUDGET_WAIT));
    }

    /// When the refresh that fetched the data started; none before the first.
    pub fn requested_at(&self) -> Option<Instant> {
        self.requested_at
    }

    /// How many refreshes have failed since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How old the data is at `now`. Age counts from the start of the refresh.
    pub fn age(&self, now: Instant) -> Age {
        let Some(requested_at) = self.requested_at else {
            return Age::Absent;
        };
        let age = now.since(requested_at);
        if age < self.ttl {
            Age::Fresh
        } else if age <= self.ttl.saturating_add(self.max_age) {
            Age::Old
        } else {
            Age::Expired
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(30);
    const MAX_AGE: Duration = Duration::from_secs(600);

    fn at(seconds: u64) -> Instant {
        Instant::new(Duration::from_secs(seconds))
    }

    #[test]
    fn data_is_fresh_for_its_ttl_then_old_then_expired() {
        let mut schedule = Schedule::new(TTL, MAX_AGE);
        assert!(schedule.is_due(at(0)));
        assert_eq!(schedule.age(at(0)), Age::Absent);
        schedule.succeeded(at(100));
        let ages = [
            (100, Age::Fresh, false),
            (129, Age::Fresh, false),
            (130, Age::Old, true),
            (730, Age::Old, true),
            (731, Age::Expired, true),
        ];
        for (now, age, due) in ages {
            assert_eq!(
                (schedule.age(at(now)), schedule.is_due(at(now))),
                (age, due),
                "{now}"
            );
        }
    }

    #[test]
    fn the_third_failure_in_a_row_and_each_after_it_back_off_for_longer() {
        let mut schedule = Schedule::new(TTL, MAX_AGE);
        schedule.succeeded(at(0));
        let mut now = 30;
        for backing_off in [0, 0, 10, 20, 40, 80, 160, 300, 300, 300] {
            assert!(schedule.is_due(at(now)));
            schedule.failed(at(now));
            if backing_off > 0 {
                assert!(!schedule.is_due(at(now + backing_off - 1)));
            }
            now += backing_off;
        }
        assert!(schedule.is_due(at(now)));
        schedule.budget_exhausted(at(now), Duration::from_secs(45));
        assert!(!schedule.is_due(at(now + 44)));
        now += 45;
        assert!(schedule.is_due(at(now)));
        schedule.succeeded(at(now));
        assert_eq!(schedule.failures(), 0);
        assert!(!schedule.is_due(at(now)));
    }
}
