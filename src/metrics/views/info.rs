//! The labels of `density_space_info`, `density_sensor_info` and what is beside them in pieces that are escaped once: what is
//! above a place is the same for all that is in it, and there are few kinds of sensors and of spaces.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::exposition::{EscapedLabels, LabelArena, LineSuffix, Samples};
use crate::snapshot::{Location, Node, SensorLocation, Snapshot, SpaceTree, Symbol};

use super::places::{id, name, names};

/// The pieces of one organization's info labels.
#[derive(Debug)]
pub(super) struct InfoPieces {
    /// By space: the building and the campus that it is in.
    above: LabelArena,
    /// By space: the floor that it is on.
    floors: LabelArena,
    /// By kind: what stands between those two.
    before_floor: LabelArena,
    /// By kind: what stands behind the floor.
    behind_floor: LabelArena,
    /// By kind: what stands behind the name and the id of a space.
    behind_id: Vec<LineSuffix>,
    /// By space: its kind.
    space_kinds: Vec<u32>,
    /// The labels that spaces carry, each once.
    labels: LabelArena,
    /// Which labels spaces carry, as numbers of those, and by space one past its last.
    carried: Vec<u32>,
    carried_to: Vec<u32>,
    /// In the order of the page, so that what is read one after the other lies so.
    sensors: Vec<SensorPieces>,
    organization: LabelArena,
    /// The ids of the spaces in which sensors hang.
    space_ids: LabelArena,
    /// Where sensors hang, as numbers of those ids.
    hang_in: Vec<u32>,
    /// What ends a line that is always 1.
    one: LineSuffix,
}

/// Which pieces the lines of a sensor have.
#[derive(Clone, Copy, Debug)]
struct SensorPieces {
    kind: u32,
    /// The spaces whose building and campus, and whose floor, are the sensor's.
    above: Option<u32>,
    floor: Option<u32>,
    /// It is in places that the tree does not list, or does not have so, and its labels have to be put together.
    is_elsewhere: bool,
    /// One past the last of the spaces that it hangs in.
    hang_in_to: u32,
}

/// What spaces, or sensors, have in common.
type Kind = (bool, [Option<Symbol>; 5]);

