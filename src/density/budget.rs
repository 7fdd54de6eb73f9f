//! The call budget of an API host: a token bucket that slows down when the host says 429.
//!
//! The bucket guarantees what a plain one does not: it never provokes a 429 from a host that enforces the
//! same rate and burst, even when calls are delayed in transit for up to two seconds and arrive together. A
//! call in flight still counts against the burst, so the calls that could arrive at once are never more than
//! the host allows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Instant, SharedClock, sleep_until};
use crate::config;

mod recent_calls;

use recent_calls::RecentCalls;

/// A call that is older than this has arrived, or never will.
const MAX_TRANSIT: Duration = Duration::from_secs(2);
/// How long calls pause after a 429 without a `Retry-After` header.
const DEFAULT_PAUSE: Duration = Duration::from_secs(5);
/// The shortest pause, also when `Retry-After` is zero, because the host has just answered 429. Further 429s
/// within it answer calls of the same burst, and reduce the rate only once.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause, whatever the host asks for: a mistake there must not stop calls for ever.
const MAX_PAUSE: Duration = Duration::from_secs(3600);
/// How long it takes to recover from a rate of zero to the configured rate.
const RECOVERY: Duration = Duration::from_secs(300);
/// The rate never falls below this share of the configured rate.
const MIN_RATE_SHARE: f64 = 0.05;

/// The calls that may be made to one host, shared by all organizations on it.
#[derive(Debug)]
pub struct Budget {
    host: String,
    clock: SharedClock,
    bucket: Mutex<Bucket>,
    /// Held by the next caller in line, so that permits are given in the order of the requests for them.
    queue: tokio::sync::Mutex<()>,
    changed: tokio::sync::Notify,
}

#[derive(Debug)]
struct Bucket {
    configured: config::Budget,
    /// Calls that may be made now.
    tokens: f64,
    /// The current rate in calls per second.
    rate: f64,
    as_of: Instant,
    paused_until: Instant,
    reduced_at: Option<Instant>,
    in_flight: Vec<(u64, Instant)>,
    next_call: u64,
    recent_calls: RecentCalls,
    waited: Duration,
}

/// What a budget allows now, and how long calls have waited for it.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetStatus {
    /// The host, with its port where it is not the scheme's.
    pub host: String,
    /// The current rate in calls per second; 0 while calls pause.
    pub requests_per_second: f64,
    /// The configured rate in calls per second.
    pub configured: f64,
    /// Calls in the last 60 seconds.
    pub calls_last_minute: u64,
    /// How much longer calls pause after a 429.
    pub pause: Option<Duration>,
    /// How long all calls together have waited for a permit.
    pub waited: Duration,
}

/// Permission to make one call, which counts as in flight until this is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    budget: Arc<Budget>,
    call: u64,
}

