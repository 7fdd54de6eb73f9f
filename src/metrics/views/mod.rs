//! Pure functions from a snapshot to samples, one file a subject.

mod collectors;
mod places;
mod sensors;
mod spaces;

#[cfg(test)]
mod tests;

use crate::config::Collector;
use crate::exposition::{Fragment, Labels, Samples};
use crate::snapshot::{Snapshot, Status};

use super::catalogue::{self, Family};

pub use collectors::{CollectorsView, write_budgets, write_collectors};
pub use places::PlaceLabels;

/// Fills one family, or a part of it, from the data of one collector and the inventory.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The family. Views of one family stand beside each other in [`VIEWS`].
    pub family: &'static Family,
    /// Whose data it shows.
    pub collector: Collector,
    write: fn(&Subject<'_>, &mut Samples<'_>),
}

/// What a view looks at: one organization as it is known at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The value of the `organization` label.
    pub organization: &'a str,
    /// What is known.
    pub snapshot: &'a Snapshot,
    /// The labels of its places.
    pub labels: &'a PlaceLabels,
}

impl View {
    /// Writes the samples.
    pub fn write(&self, subject: &Subject<'_>, out: &mut Vec<u8>) {
        (self.write)(subject, &mut Samples::new(out, self.family.name));
    }
}

macro_rules! views {
    ($($family:ident from $collector:ident by $write:path;)+) => {
        /// Every view, in the order of the page.
        pub const VIEWS: &[View] = &[$(View {
            family: &catalogue::$family,
            collector: Collector::$collector,
            write: $write,
        }),+];
    };
}

views! {
    SPACE_INFO from Spaces by spaces::info;
    SPACE_LABEL_INFO from Spaces by spaces::label_info;
    SPACE_CAPACITY from Spaces by spaces::capacity;
    SPACE_OCCUPANCY from CurrentCount by spaces::occupancy;
    SPACE_OCCUPANCY_CAPPED from CurrentCount by spaces::occupancy_capped;
    SPACE_PRESENCE from Presence by spaces::presence;
    SPACE_HEALTH from CurrentCount by spaces::count_health;
    SPACE_HEALTH from Presence by spaces::presence_health;
    SENSOR_INFO from Sensors by sensors::info;
    SENSOR_SPACE_INFO from Sensors by sensors::space_info;
    SENSOR_HEALTH_STATUS from SensorHealth by sensors::health;
    SENSOR_LAST_STATUS_CHANGE from SensorHealth by sensors::last_status_change;
}

/// The labels of the four documented statuses, with what stands before them.
struct StatusLabels {
    before: Labels,
    documented: [Labels; 4],
}

impl StatusLabels {
    fn new(before: Labels) -> Self {
        let documented =
            Status::DOCUMENTED.map(|status| before.clone().with("status", status.name()));
        Self { before, documented }
    }

    /// One sample for each documented status, exactly one of them 1; an undocumented status has a
    /// sample of its own, and then all the others are 0.
    fn write(&self, samples: &mut Samples<'_>, place: Fragment<'_>, health: &Status) {
        for (status, labels) in Status::DOCUMENTED.iter().zip(&self.documented) {
            samples.write(place, labels.fragment(), f64::from(status == health));
        }
        if let Status::Other(name) = health {
            let labels = self.before.clone().with("status", name);
            samples.write(place, labels.fragment(), 1.0);
        }
    }
}