impl InfoPieces {
    /// The pieces for what `snapshot` lists.
    pub(super) fn new(organization: &str, snapshot: &Snapshot) -> Self {
        let shown = names(snapshot);
        let (tree, sensors) = (snapshot.inventory.tree(), snapshot.inventory.sensors());
        let mut pieces = Self {
            above: LabelArena::default(),
            floors: LabelArena::default(),
            before_floor: LabelArena::default(),
            behind_floor: LabelArena::default(),
            behind_id: Vec::new(),
            space_kinds: Vec::with_capacity(tree.len()),
            labels: LabelArena::default(),
            carried: Vec::new(),
            carried_to: Vec::with_capacity(tree.len()),
            sensors: Vec::with_capacity(sensors.as_slice().len()),
            organization: LabelArena::default(),
            space_ids: LabelArena::default(),
            hang_in: Vec::with_capacity(sensors.as_slice().len()),
            one: LineSuffix::new(EscapedLabels::EMPTY, 1.0),
        };
        let mut kinds: HashMap<Kind, u32, RandomState> = HashMap::default();
        let mut label_numbers: HashMap<[Symbol; 2], u32, RandomState> = HashMap::default();
        for (_, node) in tree.iter() {
            pieces.above.push_prefix([
                ("building", name(shown, node.building)),
                ("building_id", id(shown, node.building)),
                ("campus", name(shown, node.campus)),
                ("campus_id", id(shown, node.campus)),
            ]);
            pieces.floors.push_prefix([
                ("floor", name(shown, node.floor)),
                ("floor_id", id(shown, node.floor)),
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
                pieces.add_kind(
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
            pieces.space_kinds.push(kind);
            for label in tree.labels(space) {
                let next = label_numbers.len() as u32;
                let number = label_numbers.entry([label.group, label.name]);
                let number = *number.or_insert_with(|| {
                    pieces.labels.push_prefix([
                        ("group", tree.text(label.group)),
                        ("label", tree.text(label.name)),
                    ]);
                    next
                });
                pieces.carried.push(number);
            }
            pieces.carried_to.push(pieces.carried.len() as u32);
        }
        let mut id_numbers: HashMap<Symbol, u32, RandomState> = HashMap::default();
        for (_, sensor, place) in snapshot.inventory.kept_sensors() {
            let of = [
                Some(sensor.firmware_version),
                Some(sensor.hardware_type),
                place.lifecycle,
                Some(sensor.sensor_type),
                None,
            ];
            let kind = *kinds.entry((false, of)).or_insert_with(|| {
                pieces.add_kind(
                    [("firmware_version", sensors.text(sensor.firmware_version))],
                    [
                        ("hardware_type", sensors.text(sensor.hardware_type)),
                        ("lifecycle", tree.lifecycle_name(place.lifecycle)),
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
                    pieces.space_ids.push_suffix(id);
                    next
                });
                pieces.hang_in.push(number);
            }
            let hang_in_to = pieces.hang_in.len() as u32;
            pieces
                .sensors
                .push(SensorPieces::of(tree, kind, place, hang_in_to));
        }
        pieces
            .organization
            .push_prefix([("organization", organization)]);
        pieces.space_ids.shrink_to_fit();
        pieces.above.shrink_to_fit();
        pieces.floors.shrink_to_fit();
        pieces
    }

    fn add_kind(
        &mut self,
        before_floor: [(&str, &str); 1],
        behind_floor: [(&str, &str); 4],
        behind_id: [(&str, &str); 2],
    ) -> u32 {
        let number = self.behind_id.len() as u32;
        self.before_floor.push_prefix(before_floor);
        self.behind_floor.push_prefix(behind_floor);
        let mut more = LabelArena::default();
        more.push(behind_id);
        self.behind_id.push(LineSuffix::new(more.get(0), 1.0));
        number
    }

    /// The line of a space, whose own labels are `own`.
    pub(super) fn write_space(
        &self,
        samples: &mut Samples<'_>,
        index: u32,
        own: EscapedLabels<'_>,
    ) {
        let place = index as usize;
        let kind = self.space_kinds.get(place).map(|it| *it as usize);
        let Some((kind, suffix)) = kind.and_then(|it| Some((it, self.behind_id.get(it)?))) else {
            return;
        };
        let pieces = [
            self.above.get(place),
            self.before_floor.get(kind),
            self.floors.get(place),
            self.behind_floor.get(kind),
            own,
        ];
        samples.write_fragments(pieces, suffix);
    }

    /// The lines of the labels that a space carries, whose id is `id`.
    pub(super) fn write_space_labels(
        &self,
        samples: &mut Samples<'_>,
        index: u32,
        id: EscapedLabels<'_>,
    ) {
        for number in of_row(&self.carried, index as usize, |it| {
            self.carried_to.get(it).copied()
        }) {
            let label = self.labels.get(*number as usize);
            samples.write_fragments([label, self.organization.get(0), id], &self.one);
        }
    }

    /// The lines of the sensor at `position` of the page about the spaces that it hangs in. `own` are its
    /// own labels.
    pub(super) fn write_sensor_spaces(
        &self,
        samples: &mut Samples<'_>,
        position: usize,
        own: EscapedLabels<'_>,
    ) {
        let to = |at: usize| self.sensors.get(at).map(|it| it.hang_in_to);
        for number in of_row(&self.hang_in, position, to) {
            let id = self.space_ids.get(*number as usize);
            samples.write_fragments([self.organization.get(0), own, id], &self.one);
        }
    }

    /// The line of the sensor at `position` of the page, whose own labels are `own`; false when its
    /// places are not as the tree has them.
    pub(super) fn write_sensor(
        &self,
        samples: &mut Samples<'_>,
        position: usize,
        own: EscapedLabels<'_>,
    ) -> bool {
        let Some(sensor) = self.sensors.get(position).filter(|it| !it.is_elsewhere) else {
            return false;
        };
        let kind = sensor.kind as usize;
        let pieces = [
            at(&self.above, sensor.above),
            self.before_floor.get(kind),
            at(&self.floors, sensor.floor),
            self.behind_floor.get(kind),
            own,
        ];
        samples.write_fragments(pieces, &self.one);
        true
    }
}

/// What belongs to `row`: `to` gives one past the last of each row.
fn of_row(all: &[u32], row: usize, to: impl Fn(usize) -> Option<u32>) -> &[u32] {
    let from = row.checked_sub(1).and_then(&to).unwrap_or_default() as usize;
    let to = to(row).unwrap_or_default() as usize;
    all.get(from..to).unwrap_or_default()
}

/// The piece of `place`; nothing where there is no place.
fn at(pieces: &LabelArena, place: Option<u32>) -> EscapedLabels<'_> {
    place.map_or(EscapedLabels::EMPTY, |it| pieces.get(it as usize))
}

impl SensorPieces {
    fn of(tree: &SpaceTree, kind: u32, place: &SensorLocation, hang_in_to: u32) -> Self {
        // The closest place that is listed has the pieces of what is above it.
        let (above, floor) = match (place.campus, place.building, place.floor) {
            (_, _, Location::Space(floor)) => (Some(floor), Some(floor)),
            (_, Location::Space(building), _) => (Some(building), None),
            (Location::Space(campus), ..) => (Some(campus), None),
            _ => (None, None),
        };
        // Unless the tree has that place elsewhere than the sensor is: a floor stands at the top when the
        // entry of its building can't be read, and the sensor names the building still.
        let node = above.and_then(|it| tree.node(it));
        let of_tree = |of: fn(&Node) -> Option<u32>| node.and_then(of).into();
        let is_elsewhere = place.campus != of_tree(|it| it.campus)
            || place.building != of_tree(|it| it.building)
            || place.floor != of_tree(|it| it.floor);
        Self {
            kind,
            above,
            floor,
            is_elsewhere,
            hang_in_to,
        }
    }
}
