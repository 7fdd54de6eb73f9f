//! One organization: what it last fetched, and the refreshes that are under way.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;

use crate::blocking_pool::BlockingPool;
use crate::clock::{Instant, SharedClock};
use crate::config::{
    Collector, CollectorSet, CollectorSettings, PerCollector, Request, SpaceFilter, Stale,
};
use crate::density::{Client, Error, ErrorKind, Scope, Window};
use crate::snapshot::{CollectorState, Snapshot, Text};

use super::flight::{Flight, Pilot};
use super::landing::{Refresh, endpoint_of};
use super::report::Failing;
use super::{Age, Schedule};

/// How an organization is refreshed.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which spaces are shown.
    pub filter: SpaceFilter,
    /// Which collectors run, and how often.
    pub collectors: CollectorSettings,
    /// How requests are made.
    pub request: Request,
    /// How long old data stands.
    pub stale: Stale,
}

/// How an organization is asked and shown. A reload replaces it as a whole; a refresh uses the one that
/// it began with to its end.
pub(super) struct InForce {
    pub(super) client: Arc<Client>,
    pub(super) rules: Rules,
    /// Rises when what is fetched may be other than before: by other credentials, say.
    pub(super) generation: u64,
}

/// One organization and its refreshes. A reload leaves it the same as long as its name and its API do.
pub struct Organization {
    name: String,
    pub(super) clock: SharedClock,
    pub(super) blocking_pool: BlockingPool,
    state: Mutex<State>,
    /// Held while the inventory is joined: spaces and sensors may land at once, and a reload may change
    /// the filter. The ids of the filter that were not listed when it was last told.
    pub(super) joining: Mutex<Vec<String>>,
}

pub(super) struct State {
    /// In here, for rules, schedules and data change in one step.
    pub(super) in_force: Arc<InForce>,
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
    /// An organization of which nothing is known yet.
    pub fn new(
        name: String,
        client: Arc<Client>,
        rules: Rules,
        clock: SharedClock,
        blocking_pool: BlockingPool,
    ) -> Arc<Self> {
        let schedules = PerCollector::new(|collector| {
            let ttl = rules.collectors.ttl(collector).unwrap_or_default();
            Schedule::new(ttl, rules.stale.max_age)
        });
        Arc::new(Self {
            name,
            clock,
            blocking_pool,
            state: Mutex::new(State {
                in_force: Arc::new(InForce {
                    client,
                    rules,
                    generation: 0,
                }),
                snapshot: Snapshot::default(),
                schedules,
                flights: Default::default(),
                failing: Default::default(),
            }),
            joining: Mutex::default(),
        })
    }

    /// The value of the `organization` label.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is known now: what is too old is not in it.
    pub fn snapshot(&self) -> Snapshot {
        let now = self.clock.now();
        let mut state = self.state();
        for collector in Collector::ALL {
            let schedule = &state.schedules[collector];
            let age = schedule.age(now);
            let late = schedule.failures() > 0
                || schedule.is_outdated()
                || state.flights[collector].is_some();
            if age == Age::Ended {
                state.snapshot.end(collector);
            }
            state.snapshot.states.of_mut(collector).stale = age == Age::Old && late;
        }
        state.snapshot.clone()
    }

    /// The state that `collector` is in with data that was asked for at `asked_at`, when `state` was its
    /// state with that data; nothing when such data may no longer be shown.
    pub fn aged(
        &self,
        collector: Collector,
        asked_at: Instant,
        state: CollectorState,
        now: Instant,
    ) -> Option<CollectorState> {
        let mut schedule = self.state().schedules[collector].clone();
        schedule.succeeded(asked_at);
        match schedule.age(now) {
            Age::Ended => None,
            // Newer data has come and is not shown yet: it is late.
            age => Some(CollectorState {
                stale: age == Age::Old,
                ..state
            }),
        }
    }

    /// Begins to refresh what is due of `wanted`, and of the inventory, and waits until that and what
    /// was under way has ended, until `deadline` at the latest. What is not ready by then goes on.
    pub async fn freshen(self: &Arc<Self>, wanted: CollectorSet, deadline: Instant) {
        let flights = self.take_off(wanted);
        let wait = deadline.since(self.clock.now());
        let all_ended = futures_util::future::join_all(flights.into_iter().map(Flight::ended));
        // Out of time is an end like any other: the answer tells what there is.
        let _ = tokio::time::timeout(wait, all_ended).await;
    }

