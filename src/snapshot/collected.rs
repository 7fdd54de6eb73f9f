//! What each collector last fetched and how its last refresh went.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Instant;
use crate::config::{Collector, PerCollector};

use super::{Counts, Inventory, Presences, SensorHealths, SensorList, SpaceTree};

/// Data with the time it was asked for.
#[derive(Debug)]
pub struct Fetched<T> {
    /// The data.
    pub data: Arc<T>,
    /// Changes when the data does: equal versions of one organization's collector are equal data.
    pub version: u64,
    /// When the refresh that brought it began: it is at least as new as that.
    pub requested_at: Instant,
}

// Not derived: the data is shared, so it need not be cloneable itself.
impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            version: self.version,
            requested_at: self.requested_at,
        }
    }
}

/// How the last finished refresh went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Whether it brought data.
    pub success: bool,
    /// How long it took, waiting for the budget and retries included.
    pub duration: Duration,
}

/// The state of one collector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CollectorState {
    /// The last finished refresh; none before the first.
    pub finished: Option<Finished>,
    /// Unix seconds of the last success; none before the first.
    pub last_success: Option<f64>,
    /// How many entries the last good answer had.
    pub entries: Option<usize>,
    /// Whether data older than its TTL is shown, because a refresh failed or is late.
    pub stale: bool,
}

/// The states of all collectors of one organization.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CollectorStates(PerCollector<CollectorState>);

impl CollectorStates {
    /// The state of `collector`.
    pub fn of(&self, collector: Collector) -> &CollectorState {
        &self.0[collector]
    }

    /// The state of `collector`, to be changed.
    pub fn of_mut(&mut self, collector: Collector) -> &mut CollectorState {
        &mut self.0[collector]
    }
}

/// One organization as it is known at one moment: what is too old is no longer in it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Spaces and sensors joined; see [`Inventory`] for why it may outlive `spaces` and `sensors`.
    pub inventory: Arc<Inventory>,
    /// Changes when the inventory does.
    pub inventory_version: u64,
    /// The spaces; none: they may not be shown.
    pub spaces: Option<Fetched<SpaceTree>>,
    /// The sensors; none: they may not be shown.
    pub sensors: Option<Fetched<SensorList>>,
    /// The counts.
    pub current_count: Option<Fetched<Counts>>,
    /// The presences.
    pub presence: Option<Fetched<Presences>>,
    /// The healths of the sensors.
    pub sensor_health: Option<Fetched<SensorHealths>>,
    /// How the collectors are.
    pub states: CollectorStates,
    /// How each was before its last success: what is told of one whose new data is not rendered yet, when
    /// the old may no longer be shown.
    pub states_before: CollectorStates,
}

impl Snapshot {
    /// When the data of `collector` was asked for, and which version of it this is.
    pub fn fetched(&self, collector: Collector) -> Option<(Instant, u64)> {
        fn of<T>(fetched: &Option<Fetched<T>>) -> Option<(Instant, u64)> {
            fetched.as_ref().map(|it| (it.requested_at, it.version))
        }
        match collector {
            Collector::Spaces => of(&self.spaces),
            Collector::Sensors => of(&self.sensors),
            Collector::CurrentCount => of(&self.current_count),
            Collector::Presence => of(&self.presence),
            Collector::SensorHealth => of(&self.sensor_health),
        }
    }

    /// Takes the data of `collector` from `other`.
    pub fn take_over(&mut self, collector: Collector, other: &Snapshot) {
        match collector {
            Collector::Spaces => self.spaces.clone_from(&other.spaces),
            Collector::Sensors => self.sensors.clone_from(&other.sensors),
            Collector::CurrentCount => self.current_count.clone_from(&other.current_count),
            Collector::Presence => self.presence.clone_from(&other.presence),
            Collector::SensorHealth => self.sensor_health.clone_from(&other.sensor_health),
        }
    }

    /// Takes the data of `collector` out: it may no longer be shown.
    pub fn end(&mut self, collector: Collector) {
        match collector {
            Collector::Spaces => self.spaces = None,
            Collector::Sensors => self.sensors = None,
            Collector::CurrentCount => self.current_count = None,
            Collector::Presence => self.presence = None,
            Collector::SensorHealth => self.sensor_health = None,
        }
    }
}
