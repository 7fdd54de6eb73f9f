//! `GET /v3/spaces` and `POST /v3/sensors`: what there is and where it is.
//!
//! What is the same for ever (addresses, firmware, dates) is rolled while it is written, not kept.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::{Answer, Book, Problem, Request, Shape, chosen_sensors, list, stamp};
use crate::simulator::dice::Topic;
use crate::simulator::options::Nesting;
use crate::simulator::portfolio::{
    DEPARTMENTS, Mode, Room, Serial, SpaceId, SpaceIndex, SpaceKind, city_at,
};

/// 1 January 2022.
const FIRST_DAY: i64 = 1_640_995_200;
const DAY: i64 = 86_400;

pub(super) fn spaces(book: Book<'_>) -> Result<Answer, Problem> {
    let all = book.world.spaces().map(|(index, _)| index);
    match book.nesting {
        Nesting::Flat => list(Shape::Bare, all.map(|index| space(book, index, false))),
        Nesting::Nested => list(
            Shape::Bare,
            all.take(1).map(|index| space(book, index, true)),
        ),
        Nesting::Mixed => list(
            Shape::Bare,
            all.map(|index| {
                let building = book.world.portfolio.enclosing(index, SpaceKind::Building);
                space(
                    book,
                    index,
                    building.is_some_and(|building| building % 2 == 1),
                )
            }),
        ),
    }
}

#[derive(Serialize)]
struct SpaceEntry<'a> {
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<&'a str>,
    capacity: Option<u16>,
    children: Children<'a>,
    children_ids: Ids<'a>,
    cost_per_sqft: Option<f64>,
    counting_mode: Option<&'static str>,
    daily_reset: &'static str,
    function: Option<&'static str>,
    go_live_date_utc: Option<String>,
    id: SpaceId,
    iwms_id: Option<String>,
    labels: Vec<Label>,
    name: Option<&'a str>,
    size_area: Option<f64>,
    space_type: &'static str,
    status: &'a str,
    time_zone: Option<&'static str>,
}

/// The children as objects, or an empty list.
struct Children<'a> {
    book: Book<'a>,
    of: Option<SpaceIndex>,
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = self.of.map(|of| self.book.world.portfolio.space(of));
        let children = of.map_or(&[][..], |space| &space.children);
        serializer.collect_seq(children.iter().map(|&child| space(self.book, child, true)))
    }
}

/// The children by id.
struct Ids<'a> {
    book: Book<'a>,
    of: SpaceIndex,
}

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let portfolio = self.book.world.portfolio;
        let children = portfolio.space(self.of).children.iter();
        serializer.collect_seq(children.map(|&child| portfolio.space(child).id))
    }
}

fn space(book: Book<'_>, index: SpaceIndex, nested: bool) -> SpaceEntry<'_> {
    let world = book.world;
    let space = world.portfolio.space(index);
    let bits = world.portfolio.dice.roll(Topic::Details, index.into());
    let status = world.status(index);
    let city = city_at(space.city.into());
    let building = space.kind == SpaceKind::Building;
    let area = 2.5 * f64::from(space.seats) + (bits % 40) as f64 / 4.0;
    SpaceEntry {
        address: building.then(|| format!("{} Example Street, {}", 1 + bits % 200, city.name)),
        assigned_to: book.canary.filter(|_| index.is_multiple_of(5)),
        capacity: space.capacity,
        children: Children {
            book,
            of: nested.then_some(index),
        },
        children_ids: Ids { book, of: index },
        cost_per_sqft: building.then_some(20.0 + (bits % 300) as f64 / 10.0),
        counting_mode: space.mode.map(Mode::name),
        daily_reset: "04:00",
        function: space.room.filter(|_| bits % 23 != 5).map(Room::function),
        go_live_date_utc: (status == "live" && !bits.is_multiple_of(7))
            .then(|| stamp::utc(FIRST_DAY + (bits >> 20) as i64 % 900 * DAY)),
        id: space.id,
        iwms_id: bits.is_multiple_of(3).then(|| format!("IW-{}", bits >> 44)),
        labels: labels(book, index),
        name: world.name(index),
        size_area: (space.seats > 0 && !bits.is_multiple_of(11)).then_some(area),
        space_type: space.kind.name(),
        status,
        time_zone: (space.kind >= SpaceKind::Campus).then_some(city.zone),
    }
}

#[derive(Serialize)]
struct Label {
    group: Option<Group>,
    id: String,
    name: &'static str,
    spaces: [(); 0],
}

#[derive(Serialize)]
struct Group {
    id: String,
    labels: [(); 0],
    name: &'static str,
}

fn labels(book: Book<'_>, index: SpaceIndex) -> Vec<Label> {
    let mut labels = Vec::new();
    let space = book.world.portfolio.space(index);
    let bits = book.world.portfolio.dice.roll(Topic::Labels, index.into());
    let mut add = |number: u64, group: Option<&'static str>, name| {
        labels.push(Label {
            group: group.map(|name| Group {
                id: format!("lbg_{}", number / 10),
                labels: [],
                name,
            }),
            id: format!("lbl_{number}"),
            name,
            spaces: [],
        });
    };
    match space.room {
        Some(Room::Lobby) => add(10, Some("Priority"), "critical"),
        Some(_) if bits.is_multiple_of(25) => add(10, Some("Priority"), "critical"),
        Some(_) if bits % 25 == 1 => add(11, Some("Priority"), "low"),
        _ => {}
    }
    if space.room.is_some() && (bits >> 16).is_multiple_of(3) {
        let department = (bits >> 32) as usize % DEPARTMENTS.len();
        if let Some(name) = DEPARTMENTS.get(department) {
            add(20 + department as u64, Some("Department"), name);
        }
    }
    if (bits >> 48).is_multiple_of(40) {
        add(90, None, "quiet \"zone\"");
    }
    labels
}

