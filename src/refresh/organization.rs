//! One organization: the data that it last fetched and its refreshes in flight.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::blocking_pool::BlockingPool;
use crate::clock::{Instant, SharedClock};
use crate::config::{Collector, CollectorSettings, PerCollector, Request, SpaceFilter, Stale};
use crate::density::Client;
use crate::snapshot::{CollectorState, Snapshot};

use super::failing::Failing;
use super::flight::Flight;
use super::{Age, Schedule};

/// How an organization is refreshed.
#[derive(Clone, Debug)]
pub struct RefreshConfig {
    /// Which spaces are shown.
    pub filter: SpaceFilter,
    /// Which collectors run, and how often.
    pub collectors: CollectorSettings,
    /// How requests are made.
    pub request: Request,
    /// How long old data may be shown.
    pub stale: Stale,
}

/// How an organization is fetched and shown now. A reload replaces it as a whole; a refresh keeps the one
/// that it started with.
pub(super) struct ActiveSettings {
    pub(super) client: Arc<Client>,
    pub(super) config: RefreshConfig,
    /// Incremented when fetched data may differ from before, for example with other credentials.
    pub(super) generation: u64,
}

/// One organization and its refreshes. A reload keeps it as long as its name and its API stay the same.
pub struct Organization {
    name: String,
    pub(super) clock: SharedClock,
    pub(super) blocking_pool: BlockingPool,
    state: Mutex<State>,
    /// Held while the inventory is joined: spaces and sensors may be published concurrently, and a reload
    /// may change the filter. Holds the unknown ids of the filter that were reported last.
    pub(super) join_lock: Mutex<Vec<String>>,
}

pub(super) struct State {
    /// Under the same lock as schedules and data, so that all of them change in one step.
    pub(super) active: Arc<ActiveSettings>,
    pub(super) snapshot: Snapshot,
    pub(super) schedules: PerCollector<Schedule>,
    pub(super) flights: PerCollector<Option<Flight>>,
    pub(super) failing: PerCollector<Option<Failing>>,
}

impl std::fmt::Debug for Organization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Organization")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Organization {
    /// An organization that has fetched nothing yet.
    pub fn new(
        name: String,
        client: Arc<Client>,
        config: RefreshConfig,
        clock: SharedClock,
        blocking_pool: BlockingPool,
    ) -> Arc<Self> {
        let schedules = PerCollector::new(|collector| {
            let ttl = config.collectors.ttl(collector).unwrap_or_default();
            Schedule::new(ttl, config.stale.max_age)
        });
        Arc::new(Self {
            name,
            clock,
            blocking_pool,
            state: Mutex::new(State {
                active: Arc::new(ActiveSettings {
                    client,
                    config,
                    generation: 0,
                }),
                snapshot: Snapshot::default(),
                schedules,
                flights: Default::default(),
                failing: Default::default(),
            }),
            join_lock: Mutex::default(),
        })
    }

    /// The value of the `organization` label.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The current data, without what has expired.
    pub fn snapshot(&self) -> Snapshot {
        let now = self.clock.now();
        let mut state = self.state();
        for collector in Collector::ALL {
            let schedule = &state.schedules[collector];
            let age = schedule.age(now);
            let late = schedule.failures() > 0
                || schedule.is_invalidated()
                || state.flights[collector].is_some();
            if age == Age::Expired {
                state.snapshot.expire(collector);
            }
            state.snapshot.states.of_mut(collector).stale = age == Age::Old && late;
        }
        state.snapshot.clone()
    }

    /// The state to report for `collector` while data that was requested at `requested_at` is shown. `state`
    /// is the state that it had with that data; none when such data has expired.
    pub fn state_with_data_from(
        &self,
        collector: Collector,
        requested_at: Instant,
        state: CollectorState,
        now: Instant,
    ) -> Option<CollectorState> {
        let mut schedule = self.state().schedules[collector].clone();
        schedule.succeeded(requested_at);
        match schedule.age(now) {
            Age::Expired => None,
            // Newer data has been fetched and is not rendered yet, so this is late.
            age => Some(CollectorState {
                stale: age == Age::Old,
                ..state
            }),
        }
    }

    /// The refresh of `collector` is no longer in flight.
    pub(super) fn refresh_ended(&self, collector: Collector) {
        self.state().flights[collector] = None;
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and each value in it is consistent by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
