//! `GET /v3/spaces`: the spaces and how they are nested.
//!
//! Whatever never changes (addresses, labels, dates) is computed while it is written, not kept.

use std::sync::Arc;

use axum::extract::State;
use serde::{Serialize, Serializer};

use crate::simulator::api_error::ApiError;
use crate::simulator::extract::Caller;
use crate::simulator::options::Nesting;
use crate::simulator::portfolio::{
    DEPARTMENTS, FIRST_DAY, Mode, Room, SpaceId, SpaceIndex, SpaceKind, city_at,
};
use crate::simulator::response::{JsonResponse, Shape};
use crate::simulator::rng::Topic;
use crate::simulator::snapshot::Snapshot;
use crate::simulator::state::Simulator;
use crate::simulator::timestamp;

const DAY: i64 = 86_400;

pub(in crate::simulator) async fn spaces(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
) -> Result<JsonResponse, ApiError> {
    simulator.with_snapshot(|snapshot| {
        let writer = Writer {
            snapshot,
            canary: simulator.canary(),
        };
        let all = snapshot.spaces().map(|(index, _)| index);
        let list = |entries: &mut dyn Iterator<Item = SpaceEntry<'_>>| {
            JsonResponse::list(Shape::Bare, entries)
        };
        match simulator.options.nesting {
            Nesting::Flat => list(&mut all.map(|index| writer.entry(index, false))),
            Nesting::Nested => list(&mut all.take(1).map(|index| writer.entry(index, true))),
            Nesting::Mixed => list(&mut all.map(|index| {
                let building = snapshot.portfolio.enclosing(index, SpaceKind::Building);
                let nested = building.is_some_and(|building| building % 2 == 1);
                writer.entry(index, nested)
            })),
        }
    })
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
    writer: Writer<'a>,
    of: Option<SpaceIndex>,
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = self.of.map(|of| self.writer.snapshot.portfolio.space(of));
        let children = of.map_or(&[][..], |space| &space.children);
        serializer.collect_seq(children.iter().map(|&child| self.writer.entry(child, true)))
    }
}

/// The children by id.
struct Ids<'a> {
    writer: Writer<'a>,
    of: SpaceIndex,
}

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let portfolio = self.writer.snapshot.portfolio;
        let children = portfolio.space(self.of).children.iter();
        serializer.collect_seq(children.map(|&child| portfolio.space(child).id))
    }
}

/// Writes entries from a snapshot.
#[derive(Clone, Copy)]
struct Writer<'a> {
    snapshot: Snapshot<'a>,
    canary: Option<&'a str>,
}

impl<'a> Writer<'a> {
    /// Children are written as objects where `nested`.
    fn entry(self, index: SpaceIndex, nested: bool) -> SpaceEntry<'a> {
        let snapshot = self.snapshot;
        let space = snapshot.portfolio.space(index);
        let bits = snapshot.portfolio.rng.sample(Topic::Details, index.into());
        let status = snapshot.status(index);
        let city = city_at(space.city.into());
        let building = space.kind == SpaceKind::Building;
        let area = 2.5 * f64::from(space.seats) + (bits % 40) as f64 / 4.0;
        SpaceEntry {
            address: building.then(|| format!("{} Example Street, {}", 1 + bits % 200, city.name)),
            assigned_to: self.canary.filter(|_| index.is_multiple_of(5)),
            capacity: space.capacity,
            children: Children {
                writer: self,
                of: nested.then_some(index),
            },
            children_ids: Ids {
                writer: self,
                of: index,
            },
            cost_per_sqft: building.then_some(20.0 + (bits % 300) as f64 / 10.0),
            counting_mode: space.mode.map(Mode::name),
            daily_reset: "04:00",
            function: space.room.filter(|_| bits % 23 != 5).map(Room::function),
            go_live_date_utc: (status == "live" && !bits.is_multiple_of(7))
                .then(|| timestamp::utc(FIRST_DAY + (bits >> 20) as i64 % 900 * DAY)),
            id: space.id,
            iwms_id: bits.is_multiple_of(3).then(|| format!("IW-{}", bits >> 44)),
            labels: labels(snapshot, index),
            name: snapshot.name(index),
            size_area: (space.seats > 0 && !bits.is_multiple_of(11)).then_some(area),
            space_type: space.kind.name(),
            status,
            time_zone: (space.kind >= SpaceKind::Campus).then_some(city.zone),
        }
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

fn labels(snapshot: Snapshot<'_>, index: SpaceIndex) -> Vec<Label> {
    let mut labels = Vec::new();
    let space = snapshot.portfolio.space(index);
    let bits = snapshot.portfolio.rng.sample(Topic::Labels, index.into());
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
