//! Builds the tree of spaces to an exact size: portfolio, regions, campuses, buildings, floors, rooms.
//!
//! Parents always come before their children, so that the list truncated at any length is a valid
//! tree: nothing here may break that order.

use super::cities::{REGIONS, city_at};
use super::place::{Mode, Room, Space, SpaceIndex, SpaceKind};
use super::{SpaceId, names};
use crate::simulator::options::Options;
use crate::simulator::rng::{Rng, Topic};

/// How many campuses there are at most: one a city.
const CAMPUSES: usize = 15;
const ROOMS_A_FLOOR: usize = 30;
/// With at least so many buildings, two floors are in planning.
const MANY_BUILDINGS: usize = 10;

/// How many spaces of each type.
struct Plan {
    regions: usize,
    campuses: usize,
    buildings: usize,
    floors: usize,
    rooms: usize,
    total: usize,
}

impl Plan {
    fn new(options: &Options) -> Self {
        let buildings = options.buildings.max(1);
        let wanted = options.campuses.unwrap_or(buildings).max(1);
        let mut campuses = wanted.min(buildings).min(CAMPUSES);
        let mut regions = campuses.min(REGIONS.len());
        let natural = || {
            let rooms = (options.sensors + options.sensors / 2).max(4 * buildings);
            let floors = (rooms / ROOMS_A_FLOOR).max(buildings);
            1 + regions + campuses + buildings + floors + rooms
        };
        let total = options.spaces.unwrap_or_else(natural);
        if total < 1 + regions + campuses + 2 * buildings {
            // With so few spaces, one region and campus are better than a building without a floor.
            (regions, campuses) = (1, 1);
        }
        let rest = total.saturating_sub(1 + regions + campuses + buildings);
        let floors = (rest / (ROOMS_A_FLOOR + 1)).max(buildings).min(rest);
        Self {
            regions,
            campuses,
            buildings,
            floors,
            rooms: rest - floors,
            total,
        }
    }
}

struct Tree {
    rng: Rng,
    spaces: Vec<Space>,
}

impl Tree {
    fn add(
        &mut self,
        parent: Option<SpaceIndex>,
        kind: SpaceKind,
        name: String,
        city: u8,
    ) -> SpaceIndex {
        let index = self.spaces.len();
        // A portfolio is far smaller than 2^32 spaces.
        let short = index as SpaceIndex;
        if let Some(parent) = parent.and_then(|parent| self.spaces.get_mut(parent as usize)) {
            parent.children.push(short);
        }
        self.spaces.push(Space {
            id: SpaceId::nth(self.rng, index),
            name: Some(name.into()),
            kind,
            room: None,
            parent,
            children: Vec::new(),
            seats: 0,
            capacity: None,
            mode: None,
            status: "live",
            city,
            sensors: Vec::new(),
        });
        short
    }

    fn change(&mut self, index: Option<&SpaceIndex>, change: impl FnOnce(&mut Space)) {
        if let Some(space) = index.and_then(|index| self.spaces.get_mut(*index as usize)) {
            change(space);
        }
    }
}

/// Builds the spaces of `options`.
pub(super) fn build(rng: Rng, options: &Options) -> Vec<Space> {
    let plan = Plan::new(options);
    let spaces = Vec::with_capacity(plan.total);
    let mut tree = Tree { rng, spaces };
    let root = tree.add(None, SpaceKind::Portfolio, options.organization.clone(), 0);
    let regions: Vec<SpaceIndex> = REGIONS
        .iter()
        .take(plan.regions)
        .zip(0..)
        .map(|(name, city)| tree.add(Some(root), SpaceKind::Region, (*name).to_owned(), city))
        .collect();
    let campuses: Vec<SpaceIndex> = (0..plan.campuses)
        .map(|i| {
            let parent = regions.get(i % plan.regions).copied();
            let name = format!("{} campus", city_at(i).name);
            tree.add(parent, SpaceKind::Campus, name, (i % CAMPUSES) as u8)
        })
        .collect();
    let buildings: Vec<SpaceIndex> = (0..plan.buildings)
        .map(|i| {
            let parent = campuses.get(i % plan.campuses).copied();
            let name = names::building(i, city_at(i).name);
            tree.add(parent, SpaceKind::Building, name, (i % CAMPUSES) as u8)
        })
        .collect();
    let floors = add_floors(&mut tree, &plan, &buildings);
    let rooms = add_rooms(&mut tree, &plan, &floors);
    add_special_cases(&mut tree, &buildings, &floors, &rooms);
    // There are too many only if fewer spaces than buildings were asked for.
    tree.spaces.truncate(plan.total);
    let kept = tree.spaces.len() as SpaceIndex;
    for space in &mut tree.spaces {
        space.children.retain(|&child| child < kept);
    }
    tree.spaces
}

fn add_floors(tree: &mut Tree, plan: &Plan, buildings: &[SpaceIndex]) -> Vec<SpaceIndex> {
    let mut floors = Vec::with_capacity(plan.floors);
    for (i, &building) in buildings.iter().enumerate() {
        let levels = plan.floors / plan.buildings + usize::from(i < plan.floors % plan.buildings);
        for level in 0..levels {
            let city = (i % CAMPUSES) as u8;
            let name = names::floor(level, levels);
            let floor = tree.add(Some(building), SpaceKind::Floor, name, city);
            // One floor in three counts people at its doors.
            let mode = if floors.len() % 3 == 1 {
                Mode::Entry
            } else {
                Mode::Oa
            };
            tree.change(Some(&floor), |floor| floor.mode = Some(mode));
            floors.push(floor);
        }
    }
    floors
}

