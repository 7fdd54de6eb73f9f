//! How a refresh ends: its data takes the place of the old, or its failure is noted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use crate::blocking_pool::TaskFailed;
use crate::clock::{Instant, unix_seconds};
use crate::config::{Collector, SpaceFilter};
use crate::density::{Answer, Endpoint, Error, ErrorKind};
use crate::snapshot::{Fetched, Finished, Inventory, Snapshot};

use super::report::Failing;
use super::{Organization, Rules};

/// A new number for a version of data, never given twice by this process.
pub(super) fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The field of a snapshot that holds a collector's data.
type Slot<T> = fn(&mut Snapshot) -> &mut Option<Fetched<T>>;

/// Which refresh it is that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refresh {
    pub(super) collector: Collector,
    pub(super) began_at: Instant,
    /// Of what was in force when it began.
    pub(super) generation: u64,
}

impl Organization {
    /// Notes what a refresh brought. Comparing and joining may take long, so that is done aside.
    pub(super) async fn land<T: PartialEq + Send + Sync + 'static>(
        self: &Arc<Self>,
        refresh: Refresh,
        answer: Answer<T>,
        slot: Slot<T>,
    ) -> Result<(), Error> {
        let organization = self.clone();
        self.blocking_pool
            .run(move || organization.succeed(refresh, answer, slot))
            .await
            .map_err(|TaskFailed| Error {
                endpoint: endpoint_of(refresh.collector),
                kind: ErrorKind::TaskFailed,
            })
    }

    fn succeed<T: PartialEq>(&self, refresh: Refresh, answer: Answer<T>, slot: Slot<T>) {
        let Refresh {
            collector,
            began_at,
            generation,
        } = refresh;
        let Answer { data, entries } = answer;
        // Spaces and sensors may land at once; the live collectors need not wait for either. A reload
        // waits for it too, so the filter stays the same from here on.
        let mut joining = collector
            .is_inventory()
            // Nothing panics while it is held.
            .then(|| self.joining.lock().unwrap_or_else(PoisonError::into_inner));
        let old = slot(&mut self.state().snapshot).clone();
        let unchanged = old.filter(|it| *it.data == data);
        let changed = unchanged.is_none();
        let fetched = match unchanged {
            // The same data keeps its version, so that nothing is rendered again for it.
            Some(old) => Fetched {
                asked_at: began_at,
                ..old
            },
            None => Fetched {
                data: Arc::new(data),
                version: next_version(),
                asked_at: began_at,
            },
        };
        let joined = joining.as_mut().filter(|_| changed).map(|not_listed| {
            let (mut snapshot, in_force) = {
                let state = self.state();
                (state.snapshot.clone(), state.in_force.clone())
            };
            *slot(&mut snapshot) = Some(fetched.clone());
            self.join(&snapshot, &in_force.rules, not_listed)
        });
        let now = self.clock.now();
        let failures = {
            let mut state = self.state();
            if state.in_force.rules.collectors.ttl(collector).is_none() {
                // A reload has turned it off meanwhile.
                return;
            }
            *slot(&mut state.snapshot) = Some(fetched);
            if let Some(inventory) = joined {
                state.snapshot.inventory = Arc::new(inventory);
                state.snapshot.inventory_version = next_version();
            }
            let current = state.in_force.generation;
            let before = *state.snapshot.states.of(collector);
            *state.snapshot.states_before.of_mut(collector) = before;
            let status = state.snapshot.states.of_mut(collector);
            status.last_success = Some(unix_seconds(self.clock.wall()));
            status.entries = Some(entries);
            status.finished = Some(Finished {
                success: true,
                duration: now.since(began_at),
            });
            let schedule = &mut state.schedules[collector];
            let failures = schedule.failures();
            schedule.succeeded(began_at);
            if generation != current {
                schedule.outdate();
            }
            state.failing[collector] = None;
            failures
        };
        drop(joining);
        if failures > 0 {
            tracing::info!(
                organization = %self.name(),
                collector = collector.name(),
                failed_refreshes = failures,
                "the collector has recovered"
            );
        } else {
            tracing::debug!(
                organization = %self.name(),
                collector = collector.name(),
                entries,
                changed,
                "refreshed"
            );
        }
    }

    /// Spaces and sensors joined. What has ended by age is still joined: it says what is filtered out.
    /// What is turned off is not.
    pub(super) fn join(
        &self,
        snapshot: &Snapshot,
        rules: &Rules,
        not_listed: &mut Vec<String>,
    ) -> Inventory {
        let is_on = |it| rules.collectors.ttl(it).is_some();
        let tree = match &snapshot.spaces {
            _ if !is_on(Collector::Spaces) => Arc::default(),
            Some(spaces) => spaces.data.clone(),
            None => snapshot.inventory.tree().clone(),
        };
        let sensors = match &snapshot.sensors {
            _ if !is_on(Collector::Sensors) => Arc::default(),
            Some(sensors) => sensors.data.clone(),
            None => snapshot.inventory.sensors().clone(),
        };
        let inventory = Inventory::build(tree, sensors, &rules.filter);
        self.tell_unknown_ids(&inventory, &rules.filter, not_listed);
        inventory
    }

    /// Logs the ids of the filter that no space has, when they are others than the last time: a
    /// mistyped one hides a building without a word.
    fn tell_unknown_ids(
        &self,
        inventory: &Inventory,
        filter: &SpaceFilter,
        told: &mut Vec<String>,
    ) {
        let unknown = inventory.unknown_ids(filter);
        if inventory.tree().is_empty() || *told == unknown {
            return;
        }
        *told = unknown.iter().map(|it| (*it).to_owned()).collect();
        if !unknown.is_empty() {
            tracing::warn!(
                organization = %self.name(),
                ids = %unknown.join(", "),
                "these ids of the filter are of no space that the API lists; check spaces.include and spaces.exclude"
            );
        }
    }

    /// Notes that a refresh failed.
    pub(super) fn fail(
        &self,
        collector: Collector,
        began_at: Instant,
        generation: u64,
        error: &Error,
    ) {
        let now = self.clock.now();
        let (tells, failures) = {
            let mut state = self.state();
            let in_force = &state.in_force;
            if generation != in_force.generation
                || in_force.rules.collectors.ttl(collector).is_none()
            {
                tracing::debug!(
                    organization = %self.name(),
                    collector = collector.name(),
                    %error,
                    "a refresh failed that had begun before a reload"
                );
                return;
            }
            state.snapshot.states.of_mut(collector).finished = Some(Finished {
                success: false,
                duration: now.since(began_at),
            });
            let schedule = &mut state.schedules[collector];
            match error.kind {
                ErrorKind::BudgetExhausted { wait } => schedule.held_up(now, wait),
                _ => schedule.failed(now),
            }
            let failures = schedule.failures();
            let failing = &mut state.failing[collector];
            let kind = std::mem::discriminant(&error.kind);
            let told = failing.as_ref().map(|it| it.told);
            // What somebody has to mend is told also when something else had failed before.
            let tells = told.is_none_or(|it| it != kind && error.kind.stays());
            *failing = Some(Failing {
                since: failing.as_ref().map_or(now, |it| it.since),
                error: words(collector, error).into(),
                told: told.filter(|_| !tells).unwrap_or(kind),
            });
            (tells, failures)
        };
        // An outage is one line when it begins and one when it ends, not one a scrape.
        if tells {
            tracing::warn!(
                organization = %self.name(),
                collector = collector.name(),
                %error,
                "the collector begins to fail"
            );
        } else {
            tracing::debug!(
                organization = %self.name(),
                collector = collector.name(),
                %error,
                failures,
                "the collector fails still"
            );
        }
    }
}

/// An error of `collector` in words that stand beside its name: another endpoint, such as the token's, is
/// named.
fn words(collector: Collector, error: &Error) -> String {
    match error.endpoint == endpoint_of(collector) {
        true => error.kind.to_string(),
        false => error.to_string(),
    }
}

/// The endpoint that a collector asks.
pub(super) fn endpoint_of(collector: Collector) -> Endpoint {
    match collector {
        Collector::Spaces => Endpoint::Spaces,
        Collector::Sensors => Endpoint::Sensors,
        Collector::CurrentCount => Endpoint::CurrentCount,
        Collector::Presence => Endpoint::Presence,
        Collector::SensorHealth => Endpoint::SensorHealth,
    }
}
