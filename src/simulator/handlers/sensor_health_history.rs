//! `POST /v3/sensors/health`: the changes of sensors' health over a period.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::period;
use super::selection::selected_sensors;
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::response::JsonResponse;
use crate::simulator::snapshot::Snapshot;
use crate::simulator::state::Simulator;
use crate::simulator::timestamp;

/// How many changes of one sensor a response has at most.
const MAX_CHANGES: usize = 1_000;

#[derive(Default, Deserialize)]
pub(in crate::simulator) struct HealthHistoryQuery {
    serial_numbers: Option<Vec<String>>,
    space_ids: Option<Vec<String>>,
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Serialize)]
struct HealthChange {
    health_status: &'static str,
    timestamp: String,
}

pub(in crate::simulator) async fn sensor_health_history(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<HealthHistoryQuery>,
) -> Result<JsonResponse, ApiError> {
    let (start, end) = period::read(body.start_date.as_deref(), body.end_date.as_deref())?;
    simulator.with_snapshot(|snapshot| {
        let selected = selected_sensors(
            snapshot,
            body.serial_numbers.as_deref(),
            body.space_ids.as_deref(),
        );
        JsonResponse::map(selected.map(|sensor| {
            let serial = snapshot.portfolio.sensor(sensor).serial;
            (serial, changes(snapshot, sensor, start, end))
        }))
    })
}

/// The changes of one sensor, the oldest first. When there are too many, the newest are kept.
fn changes(snapshot: Snapshot<'_>, sensor: u32, start: i64, end: i64) -> Vec<HealthChange> {
    let mut changes = Vec::new();
    let mut at = end.min(snapshot.at);
    while at >= start && changes.len() < MAX_CHANGES {
        let reading = snapshot.at(at).reading(sensor);
        changes.push(HealthChange {
            health_status: reading.health.name(),
            timestamp: timestamp::utc(reading.since.max(start)),
        });
        at = reading.since.min(at) - 1;
    }
    changes.reverse();
    changes
}
