//! `GET /simulator/places`: the ids and names that faults and events can name.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use super::pretty_json::pretty_json;
use crate::simulator::portfolio::{Serial, Space, SpaceId, SpaceKind};
use crate::simulator::snapshot::Snapshot;
use crate::simulator::state::Simulator;

pub(in crate::simulator) async fn places(State(simulator): State<Arc<Simulator>>) -> Response {
    pretty_json(&simulator.with_snapshot(Places::of))
}

#[derive(Serialize)]
struct Places {
    buildings: Vec<Place>,
    floors: Vec<Place>,
    spaces: Vec<Place>,
    sensors: Vec<SensorPlace>,
}

#[derive(Serialize)]
struct Place {
    id: SpaceId,
    name: Option<String>,
    parent: Option<SpaceId>,
}

#[derive(Serialize)]
struct SensorPlace {
    serial_number: Serial,
    sensor_type: &'static str,
    health_status: &'static str,
    floor: Option<SpaceId>,
}

impl Places {
    fn of(snapshot: Snapshot<'_>) -> Self {
        let id = |index| snapshot.portfolio.space(index).id;
        let of_kind = |kind| {
            let spaces = snapshot
                .spaces()
                .filter(move |(_, space)| space.kind == kind);
            let place = move |(index, space): (u32, &Space)| Place {
                id: space.id,
                name: snapshot.name(index).map(str::to_owned),
                parent: space.parent.map(id),
            };
            spaces.map(place).collect()
        };
        Self {
            buildings: of_kind(SpaceKind::Building),
            floors: of_kind(SpaceKind::Floor),
            spaces: of_kind(SpaceKind::Space),
            sensors: snapshot
                .sensors()
                .map(|(index, sensor)| SensorPlace {
                    serial_number: sensor.serial,
                    sensor_type: sensor.kind.name(),
                    health_status: snapshot.reading(index).health.name(),
                    floor: sensor.floor.map(id),
                })
                .collect(),
        }
    }
}
