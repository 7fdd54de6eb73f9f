//! What the API last answered, and when: immutable values that many readers share.
//!
//! This module never does I/O and never reads a clock; each value says when it was requested.

mod collector_state;
mod fetched;
mod interner;
mod inventory;
mod location;
mod organization;
mod reading;
mod readings;
mod sensor;
mod shared_str;
mod space;
pub mod space_type;
mod tree;

pub use collector_state::{CollectorState, CollectorStates, RefreshOutcome};
pub use fetched::Fetched;
pub use interner::{Interner, Symbol};
pub use inventory::{Inventory, Listing};
pub use location::{Location, SensorLocation};
pub use organization::Snapshot;
pub use reading::{OtherStatuses, SensorHealth, SpaceCount, SpacePresence, Status};
pub use readings::{Counts, Presences, Readings, ReadingsBuilder, SensorHealths};
pub use sensor::{Sensor, SensorEntry, SensorList, SensorListBuilder};
pub use shared_str::SharedStr;
pub use space::{LIVE, PushOutcome, Space, SpaceEntry, SpaceLabel, SpaceList};
pub use tree::{Node, SpaceTree};
