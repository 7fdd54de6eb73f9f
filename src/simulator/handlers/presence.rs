//! `POST /v3/analytics/presence…`: in which spaces somebody is, now or over the last minutes.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::selection::{SpaceSelection, selected_spaces};
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::portfolio::SpaceId;
use crate::simulator::response::{JsonResponse, Shape};
use crate::simulator::state::Simulator;
use crate::simulator::timestamp;

const MAX_LOOKBACK_MINUTES: u32 = 24 * 60;

/// Presence alone.
pub(in crate::simulator) async fn plain(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<SpaceSelection>,
) -> Result<JsonResponse, ApiError> {
    simulator.with_snapshot(|snapshot| {
        let selected = selected_spaces(snapshot, body.space_ids.as_deref());
        JsonResponse::map(selected.filter_map(|index| {
            let presence = snapshot.presence(index)?.presence;
            Some((snapshot.portfolio.space(index).id, presence))
        }))
    })
}

#[derive(Serialize)]
struct PresenceDatum<'a> {
    presence: Option<bool>,
    space_health_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<&'a str>,
}

/// Presence with the health of the space.
pub(in crate::simulator) async fn with_health(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<SpaceSelection>,
) -> Result<JsonResponse, ApiError> {
    simulator.with_snapshot(|snapshot| {
        let selected = selected_spaces(snapshot, body.space_ids.as_deref());
        JsonResponse::map(selected.filter_map(|index| {
            let presence = snapshot.presence(index)?;
            let datum = PresenceDatum {
                presence: presence.presence,
                space_health_status: presence.health.name(),
                last_seen: simulator.canary().filter(|_| index % 5 == 0),
            };
            Some((snapshot.portfolio.space(index).id, datum))
        }))
    })
}

#[derive(Default, Deserialize)]
pub(in crate::simulator) struct ShortTermQuery {
    space_ids: Option<Vec<String>>,
    minutes_lookback: Option<u32>,
}

#[derive(Serialize)]
struct ShortTerm {
    metrics: Vec<Minute>,
    space_id: SpaceId,
}

#[derive(Serialize)]
struct Minute {
    presence: Option<bool>,
    timestamp: String,
}

/// Presence in each of the last minutes.
pub(in crate::simulator) async fn short_term(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(body): OptionalJson<ShortTermQuery>,
) -> Result<JsonResponse, ApiError> {
    let minutes = body.minutes_lookback.unwrap_or(60);
    if minutes > MAX_LOOKBACK_MINUTES {
        let message = format!("minutes_lookback may be up to {MAX_LOOKBACK_MINUTES}");
        return Err(ApiError::bad_request(message));
    }
    simulator.with_snapshot(|snapshot| {
        let last = snapshot.at.div_euclid(60) * 60;
        let minute = |index, at| {
            let presence = snapshot.at(at).presence(index);
            Minute {
                presence: presence.and_then(|it| it.presence),
                timestamp: timestamp::utc(at),
            }
        };
        let selected = selected_spaces(snapshot, body.space_ids.as_deref());
        let entries = selected
            .filter(|&index| snapshot.is_open_area(index))
            .map(|index| ShortTerm {
                metrics: (0..i64::from(minutes))
                    .rev()
                    .map(|back| minute(index, last - 60 * back))
                    .collect(),
                space_id: snapshot.portfolio.space(index).id,
            });
        JsonResponse::list(Shape::UnderData, entries)
    })
}
