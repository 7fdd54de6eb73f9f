//! The state of a simulator, which all handlers and layers share, and what may be done to it from outside.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::calls::Calls;
use super::changes::Changes;
use super::event::{Event, EventError};
use super::fault::Fault;
use super::health::HealthModel;
use super::options::{Options, Wrapping};
use super::portfolio::Portfolio;
use super::snapshot::Snapshot;
use super::traffic::Traffic;
use super::truth::Truth;
use super::users::Users;
use crate::clock::{SharedClock, unix_seconds};

/// A simulated Density API; share it as `Arc<Simulator>`.
pub struct Simulator {
    pub(crate) options: Options,
    pub(crate) clock: SharedClock,
    portfolio: Portfolio,
    health_model: HealthModel,
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
            health_model: HealthModel {
                rng: portfolio.rng,
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
        self.with_snapshot(Truth::of)
    }

    /// The requests and responses so far, counted.
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

    /// The active faults, the oldest first.
    pub fn faults(&self) -> Vec<Fault> {
        self.traffic().faults().cloned().collect()
    }

    /// Wraps lists and maps in another way from now on.
    pub fn set_wrapping(&self, wrapping: Wrapping) {
        self.traffic().wrapping = wrapping;
    }

    /// Expires every OAuth token that was issued so far.
    pub fn expire_tokens(&self) {
        self.traffic().tokens.expire_all();
    }

    /// Applies an event now.
    ///
    /// # Errors
    /// When the event names a place or a sensor that does not exist; nothing changes then.
    pub fn apply(&self, event: Event) -> Result<(), EventError> {
        let at = self.now();
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.apply(event, &self.portfolio, at)
    }

    /// Applies all of `events` now, or none: the errors have the positions of the events that failed.
    pub(crate) fn apply_all(&self, events: Vec<Event>) -> Result<(), Vec<(usize, EventError)>> {
        let at = self.now();
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

    /// Reads the portfolio as it is now.
    pub(crate) fn with_snapshot<R>(&self, read: impl FnOnce(Snapshot<'_>) -> R) -> R {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        read(Snapshot {
            portfolio: &self.portfolio,
            changes: &changes,
            health_model: self.health_model,
            at: self.now(),
        })
    }

    /// The wall clock, in seconds since the Unix epoch.
    pub(crate) fn now(&self) -> i64 {
        wall_seconds(&self.clock)
    }

    /// Never held across an await.
    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        // A panic while it was locked leaves counters and lists that are still valid.
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn canary(&self) -> Option<&str> {
        self.options.canary.as_deref()
    }
}

fn wall_seconds(clock: &SharedClock) -> i64 {
    unix_seconds(clock.wall()) as i64
}