    /// Begins what is due and returns everything that is under way.
    fn take_off(self: &Arc<Self>, wanted: CollectorSet) -> Vec<Flight> {
        let now = self.clock.now();
        let mut under_way = Vec::new();
        let mut pilots = Vec::new();
        let mut state = self.state();
        let in_force = state.in_force.clone();
        for collector in in_force.rules.collectors.enabled().iter() {
            // Live values need the inventory, for the names.
            if !wanted.contains(collector) && !collector.is_inventory() {
                continue;
            }
            let due = state.schedules[collector].is_due(now);
            match &state.flights[collector] {
                Some(flight) => under_way.push(flight.clone()),
                None if due => {
                    let (pilot, flight) = Pilot::take_off(self.clone(), collector);
                    under_way.push(flight.clone());
                    state.flights[collector] = Some(flight);
                    pilots.push((collector, pilot));
                }
                None => {}
            }
        }
        // A flight that ends at once notes its end in the state.
        drop(state);
        for (collector, pilot) in pilots {
            let flight = self.clone().fly(collector, now, in_force.clone(), pilot);
            tokio::spawn(flight);
        }
        under_way
    }

    async fn fly(
        self: Arc<Self>,
        collector: Collector,
        began_at: Instant,
        in_force: Arc<InForce>,
        pilot: Pilot,
    ) {
        // Everything in there is whole between its steps.
        let refresh = self.refresh(collector, began_at, &in_force);
        let flight = AssertUnwindSafe(refresh).catch_unwind();
        let result = flight.await.unwrap_or_else(|_| {
            Err(Error {
                endpoint: endpoint_of(collector),
                kind: ErrorKind::TaskFailed,
            })
        });
        if let Err(error) = result {
            self.fail(collector, began_at, in_force.generation, &error);
        }
        drop(pilot);
    }

    async fn refresh(
        self: &Arc<Self>,
        collector: Collector,
        began_at: Instant,
        in_force: &InForce,
    ) -> Result<(), Error> {
        let InForce { client, rules, .. } = in_force;
        let limit = began_at + rules.request.refresh_limit();
        let window = Window { began_at, limit };
        let batch_size = rules.request.batch_size;
        let scope = self.scope(collector, batch_size, limit).await?;
        let refresh = Refresh {
            collector,
            began_at,
            generation: in_force.generation,
        };
        match collector {
            Collector::Spaces => {
                let answer = client.spaces(window).await?;
                self.land(refresh, answer, |it| &mut it.spaces).await
            }
            Collector::Sensors => {
                let answer = client.sensors(&scope, window).await?;
                self.land(refresh, answer, |it| &mut it.sensors).await
            }
            Collector::CurrentCount => {
                let answer = client.current_count(&scope, window).await?;
                self.land(refresh, answer, |it| &mut it.current_count).await
            }
            Collector::Presence => {
                let answer = client.presence(&scope, window).await?;
                self.land(refresh, answer, |it| &mut it.presence).await
            }
            Collector::SensorHealth => {
                let answer = client.sensor_health(&scope, window).await?;
                self.land(refresh, answer, |it| &mut it.sensor_health).await
            }
        }
    }

    /// What to ask for: in batches, the spaces that are kept, once they are known.
    async fn scope(
        &self,
        collector: Collector,
        batch_size: usize,
        limit: Instant,
    ) -> Result<Scope, Error> {
        if batch_size == 0 || collector == Collector::Spaces {
            return Ok(Scope::Everything);
        }
        let (mut inventory, flight) = {
            let state = self.state();
            let flight = state.flights[Collector::Spaces].clone();
            (state.snapshot.inventory.clone(), flight)
        };
        // Spaces from before will do: those that are on their way may never come.
        if let (true, Some(flight)) = (inventory.tree().is_empty(), flight) {
            let wait = limit.since(self.clock.now());
            let _ = tokio::time::timeout(wait, flight.ended()).await;
            inventory = self.state().snapshot.inventory.clone();
        }
        // Open-area sensors have no counts, and the endpoint of counts is documented not to know them.
        let is_asked_for =
            |counting_mode: &str| collector != Collector::CurrentCount || counting_mode != "oa";
        let ids: Vec<_> = inventory
            .kept_spaces()
            .filter(|(_, it)| is_asked_for(inventory.tree().text(it.space.counting_mode)))
            .map(|(_, it)| Text::from(inventory.tree().text(it.space.id)))
            .collect();
        if inventory.tree().is_empty() {
            return Err(Error {
                endpoint: endpoint_of(collector),
                kind: ErrorKind::NoSpaces,
            });
        }
        Ok(Scope::Spaces { ids, batch_size })
    }

    /// The refresh of `collector` is no longer under way.
    pub(super) fn ended(&self, collector: Collector) {
        self.state().flights[collector] = None;
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and each value in it is whole by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
