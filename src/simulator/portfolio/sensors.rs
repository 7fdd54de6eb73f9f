//! Installs the sensors: spread evenly over the floors, most in one room, some at a door between two,
//! some in no particular room. A space that no sensor measures has no counting mode.

use super::Serial;
use super::place::{Mode, Sensor, Space, SpaceIndex, SpaceKind};
use crate::simulator::rng::Rng;

/// One in so many sensors of a floor measures the floor itself.
const ON_THE_FLOOR: usize = 9;
/// One in so many sensors measures two rooms.
const AT_A_DOOR: usize = 4;

/// Installs exactly `count` sensors, and adds them to the spaces that they measure.
pub(super) fn install(rng: Rng, count: usize, spaces: &mut [Space]) -> Vec<Sensor> {
    let floors = floors_with_rooms(spaces);
    let mut sensors = Vec::with_capacity(count);
    let (mut floor_before, mut on_floor) = (None, 0);
    for i in 0..count {
        let serial = Serial::nth(rng, i);
        let Some((floor, rooms)) = floors.get(i * floors.len() / count) else {
            // Without floors there are no locations.
            sensors.push(Sensor {
                serial,
                kind: Mode::Oa,
                floor: None,
                rooms: [None, None],
            });
            continue;
        };
        if floor_before != Some(*floor) {
            (floor_before, on_floor) = (Some(*floor), 0);
        }
        let sensor = sensor(serial, *floor, rooms, on_floor, spaces);
        on_floor += 1;
        // Sensors are far fewer than 2^32.
        let index = i as u32;
        for measured in sensor
            .floor
            .into_iter()
            .chain(sensor.rooms.into_iter().flatten())
        {
            if let Some(space) = spaces.get_mut(measured as usize) {
                space.sensors.push(index);
            }
        }
        sensors.push(sensor);
    }
    for space in spaces {
        if space.sensors.is_empty() {
            space.mode = None;
        }
        space.sensors.shrink_to_fit();
        space.children.shrink_to_fit();
    }
    sensors
}

/// Every floor with all rooms on it, nested ones too.
fn floors_with_rooms(spaces: &[Space]) -> Vec<(SpaceIndex, Vec<SpaceIndex>)> {
    let mut floors = Vec::new();
    for (floor, space) in (0..).zip(spaces) {
        if space.kind != SpaceKind::Floor {
            continue;
        }
        let mut rooms = space.children.clone();
        let mut next = 0;
        while let Some(room) = rooms.get(next).and_then(|&room| spaces.get(room as usize)) {
            rooms.extend(&room.children);
            next += 1;
        }
        rooms.sort_unstable();
        floors.push((floor, rooms));
    }
    floors
}

fn sensor(
    serial: Serial,
    floor: SpaceIndex,
    rooms: &[SpaceIndex],
    on_floor: usize,
    spaces: &[Space],
) -> Sensor {
    let mode_of = |index: SpaceIndex| spaces.get(index as usize).and_then(|space| space.mode);
    let room = match on_floor.checked_rem(rooms.len()) {
        Some(at) if on_floor % ON_THE_FLOOR != ON_THE_FLOOR - 1 => Some(at),
        _ => None,
    };
    let first = room.and_then(|at| rooms.get(at).copied());
    let kind = mode_of(first.unwrap_or(floor)).unwrap_or(Mode::Oa);
    let second = room.filter(|_| on_floor % AT_A_DOOR == 2).and_then(|at| {
        let after = rooms.iter().skip(at + 1).copied();
        after
            .into_iter()
            .find(|&other| mode_of(other) == Some(kind))
    });
    Sensor {
        serial,
        kind,
        floor: Some(floor),
        rooms: [first, second],
    }
}
