//! The labels of every space and sensor, escaped once for all families that have them.

use crate::exposition::{EscapedLabels, LabelArena};
use crate::snapshot::Snapshot;

use super::info_labels::InfoLabels;
use super::names::{listed_space, space_name, visible_tree};

/// The labels of the spaces and sensors of one organization, and which of them the filters keep.
#[derive(Debug, Default)]
pub struct LocationLabels {
    pub(super) organization: String,
    spaces: LabelArena,
    sensors: LabelArena,
    /// By space: the offsets of its name and of its id within its labels.
    space_offsets: Vec<[usize; 2]>,
    /// By sensor: the offset of its serial number within its labels.
    sensor_offsets: Vec<usize>,
    /// None when the names of spaces must not be shown.
    pub(super) info: Option<InfoLabels>,
    /// The indices of the spaces that are shown, in tree order.
    pub(super) kept_spaces: Vec<u32>,
    /// The indices of the sensors that are shown, in the order of their locations.
    pub(super) kept_sensors: Vec<u32>,
}

/// How many bytes the labels take, as a capacity for their next version.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextSizes {
    spaces: usize,
    sensors: usize,
}

impl LocationLabels {
    /// How many bytes the labels take.
    pub(super) fn text_sizes(self) -> TextSizes {
        TextSizes {
            spaces: self.spaces.text_len(),
            sensors: self.sensors.text_len(),
        }
    }

    /// The labels of everything that `snapshot` lists, with names only when they may still be shown. They
    /// will take about as many bytes as `sizes`.
    pub(super) fn new(organization: &str, snapshot: &Snapshot, sizes: TextSizes) -> Self {
        let tree = visible_tree(snapshot);
        let inventory = &snapshot.inventory;
        let mut labels = Self {
            organization: organization.to_owned(),
            spaces: LabelArena::with_capacity(sizes.spaces, inventory.tree().len()),
            sensors: LabelArena::with_capacity(sizes.sensors, inventory.sensors().as_slice().len()),
            space_offsets: Vec::with_capacity(inventory.tree().len()),
            sensor_offsets: Vec::with_capacity(inventory.sensors().as_slice().len()),
            info: tree.map(|_| InfoLabels::new(organization, snapshot)),
            kept_spaces: inventory.kept_spaces().map(|it| it.0).collect(),
            kept_sensors: inventory.kept_sensors().map(|it| it.0).collect(),
        };
        // All of them, so that they are found by their index.
        for (index, node) in inventory.tree().iter() {
            let own = [
                ("space", space_name(tree, Some(index))),
                ("space_id", inventory.tree().text(node.space.id)),
            ];
            let location = tree.and(Some(node));
            let building = location.and_then(|it| it.building);
            let floor = location.and_then(|it| it.floor);
            let shared = [
                ("building", space_name(tree, building)),
                ("floor", space_name(tree, floor)),
                ("organization", organization),
            ];
            let offsets = labels.spaces.push_with_offsets(shared, own);
            labels.space_offsets.push(offsets);
        }
        let sensors = inventory.sensors();
        // In the order of the page, which is the order in which they are read.
        for (_, sensor, location) in inventory.kept_sensors() {
            let location = Some(location).filter(|_| snapshot.sensors.is_some());
            let building = location.and_then(|it| listed_space(it.building));
            let floor = location.and_then(|it| listed_space(it.floor));
            let shared = [
                ("building", space_name(tree, building)),
                ("floor", space_name(tree, floor)),
                ("organization", organization),
            ];
            let own = [("serial_number", sensors.text(sensor.serial_number))];
            let [offset] = labels.sensors.push_with_offsets(shared, own);
            labels.sensor_offsets.push(offset);
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
    pub(super) fn space_name_and_id(&self, index: u32) -> EscapedLabels<'_> {
        let [name, _] = self.space_offsets(index);
        self.space(index).skip(name)
    }

    /// Only the id of space `index`.
    pub(super) fn space_id(&self, index: u32) -> EscapedLabels<'_> {
        let [_, id] = self.space_offsets(index);
        self.space(index).skip(id)
    }

    fn space_offsets(&self, index: u32) -> [usize; 2] {
        let offsets = self.space_offsets.get(index as usize).copied();
        offsets.unwrap_or_default()
    }

    /// Only the serial number of the sensor at `position` of the page.
    pub(super) fn sensor_serial_number(&self, position: usize) -> EscapedLabels<'_> {
        let offset = self.sensor_offsets.get(position).copied();
        self.sensor(position).skip(offset.unwrap_or_default())
    }

    /// The labels of the sensor at `position` of the page.
    pub(super) fn sensor(&self, position: usize) -> EscapedLabels<'_> {
        self.sensors.get(position)
    }
}
