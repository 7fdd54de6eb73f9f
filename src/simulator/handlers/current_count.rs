//! `POST /v3/analytics/occupancy/current`: how many people are in each space that counts them.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::selection::{SpaceSelection, selected_spaces};
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::response::JsonResponse;
use crate::simulator::snapshot::WAFFLE_CAP;
use crate::simulator::state::Simulator;

#[derive(Serialize)]
struct CountDatum<'a> {
    count: u32,
    space_health_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_capped: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capped_count_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<&'a str>,
}

pub(in crate::simulator) async fn current_count(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<SpaceSelection>,
) -> Result<JsonResponse, ApiError> {
    simulator.with_snapshot(|snapshot| {
        let selected = selected_spaces(snapshot, body.space_ids.as_deref());
        JsonResponse::map(selected.filter_map(|index| {
            let count = snapshot.count(index)?;
            let datum = CountDatum {
                count: count.count,
                space_health_status: count.health.name(),
                is_capped: count.is_capped,
                capped_count_limit: count.is_capped.map(|_| WAFFLE_CAP),
                last_seen: simulator.canary().filter(|_| index % 5 == 0),
            };
            Some((snapshot.portfolio.space(index).id, datum))
        }))
    })
}
