//! A Density API that runs anywhere: the same routes and shapes, a living building, faults on demand.
//!
//! Used by `demo`, `simulate`, tests and benchmarks. It must never be used by `serve`, and uses
//! nothing of the exporter but the clock: it writes its own JSON, so that it is a fair test of the
//! client. What is read from what:
//!
//! - `portfolio`: the places and sensors, made once from a seed. `people` and `health`: what happens
//!   there by itself, as pure functions of time. `changes`: what events did. `world`: all of it at
//!   one moment; the answers and the truth are read from there.
//! - `answers`: one function an endpoint. `traffic`: counters, rate limit, tokens and faults.
//!   `service`: one request from its head to its answer. `sabotage`: what faults do to answers.
//!   `server`: sockets. `control`: `/simulator/…`.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "It counts within a portfolio that it made and that is in memory, and within times that a \
                  calendar of 9999 years has; what a request asks for is first brought within these."
    )
)]

mod answers;
mod body;
mod calls;
mod changes;
mod control;
mod dice;
mod endpoint;
mod event;
mod fault;
mod health;
mod limit;
mod malformed;
mod options;
mod people;
mod portfolio;
mod reply;
mod sabotage;
mod server;
mod service;
mod syntax;
mod tokens;
mod traffic;
mod truth;
mod world;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub use body::Body;
pub use calls::Calls;
pub use endpoint::EndpointName;
pub use event::{Change, Event, EventError, Target};
pub use fault::{Fault, FaultKind};
pub use health::Health;
pub use malformed::{MalformedEntry, PERSON, Verdict, malformed_count, malformed_entries};
pub use options::{
    Access, Client, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TOKEN, ExpiresIn, Nesting,
    Options, Wrapping,
};
pub use syntax::FaultError;
pub use truth::Truth;

use answers::Users;
use changes::Changes;
use health::Living;
use portfolio::Portfolio;
use traffic::Traffic;
use world::World;

use crate::clock::{SharedClock, unix_seconds};

/// A simulated Density API; share it as `Arc<Simulator>`.
pub struct Simulator {
    options: Options,
    clock: SharedClock,
    portfolio: Portfolio,
    living: Living,
    changes: RwLock<Changes>,
    users: Mutex<Users>,
    traffic: Mutex<Traffic>,
}

impl fmt::Debug for Simulator {
    /// Its size only: not a hundred thousand sensors, and no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("seed", &self.options.seed)
            .field("spaces", &self.portfolio.spaces.len())
            .field("sensors", &self.portfolio.sensors.len())
            .finish_non_exhaustive()
    }
}

impl Simulator {
    /// Builds the portfolio; nothing listens yet.
    pub fn new(options: Options, clock: SharedClock) -> Arc<Self> {
        let portfolio = Portfolio::new(&options);
        let started = wall_seconds(&clock);
        Arc::new(Self {
            living: Living {
                dice: portfolio.dice,
                sensors: portfolio.sensors.len(),
                steady: options.steady,
                started,
            },
            changes: RwLock::default(),
            users: Mutex::new(Users::new(options.canary.as_deref(), started)),
            traffic: Mutex::new(Traffic::new(&options, clock.now())),
            portfolio,
            clock,
            options,
        })
    }

    /// The portfolio in numbers, as it is now.
    pub fn truth(&self) -> Truth {
        self.with_world(Truth::of)
    }

    /// What was asked and answered so far.
    pub fn calls(&self) -> Calls {
        self.traffic().calls.clone()
    }

    /// Counts from zero again.
    pub fn reset_calls(&self) {
        self.traffic().calls = Calls::default();
    }

    /// Adds a fault.
    pub fn inject(&self, fault: Fault) {
        self.traffic().inject(fault);
    }

    /// Ends every fault; requests that hang go on hanging.
    pub fn clear_faults(&self) {
        self.traffic().clear_faults();
    }

    /// The faults that stand, the oldest first.
    pub fn faults(&self) -> Vec<Fault> {
        self.traffic().faults().cloned().collect()
    }

    /// Wraps answers in another way from now on.
    pub fn set_wrapping(&self, wrapping: Wrapping) {
        self.traffic().wrapping = wrapping;
    }

    /// No OAuth token that was issued so far is accepted any more.
    pub fn expire_tokens(&self) {
        self.traffic().tokens.expire_all();
    }

    /// Makes something happen now.
    ///
    /// # Errors
    /// When the event names a place or a sensor that is not there; nothing changes then.
    pub fn apply(&self, event: Event) -> Result<(), EventError> {
        let at = wall_seconds(&self.clock);
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.apply(event, &self.portfolio, at)
    }

    /// Makes all of `events` happen now, or none: the errors have the positions of those that can't.
    fn apply_all(&self, events: Vec<Event>) -> Result<(), Vec<(usize, EventError)>> {
        let at = wall_seconds(&self.clock);
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = changes.clone();
        let mut errors = Vec::new();
        for (position, event) in events.into_iter().enumerate() {
            if let Err(error) = next.apply(event, &self.portfolio, at) {
                errors.push((position, error));
            }
        }
        if errors.is_empty() {
            *changes = next;
            return Ok(());
        }
        Err(errors)
    }

    /// Reads the world as it is now.
    fn with_world<R>(&self, read: impl FnOnce(World<'_>) -> R) -> R {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        read(World {
            portfolio: &self.portfolio,
            changes: &changes,
            living: self.living,
            at: wall_seconds(&self.clock),
        })
    }

    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        // Whoever panicked with it left counters and lists that are still whole.
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn canary(&self) -> Option<&str> {
        self.options.canary.as_deref()
    }
}

/// The wall clock in whole seconds since the Unix epoch.
fn wall_seconds(clock: &SharedClock) -> i64 {
    unix_seconds(clock.wall()) as i64
}
