//! The fault `malformed`: entries that can't be read, or are odd, among the right ones.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::simulator::endpoint::EndpointName;
use crate::simulator::fault::{FaultKind, mix};
use crate::simulator::response::{Shape, map_body};
use crate::simulator::state::Simulator;

/// Mixes them into lists and maps before these are wrapped.
pub(in crate::simulator) async fn mix_malformed(
    State(simulator): State<Arc<Simulator>>,
    endpoint: EndpointName,
    fault: Option<Extension<FaultKind>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let malformed = fault.is_some_and(|Extension(kind)| kind == FaultKind::Malformed);
    if !malformed || response.extensions().get::<Shape>().is_none() {
        return response;
    }
    map_body(response, |json| {
        Body::from(mix(&json, endpoint, simulator.canary()))
    })
    .await
}
