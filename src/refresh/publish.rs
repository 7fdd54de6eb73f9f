//! How a refresh ends: its data is published in place of the old, or its failure is recorded.
//!
//! Data is compared before it is published, so that an unchanged answer is never rendered again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use crate::blocking_pool::TaskFailed;
use crate::clock::{Instant, unix_seconds};
use crate::config::{Collector, SpaceFilter};
use crate::density::{Answer, Endpoint, Error, ErrorKind};
use crate::snapshot::{Fetched, Inventory, RefreshOutcome, Snapshot};

use super::failing::Failing;
use super::{Organization, RefreshConfig};

/// A new data version, unique within this process.
pub(super) fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The field of a snapshot that holds a collector's data.
type Slot<T> = fn(&mut Snapshot) -> &mut Option<Fetched<T>>;

/// Identifies the refresh that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refresh {
    pub(super) collector: Collector,
    pub(super) started_at: Instant,
    /// The generation of the settings that it started with.
    pub(super) generation: u64,
}

impl Organization {
    /// Publishes the data of a successful refresh. Comparing and joining may take long, so both run on the
    /// blocking pool.
    pub(super) async fn publish<T: PartialEq + Send + Sync + 'static>(
        self: &Arc<Self>,
        refresh: Refresh,
        answer: Answer<T>,
        slot: Slot<T>,
    ) -> Result<(), Error> {
        let organization = self.clone();
        self.blocking_pool
            .run(move || organization.record_success(refresh, answer, slot))
            .await
            .map_err(|TaskFailed| Error {
                endpoint: endpoint_of(refresh.collector),
                kind: ErrorKind::TaskFailed,
            })
    }

    fn record_success<T: PartialEq>(&self, refresh: Refresh, answer: Answer<T>, slot: Slot<T>) {
        let Refresh {
            collector,
            started_at,
            generation,
        } = refresh;
        let Answer { data, entries } = answer;
        // Spaces and sensors may be published concurrently; the live collectors need not wait for either.
        // A reload takes this lock too, so the filter stays the same from here on.
        let mut join_lock = collector
            .is_inventory()
            // Nothing panics while it is held.
            .then(|| {
                self.join_lock
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
            });
        let old = slot(&mut self.state().snapshot).clone();
        let unchanged = old.filter(|it| *it.data == data);
        let changed = unchanged.is_none();
        let fetched = match unchanged {
            // The same data keeps its version, so that nothing is rendered again for it.
            Some(old) => Fetched {
                requested_at: started_at,
                ..old
            },
            None => Fetched {
                data: Arc::new(data),
                version: next_version(),
                requested_at: started_at,
            },
        };
        let joined = join_lock.as_mut().filter(|_| changed).map(|reported_ids| {
            let (mut snapshot, active) = {
                let state = self.state();
                (state.snapshot.clone(), state.active.clone())
            };
            *slot(&mut snapshot) = Some(fetched.clone());
            self.join(&snapshot, &active.config, reported_ids)
        });
        let now = self.clock.now();
        let failures = {
            let mut state = self.state();
            if state.active.config.collectors.ttl(collector).is_none() {
                // A reload has turned it off meanwhile.
                return;
            }
            *slot(&mut state.snapshot) = Some(fetched);
            if let Some(inventory) = joined {
                state.snapshot.inventory = Arc::new(inventory);
                state.snapshot.inventory_version = next_version();
            }
            let current = state.active.generation;
            let before = *state.snapshot.states.of(collector);
            *state.snapshot.previous_states.of_mut(collector) = before;
            let status = state.snapshot.states.of_mut(collector);
            status.last_success = Some(unix_seconds(self.clock.wall()));
            status.entries = Some(entries);
            status.last_refresh = Some(RefreshOutcome {
                success: true,
                duration: now.since(started_at),
            });
            let schedule = &mut state.schedules[collector];
            let failures = schedule.failures();
            schedule.succeeded(started_at);
            if generation != current {
                schedule.invalidate();
            }
            state.failing[collector] = None;
            failures
        };
        drop(join_lock);
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

    /// Joins spaces and sensors. Expired data is still joined, for it says what is filtered out; data of a
    /// collector that is turned off is not.
    pub(super) fn join(
        &self,
        snapshot: &Snapshot,
        config: &RefreshConfig,
        reported_ids: &mut Vec<String>,
    ) -> Inventory {
        let is_on = |it| config.collectors.ttl(it).is_some();
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
        let inventory = Inventory::build(tree, sensors, &config.filter);
        self.warn_about_unknown_ids(&inventory, &config.filter, reported_ids);
        inventory
    }

    /// Logs the ids of the filter that no space has when they differ from those reported last: a
    /// mistyped one silently hides a building.
    fn warn_about_unknown_ids(
        &self,
        inventory: &Inventory,
        filter: &SpaceFilter,
        reported: &mut Vec<String>,
    ) {
        let unknown = inventory.unknown_ids(filter);
        if inventory.tree().is_empty() || *reported == unknown {
            return;
        }
        *reported = unknown.iter().map(|it| (*it).to_owned()).collect();
        if !unknown.is_empty() {
            tracing::warn!(
                organization = %self.name(),
                ids = %unknown.join(", "),
                "these ids of the filter are of no space that the API lists; check spaces.include and spaces.exclude"
            );
        }
    }

    /// Records that a refresh failed.
    pub(super) fn record_failure(
        &self,
        collector: Collector,
        started_at: Instant,
        generation: u64,
        error: &Error,
    ) {
        let now = self.clock.now();
        let (should_warn, failures) = {
            let mut state = self.state();
            let active = &state.active;
            if generation != active.generation || active.config.collectors.ttl(collector).is_none()
            {
                tracing::debug!(
                    organization = %self.name(),
                    collector = collector.name(),
                    %error,
                    "a refresh failed that had begun before a reload"
                );
                return;
            }
            state.snapshot.states.of_mut(collector).last_refresh = Some(RefreshOutcome {
                success: false,
                duration: now.since(started_at),
            });
            let schedule = &mut state.schedules[collector];
            match error.kind {
                ErrorKind::BudgetExhausted { wait } => schedule.budget_exhausted(now, wait),
                _ => schedule.failed(now),
            }
            let failures = schedule.failures();
            let failing = &mut state.failing[collector];
            let kind = std::mem::discriminant(&error.kind);
            let logged = failing.as_ref().map(|it| it.logged);
            // An error that an operator has to fix is logged even when another one was logged before.
            let should_warn = logged.is_none_or(|it| it != kind && error.kind.needs_operator());
            *failing = Some(Failing {
                since: failing.as_ref().map_or(now, |it| it.since),
                error: error_text(collector, error).into(),
                logged: logged.filter(|_| !should_warn).unwrap_or(kind),
            });
            (should_warn, failures)
        };
        // An outage is one line when it begins and one when it ends, not one per scrape.
        if should_warn {
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

/// The text of an error that is shown beside the name of `collector`: only another endpoint, such as the
/// token's, is named in it.
fn error_text(collector: Collector, error: &Error) -> String {
    match error.endpoint == endpoint_of(collector) {
        true => error.kind.to_string(),
        false => error.to_string(),
    }
}

/// The endpoint that a collector requests.
pub(super) fn endpoint_of(collector: Collector) -> Endpoint {
    match collector {
        Collector::Spaces => Endpoint::Spaces,
        Collector::Sensors => Endpoint::Sensors,
        Collector::CurrentCount => Endpoint::CurrentCount,
        Collector::Presence => Endpoint::Presence,
        Collector::SensorHealth => Endpoint::SensorHealth,
    }
}
