//! The position of each reading on the page, joined to the labels of its location.

use std::ops::Range;

use crate::exposition::{EscapedLabels, LabelArena};
use crate::snapshot::{Interner, Listing, Readings, Snapshot, Symbol};

use super::location_labels::LocationLabels;

/// The readings of one collector in the order of the page: those that the inventory lists and keeps, in
/// its order, then those that it does not list, by id. They are valid as long as the inventory and the ids
/// stay the same.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The index of the reading, and the index of its space or the position of its sensor.
    listed: Vec<(u32, u32)>,
    /// The indices of the readings whose space or sensor is not listed.
    unlisted: Vec<u32>,
    unlisted_labels: LabelArena,
}

impl Rows {
    /// The rows of readings of spaces.
    pub fn of_spaces(labels: &LocationLabels, snapshot: &Snapshot, ids: &Interner) -> Self {
        let mut rows = Self::split(ids, |id| snapshot.inventory.space(id));
        // Indices of spaces are in tree order.
        rows.listed.sort_unstable_by_key(|(_, index)| *index);
        rows.label_unlisted(labels, "space_id", ids);
        rows
    }

    /// The rows of readings of sensors.
    pub fn of_sensors(labels: &LocationLabels, snapshot: &Snapshot, ids: &Interner) -> Self {
        let mut rows = Self::split(ids, |id| snapshot.inventory.sensor(id));
        let mut readings = vec![None; snapshot.inventory.sensors().as_slice().len()];
        for (reading, number) in rows.listed.drain(..) {
            if let Some(slot) = readings.get_mut(number as usize) {
                *slot = Some(reading);
            }
        }
        for (position, number) in (0..).zip(&labels.kept_sensors) {
            if let Some(Some(reading)) = readings.get(*number as usize) {
                rows.listed.push((*reading, position));
            }
        }
        rows.label_unlisted(labels, "serial_number", ids);
        rows
    }

    fn split(ids: &Interner, listing: impl Fn(&str) -> Listing) -> Self {
        let mut rows = Self {
            listed: Vec::with_capacity(ids.len()),
            ..Self::default()
        };
        for (reading, (_, id)) in (0..).zip(ids.iter()) {
            match listing(id) {
                Listing::Kept(number) => rows.listed.push((reading, number)),
                Listing::Unlisted => rows.unlisted.push(reading),
                Listing::Dropped => {}
            }
        }
        rows.listed.shrink_to_fit();
        rows
    }

    fn label_unlisted(&mut self, labels: &LocationLabels, name: &str, ids: &Interner) {
        let id = |reading: &u32| ids.get(Symbol::from_index(*reading));
        self.unlisted.sort_unstable_by(|a, b| id(a).cmp(id(b)));
        for reading in &self.unlisted {
            let organization = ("organization", labels.organization.as_str());
            self.unlisted_labels
                .push([organization, (name, id(reading))]);
        }
    }

    /// How many there are.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn len(&self) -> usize {
        self.listed.len() + self.unlisted.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The indices of the readings in `range`.
    pub fn readings(&self, range: Range<usize>) -> impl Iterator<Item = u32> {
        let (listed, unlisted) = self.parts(range);
        let listed = self.listed.get(listed).unwrap_or_default();
        let unlisted = self.unlisted.get(unlisted).unwrap_or_default();
        listed.iter().map(|it| it.0).chain(unlisted.iter().copied())
    }

    /// Calls `write` with the labels and the value of each row in `range`.
    pub(super) fn each_space<'r, V>(
        &'r self,
        labels: &'r LocationLabels,
        readings: &'r Readings<V>,
        range: Range<usize>,
        write: impl FnMut(EscapedLabels<'r>, &'r V),
    ) {
        self.each(|number| labels.space(number), readings, range, write);
    }

    /// As [`Self::each_space`], for sensors.
    pub(super) fn each_sensor<'r, V>(
        &'r self,
        labels: &'r LocationLabels,
        readings: &'r Readings<V>,
        range: Range<usize>,
        write: impl FnMut(EscapedLabels<'r>, &'r V),
    ) {
        self.each(
            |position| labels.sensor(position as usize),
            readings,
            range,
            write,
        );
    }

    fn each<'r, V>(
        &'r self,
        labels: impl Fn(u32) -> EscapedLabels<'r>,
        readings: &'r Readings<V>,
        range: Range<usize>,
        mut write: impl FnMut(EscapedLabels<'r>, &'r V),
    ) {
        let values = readings.values();
        let (listed, unlisted) = self.parts(range);
        for (reading, number) in self.listed.get(listed).unwrap_or_default() {
            if let Some(value) = values.get(*reading as usize) {
                write(labels(*number), value);
            }
        }
        for number in unlisted {
            let reading = self.unlisted.get(number).map(|it| *it as usize);
            if let Some(value) = reading.and_then(|it| values.get(it)) {
                write(self.unlisted_labels.get(number), value);
            }
        }
    }

    /// The listed and the unlisted part of `range`, each as a range of its own list.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Both are at the border or after it."
    )]
    fn parts(&self, range: Range<usize>) -> (Range<usize>, Range<usize>) {
        let border = self.listed.len();
        let listed = range.start.min(border)..range.end.min(border);
        let end = range.end.clamp(border, self.len());
        let unlisted = range.start.clamp(border, end) - border..end - border;
        (listed, unlisted)
    }

    /// The labels that identify the space of `row`, whatever its position on the page.
    pub(super) fn space_identity<'r>(
        &'r self,
        labels: &'r LocationLabels,
        row: usize,
    ) -> EscapedLabels<'r> {
        match self.listed.get(row) {
            Some((_, number)) => labels.space(*number),
            None => self.unlisted_identity(row),
        }
    }

    /// As [`Self::space_identity`], of a sensor.
    pub(super) fn sensor_identity<'r>(
        &'r self,
        labels: &'r LocationLabels,
        row: usize,
    ) -> EscapedLabels<'r> {
        match self.listed.get(row) {
            Some((_, position)) => labels.sensor(*position as usize),
            None => self.unlisted_identity(row),
        }
    }

    fn unlisted_identity(&self, row: usize) -> EscapedLabels<'_> {
        let number = row.checked_sub(self.listed.len());
        number.map_or(EscapedLabels::EMPTY, |it| self.unlisted_labels.get(it))
    }
}