/// No call is left before the deadline; there would be one after this long.
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
                tokens: f64::from(configured.burst),
                rate: configured.requests_per_second,
                as_of: now,
                paused_until: now,
                reduced_at: None,
                in_flight: Vec::new(),
                next_call: 0,
                recent_calls: RecentCalls::new(now),
                waited: Duration::ZERO,
            }),
            queue: tokio::sync::Mutex::new(()),
            changed: tokio::sync::Notify::new(),
        })
    }

    /// Changes the configured rate and burst. Calls made stay counted, a pause goes on, and a reduced rate
    /// stays reduced to the same share, so that a reload gives no call for free.
    pub fn configure(&self, configured: config::Budget) {
        let now = self.clock.now();
        // The old rate applies until now.
        let mut bucket = self.refilled(now);
        let share = bucket.rate / bucket.configured.requests_per_second;
        bucket.rate = configured.requests_per_second * share.clamp(MIN_RATE_SHARE, 1.0);
        bucket.configured = configured;
        drop(bucket);
        // This cuts the tokens to the new burst.
        drop(self.refilled(now));
        // The next caller in line waits at the old rate.
        self.changed.notify_one();
    }

    /// The current state.
    pub fn status(&self) -> BudgetStatus {
        let now = self.clock.now();
        let mut bucket = self.refilled(now);
        let pause = bucket.paused_until.since(now);
        let pause = Some(pause).filter(|it| !it.is_zero());
        BudgetStatus {
            host: self.host.clone(),
            requests_per_second: if pause.is_some() { 0.0 } else { bucket.rate },
            configured: bucket.configured.requests_per_second,
            calls_last_minute: bucket.recent_calls.sum(now),
            pause,
            waited: bucket.waited,
        }
    }

    /// Waits for a permit to make a call, until `deadline` at the latest. Fails at once when it is already
    /// known that there will be none by then.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<Permit, BudgetExhausted> {
        let start = self.clock.now();
        let paused_until = self.refilled(start).paused_until;
        if paused_until > deadline {
            return Err(BudgetExhausted(paused_until.since(start)));
        }
        let permit = tokio::time::timeout(deadline.since(start), self.next(deadline)).await;
        let now = self.clock.now();
        // Callers before this one took every call.
        let permit = permit.unwrap_or_else(|_| Err(BudgetExhausted(self.refilled(now).wait(now))));
        let mut bucket = self.refilled(now);
        bucket.waited = bucket.waited.saturating_add(now.since(start));
        drop(bucket);
        permit
    }

    async fn next(self: &Arc<Self>, deadline: Instant) -> Result<Permit, BudgetExhausted> {
        let _turn = self.queue.lock().await;
        loop {
            // Registered before the bucket is checked, so that no change is missed in between.
            let changed = self.changed.notified();
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
                () = changed => {}
            }
        }
    }

    /// Takes a token and returns the number of the call, or how long there will be no token.
    fn try_take(&self, now: Instant) -> Result<u64, Duration> {
        let mut bucket = self.refilled(now);
        if now < bucket.paused_until || bucket.tokens < 1.0 {
            return Err(bucket.wait(now));
        }
        bucket.tokens -= 1.0;
        bucket.recent_calls.count(now);
        let call = bucket.next_call;
        bucket.next_call = bucket.next_call.wrapping_add(1);
        bucket.in_flight.push((call, now));
        Ok(call)
    }

    /// Records a 429 of the host. Several at once count as one, because they answer calls of the same burst.
    pub(super) fn rate_limited(&self, retry_after: Option<Duration>) {
        let now = self.clock.now();
        let mut bucket = self.refilled(now);
        let same_burst = bucket
            .reduced_at
            .is_some_and(|it| now.since(it) < MIN_PAUSE);
        if now >= bucket.paused_until && !same_burst {
            let lowest = bucket.configured.requests_per_second * MIN_RATE_SHARE;
            bucket.rate = (bucket.rate / 2.0).max(lowest);
            bucket.reduced_at = Some(now);
        }
        let pause = retry_after.unwrap_or(DEFAULT_PAUSE);
        let pause = pause.clamp(MIN_PAUSE, MAX_PAUSE);
        bucket.paused_until = bucket.paused_until.max(now + pause);
        bucket.tokens = 0.0;
    }

    /// The bucket, refilled up to `now`.
    fn refilled(&self, now: Instant) -> std::sync::MutexGuard<'_, Bucket> {
        // Nothing panics while it is held, and each value in it is consistent by itself.
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        // During a pause no tokens are added and the rate does not recover.
        let from = bucket.as_of.max(bucket.paused_until.min(now));
        let elapsed = now.since(from).as_secs_f64();
        bucket.as_of = bucket.as_of.max(now);
        let configured = bucket.configured.requests_per_second;
        let rate = (bucket.rate + configured * elapsed / RECOVERY.as_secs_f64()).min(configured);
        // At the lower rate of before, so that it is never more than was allowed.
        bucket.tokens += bucket.rate * elapsed;
        bucket.rate = rate;
        let room = f64::from(bucket.configured.burst) - bucket.in_flight.len() as f64;
        bucket.tokens = bucket.tokens.min(room.max(0.0));
        bucket
            .in_flight
            .retain(|(_, left)| now.since(*left) <= MAX_TRANSIT);
        bucket
    }
}

impl Bucket {
    /// How long there will be no call, at least.
    fn wait(&self, now: Instant) -> Duration {
        if now < self.paused_until {
            return self.paused_until.since(now);
        }
        // A little more than needed, so that rounding never causes a wake-up just too early.
        let missing = (1.0 - self.tokens).max(0.0) / self.rate + 1e-6;
        Duration::try_from_secs_f64(missing)
            .unwrap_or(MAX_PAUSE)
            .min(MAX_PAUSE)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut bucket = self.budget.refilled(self.budget.clock.now());
        let call = self.call;
        bucket.in_flight.retain(|(other, _)| *other != call);
        drop(bucket);
        self.budget.changed.notify_one();
    }
}

#[cfg(test)]
mod tests;
