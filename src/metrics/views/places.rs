//! The labels of every place and sensor, escaped once for all the families that carry them.

use crate::exposition::{Fragment, LabelArena, Labels};
use crate::snapshot::{Listing, Located, Snapshot, SpaceTree};

/// The labels of the spaces and sensors of one organization.
#[derive(Clone, Debug, Default)]
pub struct PlaceLabels {
    organization: String,
    spaces: LabelArena,
    sensors: LabelArena,
}

/// The name of the space at `index`; empty where there is none, or where names may not be shown.
pub(super) fn name(tree: Option<&SpaceTree>, index: Option<u32>) -> &str {
    index
        .and_then(|it| tree?.node(it))
        .map_or("", |node| &node.space.name)
}

/// The id of the space at `index`; empty as with [`name`].
pub(super) fn id(tree: Option<&SpaceTree>, index: Option<u32>) -> &str {
    index
        .and_then(|it| tree?.node(it))
        .map_or("", |node| &node.space.id)
}

/// The number of a place that the tree lists.
pub(super) fn listed(located: &Located) -> Option<u32> {
    match located {
        Located::At(index) => Some(*index),
        Located::Nowhere | Located::Unlisted(_) => None,
    }
}

/// The tree, when its names may be shown.
pub(super) fn names(snapshot: &Snapshot) -> Option<&SpaceTree> {
    snapshot
        .spaces
        .as_ref()
        .map(|_| snapshot.inventory.tree().as_ref())
}

impl PlaceLabels {
    /// The labels of everything that `snapshot` lists; names only where they may still be shown.
    pub fn new(organization: &str, snapshot: &Snapshot) -> Self {
        let tree = names(snapshot);
        let mut labels = Self {
            organization: organization.to_owned(),
            ..Self::default()
        };
        // All of them, so that they are found by their number.
        for (index, node) in snapshot.inventory.tree().iter() {
            let above = tree.and(Some(node));
            labels.spaces.push([
                ("building", name(tree, above.and_then(|it| it.building))),
                ("floor", name(tree, above.and_then(|it| it.floor))),
                ("organization", organization),
                ("space", name(tree, Some(index))),
                ("space_id", &node.space.id),
            ]);
        }
        for (number, sensor) in (0..).zip(snapshot.inventory.sensors().as_slice()) {
            let place = snapshot
                .inventory
                .sensor_place(number)
                .filter(|_| snapshot.sensors.is_some());
            labels.sensors.push([
                (
                    "building",
                    name(tree, place.and_then(|it| listed(&it.building))),
                ),
                ("floor", name(tree, place.and_then(|it| listed(&it.floor)))),
                ("organization", organization),
                ("serial_number", &sensor.serial_number),
            ]);
        }
        labels
    }

    /// The labels of space `index` of the tree.
    pub(super) fn space(&self, index: u32) -> Fragment<'_> {
        self.spaces.get(index as usize)
    }

    /// The labels of sensor `number` of the list.
    pub(super) fn sensor(&self, number: u32) -> Fragment<'_> {
        self.sensors.get(number as usize)
    }

    /// The labels of a space or sensor that is not listed: `name` is `space_id` or `serial_number`.
    fn unlisted(&self, name: &str, id: &str) -> Labels {
        Labels::new()
            .with("organization", &self.organization)
            .with(name, id)
    }

    /// Calls `write` with the labels of each of `readings` that is not filtered out, in the order of
    /// the tree, and then with those that are not listed, in their own order.
    pub(super) fn each_space<'r, R>(
        &self,
        snapshot: &Snapshot,
        readings: &'r [R],
        id: impl Fn(&R) -> &str,
        mut write: impl FnMut(Fragment<'_>, &'r R),
    ) {
        let listing = |reading: &R| snapshot.inventory.space(id(reading));
        let (mut listed, unlisted) = split(readings, listing);
        listed.sort_unstable_by_key(|(index, _)| *index);
        for (index, reading) in listed {
            write(self.space(index), reading);
        }
        for reading in unlisted {
            write(self.unlisted("space_id", id(reading)).fragment(), reading);
        }
    }

    /// As [`Self::each_space`], for sensors: in the order of the places where they hang.
    pub(super) fn each_sensor<'r, R>(
        &self,
        snapshot: &Snapshot,
        readings: &'r [R],
        serial_number: impl Fn(&R) -> &str,
        mut write: impl FnMut(Fragment<'_>, &'r R),
    ) {
        let listing = |reading: &R| snapshot.inventory.sensor(serial_number(reading));
        let (listed, unlisted) = split(readings, listing);
        let mut by_number = vec![None; snapshot.inventory.sensors().as_slice().len()];
        for (number, reading) in listed {
            if let Some(slot) = by_number.get_mut(number as usize) {
                *slot = Some(reading);
            }
        }
        for (number, _, _) in snapshot.inventory.kept_sensors() {
            if let Some(Some(reading)) = by_number.get(number as usize) {
                write(self.sensor(number), reading);
            }
        }
        for reading in unlisted {
            let labels = self.unlisted("serial_number", serial_number(reading));
            write(labels.fragment(), reading);
        }
    }
}

type Split<'r, R> = (Vec<(u32, &'r R)>, Vec<&'r R>);

/// The readings that are kept, with their numbers, and those that are not listed.
fn split<R>(readings: &[R], listing: impl Fn(&R) -> Listing) -> Split<'_, R> {
    let mut listed = Vec::with_capacity(readings.len());
    let mut unlisted = Vec::new();
    for reading in readings {
        match listing(reading) {
            Listing::Kept(number) => listed.push((number, reading)),
            Listing::Unlisted => unlisted.push(reading),
            Listing::Dropped => {}
        }
    }
    (listed, unlisted)
}
