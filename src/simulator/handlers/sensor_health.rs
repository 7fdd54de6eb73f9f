//! `POST /v3/sensors/health/current`: the health of sensors, and since when.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::selection::{SensorSelection, selected_sensors};
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::portfolio::Serial;
use crate::simulator::response::{JsonResponse, Shape};
use crate::simulator::state::Simulator;
use crate::simulator::timestamp;

#[derive(Serialize)]
struct HealthEntry {
    health_status: &'static str,
    last_status_change: String,
    serial_number: Serial,
}

pub(in crate::simulator) async fn sensor_health(
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
        let entries = selected.map(|index| {
            let reading = snapshot.reading(index);
            HealthEntry {
                health_status: reading.health.name(),
                last_status_change: timestamp::varied(reading.since, u64::from(index) * 37),
                serial_number: snapshot.portfolio.sensor(index).serial,
            }
        });
        JsonResponse::list(Shape::UnderData, entries)
    })
}
