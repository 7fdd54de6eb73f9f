//! `GET /v3/spaces`: what places there are and how they hang together.
//!
//! What is the same for ever (addresses, labels, dates) is rolled while it is written, not kept.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::{Answer, Book, FIRST_DAY, Problem, Shape, list, stamp};
use crate::simulator::dice::Topic;
use crate::simulator::options::Nesting;
use crate::simulator::portfolio::{
    DEPARTMENTS, Mode, Room, SpaceId, SpaceIndex, SpaceKind, city_at,
};

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
