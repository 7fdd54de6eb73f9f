//! `POST /v3/analytics/data-status`: how complete the data of floors is.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::period;
use super::selection::selected_spaces;
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::portfolio::{SpaceIndex, SpaceKind};
use crate::simulator::response::JsonResponse;
use crate::simulator::snapshot::Snapshot;
use crate::simulator::state::Simulator;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;
/// How often the health of a floor's sensors is sampled.
const SAMPLES: i64 = 24;

#[derive(Default, Deserialize)]
pub(in crate::simulator) struct DataStatusQuery {
    floor_ids: Option<Vec<String>>,
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Serialize)]
struct FloorStatus {
    completeness: f64,
}

pub(in crate::simulator) async fn data_status(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<DataStatusQuery>,
) -> Result<JsonResponse, ApiError> {
    let (start, end) = period::read(body.start_date.as_deref(), body.end_date.as_deref())?;
    if !(5 * MINUTE..=10 * DAY).contains(&(end - start)) {
        return Err(ApiError::bad_request(
            "the period must be 5 minutes to 10 days",
        ));
    }
    simulator.with_snapshot(|snapshot| {
        let selected = selected_spaces(snapshot, body.floor_ids.as_deref());
        let floors = selected.filter(|&index| {
            let kind = snapshot.portfolio.space(index).kind;
            kind == SpaceKind::Floor && snapshot.is_open_area(index)
        });
        JsonResponse::map(floors.map(|index| {
            let completeness = completeness(snapshot, index, start, end);
            let id = snapshot.portfolio.space(index).id;
            (id, FloorStatus { completeness })
        }))
    })
}

/// The share of the period in which the floor's sensors sent; in the future none did.
fn completeness(snapshot: Snapshot<'_>, floor: SpaceIndex, start: i64, end: i64) -> f64 {
    let times = (0..SAMPLES).map(|i| start + (end - start) * i / SAMPLES);
    let up_share = |at| match at > snapshot.at {
        true => 0.0,
        false => snapshot.at(at).up_share(floor),
    };
    times.map(up_share).sum::<f64>() / SAMPLES as f64
}
