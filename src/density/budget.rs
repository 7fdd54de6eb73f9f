//! The call budget of an API host: a token bucket that slows down when the host says 429.
//!
//! The bucket keeps one promise that a plain one does not: it never draws a 429 from a host that
//! enforces the same rate and burst, even when calls are held up on their way, for up to two seconds,
//! and arrive together. A call that is on its way still counts against the burst, so the calls that could arrive at once
//! are never more than the host lets through.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Instant, SharedClock, sleep_until};
use crate::config;

mod minute;

use minute::LastMinute;

/// A call that is older than this has arrived, or never will.
const LONGEST_WAY: Duration = Duration::from_secs(2);
/// How long calls pause after a 429 that does not say how long to wait.
const PAUSE: Duration = Duration::from_secs(5);
/// The shortest pause, also when the host says that none is needed: it has just said 429. Answers
/// within it are to calls of the same burst, and slow us down once.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause, whatever the host asks for: a mistake there must not silence us for ever.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// How long it takes from a standstill back to the configured rate.
const RECOVERY: Duration = Duration::from_secs(300);
/// The rate never falls below this share of the configured one.
const LOWEST_SHARE: f64 = 0.05;

/// Calls that may be made to one host, shared by everyone who calls it.
#[derive(Debug)]
pub struct Budget {
    host: String,
    clock: SharedClock,
    bucket: Mutex<Bucket>,
    /// Held by whoever is next: calls are made in the order in which they were asked for.
    turn: tokio::sync::Mutex<()>,
    arrived: tokio::sync::Notify,
}

#[derive(Debug)]
struct Bucket {
    configured: config::Budget,
    /// Calls that may be made now.
    level: f64,
    /// Calls per second in force.
    rate: f64,
    as_of: Instant,
    paused_until: Instant,
    slowed_at: Option<Instant>,
    on_their_way: Vec<(u64, Instant)>,
    next_call: u64,
    last_minute: LastMinute,
    waited: Duration,
}

/// What a budget allows now and what it has cost.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetReading {
    /// The host, with its port where it is not the scheme's.
    pub host: String,
    /// Calls per second in force; 0 while calls pause.
    pub requests_per_second: f64,
    /// Calls per second as configured.
    pub configured: f64,
    /// Calls in the last 60 seconds.
    pub last_minute: u64,
    /// How long calls pause still, after a 429.
    pub pause: Option<Duration>,
    /// How long calls have waited for it, all together.
    pub waited: Duration,
}

/// Leave to make one call, which counts as on its way until this is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    budget: Arc<Budget>,
    call: u64,
}

/// There is no call left within the limit; there would be one after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BudgetExhausted(pub(super) Duration);

impl Budget {
    /// A full budget for `host`.
    pub fn new(host: String, configured: config::Budget, clock: SharedClock) -> Arc<Self> {
        let now = clock.now();
        Arc::new(Self {
            host,
            clock,
            bucket: Mutex::new(Bucket {
                configured,
                level: f64::from(configured.burst),
                rate: configured.requests_per_second,
                as_of: now,
                paused_until: now,
                slowed_at: None,
                on_their_way: Vec::new(),
                next_call: 0,
                last_minute: LastMinute::new(now),
                waited: Duration::ZERO,
            }),
            turn: tokio::sync::Mutex::new(()),
            arrived: tokio::sync::Notify::new(),
        })
    }

    /// Changes what it allows. What has been used up stays so, a pause goes on, and a rate that was
    /// slowed down stays slowed down to the same share: a reload gives no call for free.
    pub fn configure(&self, configured: config::Budget) {
        let now = self.clock.now();
        // Until now the old rate counts.
        let mut bucket = self.up_to(now);
        let share = bucket.rate / bucket.configured.requests_per_second;
        bucket.rate = configured.requests_per_second * share.clamp(LOWEST_SHARE, 1.0);
        bucket.configured = configured;
        drop(bucket);
        // It cuts the level to the new burst.
        drop(self.up_to(now));
        // Whoever is next has counted on the old rate.
        self.arrived.notify_one();
    }

    /// What it allows now.
    pub fn read(&self) -> BudgetReading {
        let now = self.clock.now();
        let mut bucket = self.up_to(now);
        let pause = bucket.paused_until.since(now);
        let pause = Some(pause).filter(|it| !it.is_zero());
        BudgetReading {
            host: self.host.clone(),
            requests_per_second: if pause.is_some() { 0.0 } else { bucket.rate },
            configured: bucket.configured.requests_per_second,
            last_minute: bucket.last_minute.sum(now),
            pause,
            waited: bucket.waited,
        }
    }

