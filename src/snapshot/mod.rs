//! What the API last said, and when: immutable values that many readers share.
//!
//! Nothing here does I/O or asks what time it is; each value says when it was fetched.

mod collected;
mod inventory;
mod reading;
mod sensor;
mod space;
mod tree;

use std::sync::Arc;

pub use collected::{CollectorState, Fetched, Finished, Snapshot};
pub use inventory::{Inventory, Listing, Located, SensorPlace};
pub use reading::{
    Counts, Presences, SensorHealth, SensorHealths, SpaceCount, SpacePresence, Status,
};
pub use sensor::{Sensor, SensorList};
pub use space::{LIVE, Space, SpaceLabel};
pub use tree::{Node, SpaceEntry, SpaceTree};

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
