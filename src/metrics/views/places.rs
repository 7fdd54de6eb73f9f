//! The labels of every place and sensor, escaped once for all the families that carry them.

use super::info::InfoPieces;
use crate::exposition::{EscapedLabels, LabelArena};
use crate::snapshot::{Location, Snapshot, SpaceTree};

/// The labels of the spaces and sensors of one organization, and which of them are shown.
#[derive(Debug, Default)]
pub struct PlaceLabels {
    pub(super) organization: String,
    spaces: LabelArena,
    sensors: LabelArena,
    /// How much of the labels of each space stands before its own name, and before its id; and of each
    /// sensor before its serial number.
    before_space: Vec<[usize; 2]>,
    before_sensor: Vec<usize>,
    /// Nothing when the names of spaces may not be shown.
    pub(super) info: Option<InfoPieces>,
    /// The numbers of the spaces that are shown, in tree order.
    pub(super) kept_spaces: Vec<u32>,
    /// The numbers of the sensors that are shown, in the order of the places where they hang.
    pub(super) kept_sensors: Vec<u32>,
}

/// How many bytes labels take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    spaces: usize,
    sensors: usize,
}

/// The name of the space at `index`; empty where there is none, or where names may not be shown.
pub(super) fn name(tree: Option<&SpaceTree>, index: Option<u32>) -> &str {
    let node = |it| Some((tree?, tree?.node(it)?));
    let node = index.and_then(node);
    node.map_or("", |(tree, node)| tree.text(node.space.name))
}

/// The id of the space at `index`; empty as with [`name`].
pub(super) fn id(tree: Option<&SpaceTree>, index: Option<u32>) -> &str {
    let node = |it| Some((tree?, tree?.node(it)?));
    let node = index.and_then(node);
    node.map_or("", |(tree, node)| tree.text(node.space.id))
}

/// The number of a place that the tree lists.
pub(super) fn listed(located: Location) -> Option<u32> {
    match located {
        Location::Space(index) => Some(index),
        Location::Unknown | Location::Unlisted(_) => None,
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
    /// How much room the labels take.
    pub(super) fn room(self) -> Room {
        Room {
            spaces: self.spaces.text_len(),
            sensors: self.sensors.text_len(),
        }
    }

    /// The labels of everything that `snapshot` lists; names only where they may still be shown. They
    /// will take about as much room as before.
    pub(super) fn new(organization: &str, snapshot: &Snapshot, room: Room) -> Self {
        let tree = names(snapshot);
        let inventory = &snapshot.inventory;
        let mut labels = Self {
            organization: organization.to_owned(),
            spaces: LabelArena::with_capacity(room.spaces, inventory.tree().len()),
            sensors: LabelArena::with_capacity(room.sensors, inventory.sensors().as_slice().len()),
            before_space: Vec::with_capacity(inventory.tree().len()),
            before_sensor: Vec::with_capacity(inventory.sensors().as_slice().len()),
            info: tree.map(|_| InfoPieces::new(organization, snapshot)),
            kept_spaces: inventory.kept_spaces().map(|it| it.0).collect(),
            kept_sensors: inventory.kept_sensors().map(|it| it.0).collect(),
        };
        // All of them, so that they are found by their number.
        for (index, node) in inventory.tree().iter() {
            let above = tree.and(Some(node));
            let own = [
                ("space", name(tree, Some(index))),
                ("space_id", inventory.tree().text(node.space.id)),
            ];
            let place = [
                ("building", name(tree, above.and_then(|it| it.building))),
                ("floor", name(tree, above.and_then(|it| it.floor))),
                ("organization", organization),
            ];
            let before = labels.spaces.push_with_offsets(place, own);
            labels.before_space.push(before);
        }
        let sensors = inventory.sensors();
        // In the order of the page, so that what is read one after the other lies so.
        for (_, sensor, place) in inventory.kept_sensors() {
            let place = Some(place).filter(|_| snapshot.sensors.is_some());
            let building = place.and_then(|it| listed(it.building));
            let floor = place.and_then(|it| listed(it.floor));
            let place = [
                ("building", name(tree, building)),
                ("floor", name(tree, floor)),
                ("organization", organization),
            ];
            let own = [("serial_number", sensors.text(sensor.serial_number))];
            let [before] = labels.sensors.push_with_offsets(place, own);
            labels.before_sensor.push(before);
        }
        labels.spaces.shrink_to_fit();
        labels.sensors.shrink_to_fit();
        labels
    }

    /// The labels of space `index` of the tree.
    pub(super) fn space(&self, index: u32) -> EscapedLabels<'_> {
        self.spaces.get(index as usize)
    }

    /// Only the name and the id of space `index`.
    pub(super) fn own_of_space(&self, index: u32) -> EscapedLabels<'_> {
        let [before, _] = self.before(index);
        self.space(index).skip(before)
    }

    /// Only the id of space `index`.
    pub(super) fn id_of_space(&self, index: u32) -> EscapedLabels<'_> {
        let [_, before] = self.before(index);
        self.space(index).skip(before)
    }

    fn before(&self, index: u32) -> [usize; 2] {
        let before = self.before_space.get(index as usize).copied();
        before.unwrap_or_default()
    }

    /// Only the serial number of the sensor at `position` of the page.
    pub(super) fn own_of_sensor(&self, position: usize) -> EscapedLabels<'_> {
        let before = self.before_sensor.get(position).copied();
        self.sensor(position).skip(before.unwrap_or_default())
    }

    /// The labels of the sensor at `position` of the page.
    pub(super) fn sensor(&self, position: usize) -> EscapedLabels<'_> {
        self.sensors.get(position)
    }
}
