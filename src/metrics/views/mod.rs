//! Pure functions from a snapshot to samples, one file a subject.
//!
//! A view writes the rows of a table: one for each space, sensor or reading. Any range of rows can be
//! written by itself, so that whoever keeps the text writes again only what changed.

mod collectors;
mod info;
mod layout;
mod places;
mod rows;
mod sensors;
mod spaces;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::config::Collector;
use crate::exposition::{EscapedLabels, Labels, LinePrefix, LineSuffix, LineTemplate, Samples};
use crate::snapshot::{Readings, SharedStr, Snapshot, Status};

use super::catalogue::{self, Family};

pub use collectors::{CollectorsView, write_budgets, write_collectors};
pub use layout::{Layout, Subject};
pub use places::PlaceLabels;
pub use rows::Rows;

/// Fills one family, or a part of it, from the data of one collector and the inventory.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The family. Views of one family stand beside each other in [`VIEWS`].
    pub family: &'static Family,
    /// Whose data it shows.
    pub collector: Collector,
    /// Which rows it has.
    pub table: Table,
    /// How many samples a row has, about.
    pub samples: usize,
    prepare: for<'s> fn(&'s Subject<'s>) -> Box<Write<'s>>,
    changed: Changed,
}

/// What the rows of a view are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The spaces that are shown.
    Spaces,
    /// The sensors that are shown.
    Sensors,
    /// The readings of the current count.
    Counts,
    /// The readings of presence.
    Presences,
    /// The readings of the sensors' health.
    Healths,
}

/// Writes the samples of some rows.
pub type Write<'s> = dyn Fn(Range<usize>, &mut Samples<'_>) + 's;

/// By reading: whether what a view shows of it differs between two snapshots with the same rows.
/// Nothing for a view whose rows change with its data.
type Changed = fn(&Snapshot, &Snapshot) -> Option<Vec<bool>>;

impl View {
    /// What writes its samples.
    pub fn writer<'s>(&self, subject: &'s Subject<'s>) -> Box<Write<'s>> {
        (self.prepare)(subject)
    }

    /// By reading: whether what the view shows of it has changed from `old` to `new`, which have the
    /// same rows. Nothing when that can't be told.
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
    SPACE_INFO from Spaces: 1 a row of Spaces, by spaces::info, rows_change;
    SPACE_LABEL_INFO from Spaces: 1 a row of Spaces, by spaces::label_info, rows_change;
    SPACE_CAPACITY from Spaces: 1 a row of Spaces, by spaces::capacity, rows_change;
    SPACE_OCCUPANCY from CurrentCount: 1 a row of Counts, by spaces::occupancy,
        |old, new| differs(&old.current_count, &new.current_count, |it| it.count);
    SPACE_OCCUPANCY_CAPPED from CurrentCount: 1 a row of Counts, by spaces::occupancy_capped,
        |old, new| differs(&old.current_count, &new.current_count, |it| it.capped);
    SPACE_PRESENCE from Presence: 1 a row of Presences, by spaces::presence,
        |old, new| differs(&old.presence, &new.presence, |it| it.presence);
    SPACE_HEALTH from CurrentCount: 4 a row of Counts, by spaces::count_health,
        |old, new| differs(&old.current_count, &new.current_count, |it| it.health);
    SPACE_HEALTH from Presence: 4 a row of Presences, by spaces::presence_health,
        |old, new| differs(&old.presence, &new.presence, |it| it.health);
    SENSOR_INFO from Sensors: 1 a row of Sensors, by sensors::info, rows_change;
    SENSOR_SPACE_INFO from Sensors: 1 a row of Sensors, by sensors::space_info, rows_change;
    SENSOR_HEALTH_STATUS from SensorHealth: 4 a row of Healths, by sensors::health,
        |old, new| differs(&old.sensor_health, &new.sensor_health, |it| it.status);
    SENSOR_LAST_STATUS_CHANGE from SensorHealth: 1 a row of Healths, by sensors::last_status_change,
        |old, new| differs(&old.sensor_health, &new.sensor_health, |it| it.last_status_change);
}

fn rows_change(_: &Snapshot, _: &Snapshot) -> Option<Vec<bool>> {
    None
}

fn differs<V, F: PartialEq>(
    old: &Option<crate::snapshot::Fetched<Readings<V>>>,
    new: &Option<crate::snapshot::Fetched<Readings<V>>>,
    shown: fn(&V) -> F,
) -> Option<Vec<bool>> {
    let (old, new) = (&old.as_ref()?.data, &new.as_ref()?.data);
    let pairs = old.values().iter().zip(new.values());
    (old.values().len() == new.values().len())
        .then(|| pairs.map(|(old, new)| shown(old) != shown(new)).collect())
}

/// The lines of each status, with labels that stand before it.
struct StatusLines {
    /// For each of the documented statuses, and for all others: exactly one is 1, or none.
    documented: [LineTemplate<4>; 5],
    others: Vec<LineSuffix>,
}

impl StatusLines {
    fn new(family: &Family, before: &Labels, others: &[SharedStr]) -> Self {
        let suffix = |name: &str, value: f64| {
            LineSuffix::new(before.clone().with("status", name).escaped(), value)
        };
        let prefix = LinePrefix::new(family.name);
        let lines = |is: Option<Status>| {
            let suffixes = Status::DOCUMENTED.map(|status| {
                let value = f64::from(is == Some(status));
                suffix(status.name(&[]), value)
            });
            LineTemplate::new(&prefix, suffixes)
        };
        let [healthy, degraded, offline, unknown] = Status::DOCUMENTED.map(|it| lines(Some(it)));
        Self {
            documented: [healthy, degraded, offline, unknown, lines(None)],
            others: others.iter().map(|name| suffix(name, 1.0)).collect(),
        }
    }

    /// One sample for each documented status, exactly one of them 1; an undocumented status has a
    /// sample of its own, and then all the others are 0.
    fn write(&self, samples: &mut Samples<'_>, place: EscapedLabels<'_>, health: Status) {
        let [healthy, degraded, offline, unknown, other] = &self.documented;
        let lines = match health {
            Status::Healthy => healthy,
            Status::Degraded => degraded,
            Status::Offline => offline,
            Status::Unknown => unknown,
            Status::Other(_) => other,
        };
        samples.write_lines(place, lines);
        if let Status::Other(number) = health
            && let Some(suffix) = self.others.get(usize::from(number))
        {
            samples.write_suffixed(place, suffix);
        }
    }

    fn write_where_known(
        &self,
        samples: &mut Samples<'_>,
        place: EscapedLabels<'_>,
        health: Option<Status>,
    ) {
        if let Some(health) = health {
            self.write(samples, place, health);
        }
    }
}
