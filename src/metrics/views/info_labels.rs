//! The labels of the info families in fragments that are escaped once: everything in a building shares the
//! labels of that building, and there are few kinds of spaces and of sensors.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::exposition::{EscapedLabels, LabelArena, LineSuffix, Samples};
use crate::snapshot::{Location, Node, SensorLocation, Snapshot, SpaceTree, Symbol};

use super::names::{space_id, space_name, visible_tree};

/// The label fragments of one organization's info families.
#[derive(Debug)]
pub(super) struct InfoLabels {
    /// By space: the building and the campus that it is in.
    buildings: LabelArena,
    /// By space: the floor that it is on.
    floors: LabelArena,
    /// By kind: the labels between those two.
    before_floor: LabelArena,
    /// By kind: the labels after the floor.
    after_floor: LabelArena,
    /// By kind: the rest of the line after the name and the id of a space.
    after_id: Vec<LineSuffix>,
    /// By space: its kind.
    space_kinds: Vec<u32>,
    /// The Density labels of all spaces, each once.
    labels: LabelArena,
    /// The labels of each space, as indices into those, and by space one past its last.
    space_labels: Vec<u32>,
    space_labels_to: Vec<u32>,
    /// In the order of the page, which is the order in which they are read.
    sensors: Vec<SensorFragments>,
    organization: LabelArena,
    /// The ids of the spaces that have sensors.
    space_ids: LabelArena,
    /// The spaces of each sensor, as indices into those ids.
    sensor_spaces: Vec<u32>,
    /// The suffix of a line whose value is always 1.
    one: LineSuffix,
}

/// The fragments of a sensor's lines.
#[derive(Clone, Copy, Debug)]
struct SensorFragments {
    kind: u32,
    /// The spaces whose building and campus, and whose floor, are the sensor's.
    building: Option<u32>,
    floor: Option<u32>,
    /// Its location is not listed, or is another one in the tree, so that its labels have to be written one
    /// by one.
    differs_from_tree: bool,
    /// One past the last of its spaces.
    spaces_to: u32,
}

/// What all spaces, or all sensors, of a kind have in common.
type KindKey = (bool, [Option<Symbol>; 5]);

impl InfoLabels {
    /// The fragments for what `snapshot` lists.
    pub(super) fn new(organization: &str, snapshot: &Snapshot) -> Self {
        let visible = visible_tree(snapshot);
        let (tree, sensors) = (snapshot.inventory.tree(), snapshot.inventory.sensors());
        let mut fragments = Self {
            buildings: LabelArena::default(),
            floors: LabelArena::default(),
            before_floor: LabelArena::default(),
            after_floor: LabelArena::default(),
            after_id: Vec::new(),
            space_kinds: Vec::with_capacity(tree.len()),
            labels: LabelArena::default(),
            space_labels: Vec::new(),
            space_labels_to: Vec::with_capacity(tree.len()),
            sensors: Vec::with_capacity(sensors.as_slice().len()),
            organization: LabelArena::default(),
            space_ids: LabelArena::default(),
            sensor_spaces: Vec::with_capacity(sensors.as_slice().len()),
            one: LineSuffix::new(EscapedLabels::EMPTY, 1.0),
        };
        let mut kinds: HashMap<KindKey, u32, RandomState> = HashMap::default();
        let mut label_numbers: HashMap<[Symbol; 2], u32, RandomState> = HashMap::default();
        for (_, node) in tree.iter() {
            fragments.buildings.push_prefix([
                ("building", space_name(visible, node.building)),
                ("building_id", space_id(visible, node.building)),
                ("campus", space_name(visible, node.campus)),
                ("campus_id", space_id(visible, node.campus)),
            ]);
            fragments.floors.push_prefix([
                ("floor", space_name(visible, node.floor)),
                ("floor_id", space_id(visible, node.floor)),
            ]);
            let space = &node.space;
            let lifecycle = tree.lifecycle(node);
            let of = [
                Some(space.counting_mode),
                Some(space.function),
                lifecycle,
                Some(space.space_type),
                Some(space.time_zone),
            ];
            let kind = *kinds.entry((true, of)).or_insert_with(|| {
                fragments.add_kind(
                    [("counting_mode", tree.text(space.counting_mode))],
                    [
                        ("function", tree.text(space.function)),
                        ("lifecycle", tree.lifecycle_name(lifecycle)),
                        ("organization", organization),
                        ("", ""),
                    ],
                    [
                        ("space_type", tree.text(space.space_type)),
                        ("time_zone", tree.text(space.time_zone)),
                    ],
                )
            });
            fragments.space_kinds.push(kind);
            for label in tree.labels(space) {
                let next = label_numbers.len() as u32;
                let number = label_numbers.entry([label.group, label.name]);
                let number = *number.or_insert_with(|| {
                    fragments.labels.push_prefix([
                        ("group", tree.text(label.group)),
                        ("label", tree.text(label.name)),
                    ]);
                    next
                });
                fragments.space_labels.push(number);
            }
            fragments
                .space_labels_to
                .push(fragments.space_labels.len() as u32);
        }
        let mut id_numbers: HashMap<Symbol, u32, RandomState> = HashMap::default();
        for (_, sensor, location) in snapshot.inventory.kept_sensors() {
            let of = [
                Some(sensor.firmware_version),
                Some(sensor.hardware_type),
                location.lifecycle,
                Some(sensor.sensor_type),
                None,
            ];
            let kind = *kinds.entry((false, of)).or_insert_with(|| {
                fragments.add_kind(
                    [("firmware_version", sensors.text(sensor.firmware_version))],
                    [
                        ("hardware_type", sensors.text(sensor.hardware_type)),
                        ("lifecycle", tree.lifecycle_name(location.lifecycle)),
                        ("organization", organization),
                        ("sensor_type", sensors.text(sensor.sensor_type)),
                    ],
                    [("", ""); 2],
                )
            });
            for space in sensors.spaces(sensor) {
                let next = id_numbers.len() as u32;
                let number = *id_numbers.entry(*space).or_insert_with(|| {
                    let id = ("space_id", sensors.text(*space));
                    fragments.space_ids.push_suffix(id);
                    next
                });
                fragments.sensor_spaces.push(number);
            }
            let spaces_to = fragments.sensor_spaces.len() as u32;
            fragments
                .sensors
                .push(SensorFragments::of(tree, kind, location, spaces_to));
        }
        fragments
            .organization
            .push_prefix([("organization", organization)]);
        fragments.space_ids.shrink_to_fit();
        fragments.buildings.shrink_to_fit();
        fragments.floors.shrink_to_fit();
        fragments
    }

