//! `POST /v3/sensors`: the sensors and where they are installed.
//!
//! Whatever never changes (addresses, firmware, dates) is computed while it is written, not kept.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::selection::{SensorSelection, selected_sensors};
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::portfolio::{FIRST_DAY, Mode, Portfolio, Serial, SpaceId, SpaceKind};
use crate::simulator::response::{JsonResponse, Shape};
use crate::simulator::rng::Topic;
use crate::simulator::state::Simulator;
use crate::simulator::timestamp;

const DAY: i64 = 86_400;

pub(in crate::simulator) async fn sensors(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<SensorSelection>,
) -> Result<JsonResponse, ApiError> {
    simulator.with_snapshot(|snapshot| {
        let selected = selected_sensors(
            snapshot,
            body.serial_numbers.as_deref(),
            body.space_ids.as_deref(),
        );
        let entries = selected.map(|index| entry(snapshot.portfolio, simulator.canary(), index));
        JsonResponse::list(Shape::Bare, entries)
    })
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

fn entry<'a>(portfolio: &Portfolio, canary: Option<&'a str>, index: u32) -> SensorEntry<'a> {
    let sensor = portfolio.sensor(index);
    let bits = portfolio.rng.sample(Topic::Sensor, index.into());
    let mut location = Location::default();
    for place in portfolio.location(sensor) {
        let space = portfolio.space(place);
        match space.kind {
            SpaceKind::Building => location.building_ids.push(space.id),
            SpaceKind::Floor => location.floor_ids.push(space.id),
            _ => location.space_ids.push(space.id),
        }
    }
    let created = FIRST_DAY + (bits % 1_000) as i64 * DAY + (bits >> 40) as i64 % DAY;
    SensorEntry {
        assigned_to: canary.filter(|_| index.is_multiple_of(5)),
        created_at: timestamp::varied(created, bits >> 3),
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
        updated_at: timestamp::varied(created + (bits >> 50) as i64 * 3_600, bits >> 5),
    }
}

fn addresses(index: u32, bits: u64) -> Vec<Address> {
    let [_, a, b, c] = index.to_be_bytes();
    // Locally administered and private, so that they are no real device's.
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