pub(super) fn sensors(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let chosen = chosen_sensors(book.world, request);
    list(Shape::Bare, chosen.map(|index| sensor(book, index)))
}

#[derive(Serialize)]
struct SensorEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<&'a str>,
    created_at: String,
    firmware_version: &'static str,
    hardware_type: &'static str,
    location: Location,
    network_addresses: Vec<Address>,
    sensor_type: &'static str,
    serial_number: Serial,
    updated_at: String,
}

#[derive(Default, Serialize)]
struct Location {
    building_ids: Vec<SpaceId>,
    floor_ids: Vec<SpaceId>,
    space_ids: Vec<SpaceId>,
}

#[derive(Serialize)]
struct Address {
    address: String,
    family: &'static str,
    r#if: &'static str,
    mac: String,
}

fn sensor(book: Book<'_>, index: u32) -> SensorEntry<'_> {
    let portfolio = book.world.portfolio;
    let sensor = portfolio.sensor(index);
    let bits = portfolio.dice.roll(Topic::Sensor, index.into());
    let mut location = Location::default();
    for place in portfolio.places_of(sensor) {
        let space = portfolio.space(place);
        match space.kind {
            SpaceKind::Building => location.building_ids.push(space.id),
            SpaceKind::Floor => location.floor_ids.push(space.id),
            _ => location.space_ids.push(space.id),
        }
    }
    let created = FIRST_DAY + (bits % 1_000) as i64 * DAY + (bits >> 40) as i64 % DAY;
    SensorEntry {
        assigned_to: book.canary.filter(|_| index.is_multiple_of(5)),
        created_at: stamp::mixed(created, bits >> 3),
        firmware_version: match bits % 20 {
            0 => "4.0.0-rc.1",
            1..=3 => "3.4.1",
            4..=9 => "3.5.0",
            _ => "3.5.2",
        },
        hardware_type: match (sensor.kind, bits % 3) {
            (Mode::Oa, 0) => "ob2",
            (Mode::Oa, _) => "ob1",
            (Mode::Entry, 0) => "r60",
            (Mode::Entry, _) => "s5",
            (Mode::Waffle, _) => "wf1",
        },
        location,
        network_addresses: addresses(index, bits),
        sensor_type: sensor.kind.name(),
        serial_number: sensor.serial,
        updated_at: stamp::mixed(created + (bits >> 50) as i64 * 3_600, bits >> 5),
    }
}

fn addresses(index: u32, bits: u64) -> Vec<Address> {
    let [_, a, b, c] = index.to_be_bytes();
    // Locally administered and private: nobody's real addresses.
    let mac = format!("02:00:00:{a:02x}:{b:02x}:{c:02x}");
    let mut all = vec![Address {
        address: format!("10.{a}.{b}.{c}"),
        family: "ipv4",
        r#if: "eth0",
        mac: mac.clone(),
    }];
    if bits.is_multiple_of(8) {
        all.push(Address {
            address: format!("fd00::{index:x}"),
            family: "ipv6",
            r#if: "eth0",
            mac,
        });
    }
    all
}

/// A list of one space that holds a space that holds a space, `depth` times.
pub(crate) fn write_deep_spaces(depth: u32) -> String {
    let mut json = String::from("[");
    for level in 0..depth {
        // Writing to a string can't fail.
        let _ = write!(
            json,
            "{{\"id\":\"spc_deep_{level}\",\"name\":\"Level {level}\",\"space_type\":\"space\",\
             \"status\":\"live\",\"labels\":[],\"children_ids\":[\"spc_deep_{}\"],\"children\":[",
            level + 1
        );
    }
    for _ in 0..depth {
        json.push_str("]}");
    }
    json.push(']');
    json
}