    /// Waits for leave to make a call, until `deadline` at the latest; fails at once when it is already
    /// known that there will be none by then.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<Permit, BudgetExhausted> {
        let start = self.clock.now();
        let paused_until = self.up_to(start).paused_until;
        if paused_until > deadline {
            return Err(BudgetExhausted(paused_until.since(start)));
        }
        let permit = tokio::time::timeout(deadline.since(start), self.next(deadline)).await;
        let now = self.clock.now();
        // Those who came before took every call that there was.
        let permit = permit.unwrap_or_else(|_| Err(BudgetExhausted(self.up_to(now).wait(now))));
        let mut bucket = self.up_to(now);
        bucket.waited = bucket.waited.saturating_add(now.since(start));
        drop(bucket);
        permit
    }

    async fn next(self: &Arc<Self>, deadline: Instant) -> Result<Permit, BudgetExhausted> {
        let _turn = self.turn.lock().await;
        loop {
            // Made before the bucket is looked at, so that no arrival is missed in between.
            let arrived = self.arrived.notified();
            let now = self.clock.now();
            let wait = match self.try_take(now) {
                Ok(call) => {
                    return Ok(Permit {
                        budget: self.clone(),
                        call,
                    });
                }
                Err(wait) => wait,
            };
            if now + wait > deadline {
                return Err(BudgetExhausted(wait));
            }
            tokio::select! {
                () = sleep_until(&*self.clock, now + wait) => {}
                () = arrived => {}
            }
        }
    }

    /// Takes a call, or says how long there will be none.
    fn try_take(&self, now: Instant) -> Result<u64, Duration> {
        let mut bucket = self.up_to(now);
        if now < bucket.paused_until || bucket.level < 1.0 {
            return Err(bucket.wait(now));
        }
        bucket.level -= 1.0;
        bucket.last_minute.count(now);
        let call = bucket.next_call;
        bucket.next_call = bucket.next_call.wrapping_add(1);
        bucket.on_their_way.push((call, now));
        Ok(call)
    }

    /// The host said 429. Several at once are one: they answer calls of the same burst.
    pub(super) fn limited(&self, retry_after: Option<Duration>) {
        let now = self.clock.now();
        let mut bucket = self.up_to(now);
        let same_burst = bucket
            .slowed_at
            .is_some_and(|it| now.since(it) < SHORTEST_PAUSE);
        if now >= bucket.paused_until && !same_burst {
            let lowest = bucket.configured.requests_per_second * LOWEST_SHARE;
            bucket.rate = (bucket.rate / 2.0).max(lowest);
            bucket.slowed_at = Some(now);
        }
        let pause = retry_after.unwrap_or(PAUSE);
        let pause = pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        bucket.paused_until = bucket.paused_until.max(now + pause);
        bucket.level = 0.0;
    }

    /// The bucket as it is at `now`.
    fn up_to(&self, now: Instant) -> std::sync::MutexGuard<'_, Bucket> {
        // Nothing panics while it is held, and each value in it is whole by itself.
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing flows in, and the rate does not recover, during a pause.
        let from = bucket.as_of.max(bucket.paused_until.min(now));
        let elapsed = now.since(from).as_secs_f64();
        bucket.as_of = bucket.as_of.max(now);
        let configured = bucket.configured.requests_per_second;
        let rate = (bucket.rate + configured * elapsed / RECOVERY.as_secs_f64()).min(configured);
        // The lower rate of before: never more than was allowed.
        bucket.level += bucket.rate * elapsed;
        bucket.rate = rate;
        let room = f64::from(bucket.configured.burst) - bucket.on_their_way.len() as f64;
        bucket.level = bucket.level.min(room.max(0.0));
        bucket
            .on_their_way
            .retain(|(_, left)| now.since(*left) <= LONGEST_WAY);
        bucket
    }
}

impl Bucket {
    /// How long there will be no call, at the least.
    fn wait(&self, now: Instant) -> Duration {
        if now < self.paused_until {
            return self.paused_until.since(now);
        }
        // A little more than needed, so that rounding never wakes us a moment too early.
        let missing = (1.0 - self.level).max(0.0) / self.rate + 1e-6;
        Duration::try_from_secs_f64(missing)
            .unwrap_or(LONGEST_PAUSE)
            .min(LONGEST_PAUSE)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut bucket = self.budget.up_to(self.budget.clock.now());
        let call = self.call;
        bucket.on_their_way.retain(|(other, _)| *other != call);
        drop(bucket);
        self.budget.arrived.notify_one();
    }
}

#[cfg(test)]
mod tests;
