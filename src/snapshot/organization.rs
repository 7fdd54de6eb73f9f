//! One organization's snapshot: what each collector last fetched and how its last refresh went.

use std::sync::Arc;

use crate::clock::Instant;
use crate::config::Collector;

use super::{
    CollectorStates, Counts, Fetched, Inventory, Presences, SensorHealths, SensorList, SpaceTree,
};

/// One organization at one time. Data that has expired is not in it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Spaces and sensors joined; see [`Inventory`] for why it may outlive `spaces` and `sensors`.
    pub inventory: Arc<Inventory>,
    /// Changes when the inventory does.
    pub inventory_version: u64,
    /// The spaces; none when they must not be shown.
    pub spaces: Option<Fetched<SpaceTree>>,
    /// The sensors; none when they must not be shown.
    pub sensors: Option<Fetched<SensorList>>,
    /// The counts.
    pub current_count: Option<Fetched<Counts>>,
    /// The presences.
    pub presence: Option<Fetched<Presences>>,
    /// The healths of the sensors.
    pub sensor_health: Option<Fetched<SensorHealths>>,
    /// The states of the collectors.
    pub states: CollectorStates,
    /// The state of each collector before its last success. It is reported while the new data is not rendered
    /// yet and the old data has expired.
    pub previous_states: CollectorStates,
}

impl Snapshot {
    /// When the data of `collector` was requested, and its version.
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

    /// Copies the data of `collector` from `other`.
    pub fn copy_data(&mut self, collector: Collector, other: &Snapshot) {
        match collector {
            Collector::Spaces => self.spaces.clone_from(&other.spaces),
            Collector::Sensors => self.sensors.clone_from(&other.sensors),
            Collector::CurrentCount => self.current_count.clone_from(&other.current_count),
            Collector::Presence => self.presence.clone_from(&other.presence),
            Collector::SensorHealth => self.sensor_health.clone_from(&other.sensor_health),
        }
    }

    /// Drops the data of `collector`, which must no longer be shown.
    pub fn expire(&mut self, collector: Collector) {
        match collector {
            Collector::Spaces => self.spaces = None,
            Collector::Sensors => self.sensors = None,
            Collector::CurrentCount => self.current_count = None,
            Collector::Presence => self.presence = None,
            Collector::SensorHealth => self.sensor_health = None,
        }
    }
}
