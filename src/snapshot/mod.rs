//! What the API last said, and when: immutable values that many readers share.
//!
//! Nothing here does I/O or asks what time it is; each value says when it was fetched.

mod collected;
mod inventory;
mod reading;
mod readings;
mod sensor;
mod space;
mod texts;
mod tree;

use std::sync::Arc;

pub use collected::{CollectorState, CollectorStates, Fetched, Finished, Snapshot};
pub use inventory::{Inventory, Listing, Located, SensorPlace};
pub use reading::{OtherStatuses, SensorHealth, SpaceCount, SpacePresence, Status};
pub use readings::{Readings, ReadingsPart};
pub use sensor::{Sensor, SensorEntry, SensorList, SensorListBuilder};
pub use space::{LIVE, Pushed, Space, SpaceEntry, SpaceLabel, SpaceList};
pub use texts::{TextId, Texts};
pub use tree::{Node, SpaceTree};

/// Counts by space id.
pub type Counts = Readings<SpaceCount>;
/// Presence by space id.
pub type Presences = Readings<SpacePresence>;
/// Health by serial number.
pub type SensorHealths = Readings<SensorHealth>;

/// Text that is shared rather than copied.
pub type Text = Arc<str>;

/// The type of space (`building`, say) that stands at a level of the tree.
pub mod space_type {
    /// A group of buildings.
    pub const CAMPUS: &str = "campus";
    /// A building.
    pub const BUILDING: &str = "building";
    /// A floor of a building.
    pub const FLOOR: &str = "floor";
}