    fn add_kind(
        &mut self,
        before_floor: [(&str, &str); 1],
        after_floor: [(&str, &str); 4],
        after_id: [(&str, &str); 2],
    ) -> u32 {
        let number = self.after_id.len() as u32;
        self.before_floor.push_prefix(before_floor);
        self.after_floor.push_prefix(after_floor);
        let mut more = LabelArena::default();
        more.push(after_id);
        self.after_id.push(LineSuffix::new(more.get(0), 1.0));
        number
    }

    /// Writes the line of a space. `own` are the labels of its name and id.
    pub(super) fn write_space(
        &self,
        samples: &mut Samples<'_>,
        index: u32,
        own: EscapedLabels<'_>,
    ) {
        let index = index as usize;
        let kind = self.space_kinds.get(index).map(|it| *it as usize);
        let Some((kind, suffix)) = kind.and_then(|it| Some((it, self.after_id.get(it)?))) else {
            return;
        };
        let fragments = [
            self.buildings.get(index),
            self.before_floor.get(kind),
            self.floors.get(index),
            self.after_floor.get(kind),
            own,
        ];
        samples.write_fragments(fragments, suffix);
    }

    /// The lines of the labels that a space carries, whose id is `id`.
    pub(super) fn write_space_labels(
        &self,
        samples: &mut Samples<'_>,
        index: u32,
        id: EscapedLabels<'_>,
    ) {
        for number in of_row(&self.space_labels, index as usize, |it| {
            self.space_labels_to.get(it).copied()
        }) {
            let label = self.labels.get(*number as usize);
            samples.write_fragments([label, self.organization.get(0), id], &self.one);
        }
    }

    /// Writes a line for each space of the sensor at `position` of the page. `own` is the label of its serial
    /// number.
    pub(super) fn write_sensor_spaces(
        &self,
        samples: &mut Samples<'_>,
        position: usize,
        own: EscapedLabels<'_>,
    ) {
        let to = |at: usize| self.sensors.get(at).map(|it| it.spaces_to);
        for number in of_row(&self.sensor_spaces, position, to) {
            let id = self.space_ids.get(*number as usize);
            samples.write_fragments([self.organization.get(0), own, id], &self.one);
        }
    }

    /// Writes the line of the sensor at `position` of the page; false when its location is not the one in the
    /// tree. `own` is the label of its serial number.
    pub(super) fn write_sensor(
        &self,
        samples: &mut Samples<'_>,
        position: usize,
        own: EscapedLabels<'_>,
    ) -> bool {
        let Some(sensor) = self
            .sensors
            .get(position)
            .filter(|it| !it.differs_from_tree)
        else {
            return false;
        };
        let kind = sensor.kind as usize;
        let fragments = [
            at(&self.buildings, sensor.building),
            self.before_floor.get(kind),
            at(&self.floors, sensor.floor),
            self.after_floor.get(kind),
            own,
        ];
        samples.write_fragments(fragments, &self.one);
        true
    }
}

/// The items of `row`: `to` returns one past the last item of a row.
fn of_row(all: &[u32], row: usize, to: impl Fn(usize) -> Option<u32>) -> &[u32] {
    let from = row.checked_sub(1).and_then(&to).unwrap_or_default() as usize;
    let to = to(row).unwrap_or_default() as usize;
    all.get(from..to).unwrap_or_default()
}

/// The fragment of the space at `index`; empty when there is none.
fn at(fragments: &LabelArena, index: Option<u32>) -> EscapedLabels<'_> {
    index.map_or(EscapedLabels::EMPTY, |it| fragments.get(it as usize))
}

impl SensorFragments {
    fn of(tree: &SpaceTree, kind: u32, location: &SensorLocation, spaces_to: u32) -> Self {
        // The closest listed location has the fragments of everything above it.
        let (building, floor) = match (location.campus, location.building, location.floor) {
            (_, _, Location::Space(floor)) => (Some(floor), Some(floor)),
            (_, Location::Space(building), _) => (Some(building), None),
            (Location::Space(campus), ..) => (Some(campus), None),
            _ => (None, None),
        };
        // Unless the tree has that location elsewhere: a floor is at the top of the tree when the entry of
        // its building can't be read, while the sensor still names the building.
        let node = building.and_then(|it| tree.node(it));
        let of_tree = |of: fn(&Node) -> Option<u32>| node.and_then(of).into();
        let differs_from_tree = location.campus != of_tree(|it| it.campus)
            || location.building != of_tree(|it| it.building)
            || location.floor != of_tree(|it| it.floor);
        Self {
            kind,
            building,
            floor,
            differs_from_tree,
            spaces_to,
        }
    }
}
