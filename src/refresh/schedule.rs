//! When one collector is due, and how old its data is: a state machine that is told the time.

use std::time::Duration;

use crate::clock::Instant;

/// From this failure in a row on, the collector is left alone for a while.
const PATIENCE: u32 = 3;
/// How long it is left alone at first; twice as long after each further failure.
const FIRST_BACKOFF: Duration = Duration::from_secs(10);
/// The longest that it is left alone.
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);

/// When a collector is due and how long its data stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    ttl: Duration,
    max_age: Duration,
    /// When the refresh began that brought the data.
    asked_at: Option<Instant>,
    failures: u32,
    not_before: Option<Instant>,
    /// The data came in a way that is configured no more.
    is_outdated: bool,
}

/// The longest that it waits for the budget before it asks again.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How old data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// There is none.
    Absent,
    /// Younger than its TTL.
    Fresh,
    /// Older than its TTL, but it may still be shown.
    Old,
    /// It may no longer be shown.
    Ended,
}

impl Schedule {
    /// A collector that has fetched nothing yet. Its data is fresh for `ttl` and then stands for
    /// `max_age` more.
    pub fn new(ttl: Duration, max_age: Duration) -> Self {
        Self {
            ttl,
            max_age,
            asked_at: None,
            failures: 0,
            not_before: None,
            is_outdated: false,
        }
    }

    /// Changes how long data is fresh and stands. How old it is and what has failed stays.
    pub fn configure(&mut self, ttl: Duration, max_age: Duration) {
        self.ttl = ttl;
        self.max_age = max_age;
    }

    /// The data came in a way that is configured no more: it is due, and what has failed before says
    /// little of what is to come.
    pub fn outdate(&mut self) {
        self.is_outdated = true;
        self.failures = self.failures.min(1);
        self.not_before = None;
    }

    /// Whether the data came in a way that is configured no more.
    pub fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// The data is gone, and does not come back by a longer TTL.
    pub fn forget_data(&mut self) {
        self.asked_at = None;
    }

    /// Whether a scrape at `now` should ask for new data.
    pub fn is_due(&self, now: Instant) -> bool {
        let left_alone = self.not_before.is_some_and(|it| now < it);
        !left_alone && (self.is_outdated || self.failures > 0 || self.age(now) != Age::Fresh)
    }

    /// A refresh that began at `asked_at` brought data.
    pub fn succeeded(&mut self, asked_at: Instant) {
        self.asked_at = Some(asked_at);
        self.failures = 0;
        self.not_before = None;
        self.is_outdated = false;
    }

    /// A refresh failed at `now`.
    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if let Some(further) = self.failures.checked_sub(PATIENCE) {
            let backoff = FIRST_BACKOFF.saturating_mul(2u32.saturating_pow(further));
            self.not_before = Some(now + backoff.min(LONGEST_BACKOFF));
        }
    }

    /// A refresh failed at `now` because there is no call left in the budget for `wait`. That says
    /// nothing of the endpoint, so it is due again as soon as there is one.
    pub fn held_up(&mut self, now: Instant, wait: Duration) {
        self.failures = self.failures.max(1);
        self.not_before = Some(now + wait.min(LONGEST_WAIT));
    }

    /// When the refresh began that brought the data; none before the first.
    pub fn asked_at(&self) -> Option<Instant> {
        self.asked_at
    }

    /// How many refreshes have failed since the last that succeeded.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How old the data is at `now`. Age counts from the beginning of the refresh.
    pub fn age(&self, now: Instant) -> Age {
        let Some(asked_at) = self.asked_at else {
            return Age::Absent;
        };
        let age = now.since(asked_at);
        if age < self.ttl {
            Age::Fresh
        } else if age <= self.ttl.saturating_add(self.max_age) {
            Age::Old
        } else {
            Age::Ended
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
    fn data_is_fresh_for_its_ttl_then_old_then_ended() {
        let mut schedule = Schedule::new(TTL, MAX_AGE);
        assert!(schedule.is_due(at(0)));
        assert_eq!(schedule.age(at(0)), Age::Absent);
        schedule.succeeded(at(100));
        let ages = [
            (100, Age::Fresh, false),
            (129, Age::Fresh, false),
            (130, Age::Old, true),
            (730, Age::Old, true),
            (731, Age::Ended, true),
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
    fn the_third_failure_in_a_row_and_each_after_it_are_left_alone_for_longer() {
        let mut schedule = Schedule::new(TTL, MAX_AGE);
        schedule.succeeded(at(0));
        let mut now = 30;
        for left_alone in [0, 0, 10, 20, 40, 80, 160, 300, 300, 300] {
            assert!(schedule.is_due(at(now)));
            schedule.failed(at(now));
            if left_alone > 0 {
                assert!(!schedule.is_due(at(now + left_alone - 1)));
            }
            now += left_alone;
        }
        assert!(schedule.is_due(at(now)));
        schedule.held_up(at(now), Duration::from_secs(45));
        assert!(!schedule.is_due(at(now + 44)));
        now += 45;
        assert!(schedule.is_due(at(now)));
        schedule.succeeded(at(now));
        assert_eq!(schedule.failures(), 0);
        assert!(!schedule.is_due(at(now)));
    }
}
