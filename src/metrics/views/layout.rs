//! The rows of all tables, cached until the inventory or the ids of an answer change.

use std::sync::Arc;

use crate::exposition::EscapedLabels;
use crate::snapshot::{Interner, Snapshot};

use super::{LocationLabels, Rows, Table};

/// What labels were built from: the inventory, and whether names could be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LabelsSource {
    inventory: u64,
    spaces: bool,
    sensors: bool,
}

impl LabelsSource {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            inventory: snapshot.inventory_version,
            spaces: snapshot.spaces.is_some(),
            sensors: snapshot.sensors.is_some(),
        }
    }
}

/// The rows of one collector's readings, and what they were joined from.
#[derive(Debug, Default)]
struct JoinedRows {
    rows: Rows,
    ids: Option<Arc<Interner>>,
    labels: u64,
    version: u64,
}

/// The labels of one organization's spaces and sensors and the rows of its tables.
#[derive(Debug, Default)]
pub struct Layout {
    names: Option<LabelsSource>,
    labels: LocationLabels,
    counts: JoinedRows,
    presences: JoinedRows,
    healths: JoinedRows,
    /// The version of the labels. It changes when they do, so equal versions mean equal tables.
    version: u64,
    last_version: u64,
}

/// The input of a view: one organization's snapshot with its labels and rows.
#[derive(Clone, Copy, Debug)]
pub struct ViewContext<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// The labels of its spaces and sensors.
    pub labels: &'a LocationLabels,
    /// The rows of the current count.
    pub counts: &'a Rows,
    /// The rows of presence.
    pub presences: &'a Rows,
    /// The rows of the sensors' health.
    pub healths: &'a Rows,
}

impl Layout {
    /// Rebuilds the labels and rows that do not match `snapshot` any more. This may take long.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A 64-bit count does not come to its end."
    )]
    pub fn update(&mut self, organization: &str, snapshot: &Snapshot) {
        let names = LabelsSource::of(snapshot);
        if self.names != Some(names) {
            // The old labels are dropped first, because both at once would take twice the memory.
            self.names = None;
            let old = std::mem::take(&mut self.labels).text_sizes();
            for joined in [&mut self.counts, &mut self.presences, &mut self.healths] {
                *joined = JoinedRows::default();
            }
            self.labels = LocationLabels::new(organization, snapshot, old);
            self.names = Some(names);
            self.last_version += 1;
            self.version = self.last_version;
        }
        let (labels, version) = (&self.labels, self.version);
        let last = &mut self.last_version;
        let of_spaces = |ids: &Interner| Rows::of_spaces(labels, snapshot, ids);
        let of_sensors = |ids: &Interner| Rows::of_sensors(labels, snapshot, ids);
        let counts = snapshot.current_count.as_ref();
        let presences = snapshot.presence.as_ref();
        let healths = snapshot.sensor_health.as_ref();
        self.counts
            .update(counts.map(|it| it.data.ids()), version, last, of_spaces);
        self.presences
            .update(presences.map(|it| it.data.ids()), version, last, of_spaces);
        self.healths
            .update(healths.map(|it| it.data.ids()), version, last, of_sensors);
    }

    /// Changes when the rows of `table` do.
    pub fn version(&self, table: Table) -> u64 {
        match table {
            Table::Spaces | Table::Sensors => self.version,
            Table::Counts => self.counts.version,
            Table::Presences => self.presences.version,
            Table::Healths => self.healths.version,
        }
    }

    /// The input of views. The layout must be up to date with `snapshot`.
    pub fn context<'a>(&'a self, snapshot: &'a Snapshot) -> ViewContext<'a> {
        ViewContext {
            snapshot,
            labels: &self.labels,
            counts: &self.counts.rows,
            presences: &self.presences.rows,
            healths: &self.healths.rows,
        }
    }
}

impl JoinedRows {
    /// Joins again when the labels or the ids have changed.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A 64-bit count does not come to its end."
    )]
    fn update(
        &mut self,
        ids: Option<&Arc<Interner>>,
        labels: u64,
        last_version: &mut u64,
        join: impl FnOnce(&Interner) -> Rows,
    ) {
        let same_ids = match (&self.ids, ids) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if same_ids && self.labels == labels {
            return;
        }
        self.rows = ids.map(|it| join(it)).unwrap_or_default();
        self.ids = ids.cloned();
        self.labels = labels;
        *last_version += 1;
        self.version = *last_version;
    }
}

impl ViewContext<'_> {
    /// How many rows `table` has.
    pub fn rows(&self, table: Table) -> usize {
        match table {
            Table::Spaces => self.labels.kept_spaces.len(),
            Table::Sensors => self.labels.kept_sensors.len(),
            Table::Counts => self.counts.len(),
            Table::Presences => self.presences.len(),
            Table::Healths => self.healths.len(),
        }
    }

    /// The labels that identify a row of `table`, whatever its position on the page.
    pub fn identity(&self, table: Table, row: usize) -> EscapedLabels<'_> {
        match table {
            Table::Spaces => self
                .labels
                .kept_spaces
                .get(row)
                .copied()
                .map_or(EscapedLabels::EMPTY, |number| self.labels.space(number)),
            Table::Sensors => self.labels.sensor(row),
            Table::Counts => self.counts.space_identity(self.labels, row),
            Table::Presences => self.presences.space_identity(self.labels, row),
            Table::Healths => self.healths.sensor_identity(self.labels, row),
        }
    }

    /// The indices of the readings in `rows` of `table`; none for a table without readings.
    pub fn readings(
        &self,
        table: Table,
        rows: std::ops::Range<usize>,
    ) -> Option<impl Iterator<Item = u32>> {
        match table {
            Table::Spaces | Table::Sensors => None,
            Table::Counts => Some(self.counts.readings(rows)),
            Table::Presences => Some(self.presences.readings(rows)),
            Table::Healths => Some(self.healths.readings(rows)),
        }
    }
}
