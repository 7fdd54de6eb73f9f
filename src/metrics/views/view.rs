//! The views: which family shows the data of which collector, row by row.

use crate::config::Collector;
use crate::snapshot::{Fetched, Readings, Snapshot};

use super::super::catalogue::{self, Family};
use super::{RowWriter, Table, ViewContext, sensors, spaces};

/// Fills one family, or a part of it, from the data of one collector and the inventory.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The family. Views of one family follow each other in [`VIEWS`].
    pub family: &'static Family,
    /// The collector whose data it shows.
    pub collector: Collector,
    /// The table whose rows it writes.
    pub table: Table,
    /// Approximately how many samples a row has.
    pub samples: usize,
    prepare: for<'s> fn(&'s ViewContext<'s>) -> Box<RowWriter<'s>>,
    changed: Changed,
}

/// For each reading, whether the value that a view shows compare between two snapshots with the same rows.
/// None for a view whose rows change with its data.
type Changed = fn(&Snapshot, &Snapshot) -> Option<Vec<bool>>;

impl View {
    /// The function that writes its samples.
    pub fn writer<'s>(&self, context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
        (self.prepare)(context)
    }

    /// For each reading, whether the value that the view shows has changed from `old` to `new`, which have
    /// the same rows. None when that can't be determined.
    pub fn changed(&self, old: &Snapshot, new: &Snapshot) -> Option<Vec<bool>> {
        (self.changed)(old, new)
    }
}

macro_rules! views {
    ($($family:ident from $collector:ident: $samples:literal a row of $table:ident, by $prepare:path, $changed:expr;)+) => {
        /// Every view, in the order of the page.
        pub const VIEWS: &[View] = &[$(View {
            family: &catalogue::$family,
            collector: Collector::$collector,
            table: Table::$table,
            samples: $samples,
            prepare: $prepare,
            changed: $changed,
        }),+];
    };
}

views! {
    SPACE_INFO from Spaces: 1 a row of Spaces, by spaces::info, rows_differ;
    SPACE_LABEL_INFO from Spaces: 1 a row of Spaces, by spaces::label_info, rows_differ;
    SPACE_CAPACITY from Spaces: 1 a row of Spaces, by spaces::capacity, rows_differ;
    SPACE_OCCUPANCY from CurrentCount: 1 a row of Counts, by spaces::occupancy,
        |old, new| compare(&old.current_count, &new.current_count, |it| it.count);
    SPACE_OCCUPANCY_CAPPED from CurrentCount: 1 a row of Counts, by spaces::occupancy_capped,
        |old, new| compare(&old.current_count, &new.current_count, |it| it.capped);
    SPACE_PRESENCE from Presence: 1 a row of Presences, by spaces::presence,
        |old, new| compare(&old.presence, &new.presence, |it| it.presence);
    SPACE_HEALTH from CurrentCount: 4 a row of Counts, by spaces::count_health,
        |old, new| compare(&old.current_count, &new.current_count, |it| it.health);
    SPACE_HEALTH from Presence: 4 a row of Presences, by spaces::presence_health,
        |old, new| compare(&old.presence, &new.presence, |it| it.health);
    SENSOR_INFO from Sensors: 1 a row of Sensors, by sensors::info, rows_differ;
    SENSOR_SPACE_INFO from Sensors: 1 a row of Sensors, by sensors::space_info, rows_differ;
    SENSOR_HEALTH_STATUS from SensorHealth: 4 a row of Healths, by sensors::health,
        |old, new| compare(&old.sensor_health, &new.sensor_health, |it| it.status);
    SENSOR_LAST_STATUS_CHANGE from SensorHealth: 1 a row of Healths, by sensors::last_status_change,
        |old, new| compare(&old.sensor_health, &new.sensor_health, |it| it.last_status_change);
}

fn rows_differ(_: &Snapshot, _: &Snapshot) -> Option<Vec<bool>> {
    None
}

fn compare<V, F: PartialEq>(
    old: &Option<Fetched<Readings<V>>>,
    new: &Option<Fetched<Readings<V>>>,
    shown: fn(&V) -> F,
) -> Option<Vec<bool>> {
    let (old, new) = (&old.as_ref()?.data, &new.as_ref()?.data);
    let pairs = old.values().iter().zip(new.values());
    (old.values().len() == new.values().len())
        .then(|| pairs.map(|(old, new)| shown(old) != shown(new)).collect())
}