fn add_rooms(tree: &mut Tree, plan: &Plan, floors: &[SpaceIndex]) -> Vec<SpaceIndex> {
    let mut rooms = Vec::with_capacity(plan.rooms);
    let mut here = None;
    let (mut neighborhood, mut area, mut number) = (None, None, 0);
    for r in 0..plan.rooms {
        let Some(&floor) = floors.get(r * floors.len() / plan.rooms) else {
            break; // Without floors there are no rooms.
        };
        if here != Some(floor) {
            (here, neighborhood, area, number) = (Some(floor), None, None, 0);
        }
        let room = room_at(tree.rng, number, r as u64);
        let parent = match room {
            Room::OpenArea => neighborhood.unwrap_or(floor),
            Room::Desk => area.or(neighborhood).unwrap_or(floor),
            _ => floor,
        };
        let index = add_room(tree, parent, room, number, r as u64);
        match room {
            Room::Neighborhood => (neighborhood, area) = (Some(index), None),
            Room::OpenArea => area = Some(index),
            _ => {}
        }
        rooms.push(index);
        number += 1;
    }
    rooms
}

/// The use of the `number`-th room of a floor: a board room first, then random, with at least one nested
/// desk on every floor that has four rooms.
fn room_at(rng: Rng, number: usize, r: u64) -> Room {
    match (number, rng.below(Topic::Room, r, 100)) {
        (0, _) => Room::Meeting,
        (1, _) => Room::Huddle,
        (2, _) => Room::OpenArea,
        (3, _) => Room::Desk,
        (_, 0..26) => Room::Meeting,
        (_, 26..36) => Room::Huddle,
        (_, 36..52) => Room::PhoneBooth,
        (_, 52..54) => Room::Neighborhood,
        (_, 54..60) => Room::OpenArea,
        (_, 60..84) => Room::Desk,
        (_, 84..88) => Room::Cafe,
        (_, 88..92) => Room::Lobby,
        (_, 92..96) => Room::Lounge,
        _ => Room::Restroom,
    }
}

fn add_room(tree: &mut Tree, parent: SpaceIndex, room: Room, number: usize, r: u64) -> SpaceIndex {
    let city = tree
        .spaces
        .get(parent as usize)
        .map_or(0, |space| space.city);
    let n = number + 1;
    let name = match room {
        Room::Meeting => names::meeting_room(number, tree.rng.sample(Topic::RoomName, r)),
        Room::Huddle => format!("Huddle {n}"),
        Room::PhoneBooth => format!("Phone booth {n}"),
        Room::Neighborhood => format!("Neighborhood {n}"),
        Room::OpenArea => format!("Open area {n}"),
        Room::Desk => format!("Desk {n:03}"),
        Room::Cafe => "Café".to_owned(),
        Room::Lobby => "Lobby".to_owned(),
        Room::Lounge => format!("Lounge {n}"),
        Room::Restroom => format!("WC {n}"),
    };
    let (fewest, most) = match room {
        Room::Meeting => (4, 14),
        Room::Huddle => (3, 6),
        Room::PhoneBooth => (1, 2),
        Room::Neighborhood => (20, 40),
        Room::OpenArea => (8, 24),
        Room::Desk => (1, 1),
        Room::Cafe => (20, 60),
        Room::Lobby => (10, 30),
        Room::Lounge => (6, 16),
        Room::Restroom => (4, 8),
    };
    let seats = fewest + tree.rng.below(Topic::Seats, r, most - fewest + 1) as u16 as u64;
    let mode = match (room, tree.rng.below(Topic::Mode, r, 100)) {
        (Room::Cafe | Room::Lobby | Room::Restroom, _) => Mode::Entry,
        (Room::Meeting, 0..25) => Mode::Entry,
        (Room::Huddle, 0..70) | (Room::PhoneBooth, 0..40) => Mode::Waffle,
        _ => Mode::Oa,
    };
    let nulls = tree.rng.sample(Topic::Nulls, r);
    let index = tree.add(Some(parent), SpaceKind::Space, name, city);
    tree.change(Some(&index), |space| {
        space.room = Some(room);
        space.seats = seats as u16;
        space.capacity = (nulls % 19 != 3).then_some(seats as u16);
        space.mode = Some(mode);
        if nulls.is_multiple_of(151) {
            space.name = None;
        }
    });
    index
}

/// The special cases of every portfolio that is large enough: awkward names, no name, no capacity,
/// planning, retired.
fn add_special_cases(
    tree: &mut Tree,
    buildings: &[SpaceIndex],
    floors: &[SpaceIndex],
    rooms: &[SpaceIndex],
) {
    tree.change(buildings.get(2), |space| {
        space.name = Some(names::AWKWARD_BUILDING.into());
    });
    tree.change(floors.get(1), |space| {
        space.name = Some(names::AWKWARD_FLOOR.into());
    });
    for (i, name) in names::AWKWARD.iter().enumerate() {
        tree.change(rooms.get(2 * i + 1), |space| {
            space.name = Some((*name).into())
        });
    }
    tree.change(rooms.get(4), |space| space.name = None);
    tree.change(rooms.get(6), |space| space.capacity = None);
    if rooms.len() > 2 {
        tree.change(rooms.get(rooms.len() / 3), |space| space.status = "retired");
    }
    if floors.len() > 1 {
        tree.change(floors.last(), |space| space.status = "planning");
    }
    if buildings.len() >= MANY_BUILDINGS {
        tree.change(floors.get(floors.len() / 2), |space| {
            space.status = "planning"
        });
    }
}
