//! Counts requests by endpoint, and responses by status.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::simulator::endpoint::EndpointName;
use crate::simulator::fault::ConnectionReset;
use crate::simulator::state::Simulator;

/// A connection that is reset has no response.
pub(in crate::simulator) async fn count_requests(
    State(simulator): State<Arc<Simulator>>,
    endpoint: EndpointName,
    request: Request,
    next: Next,
) -> Response {
    simulator.traffic().calls.received(endpoint);
    let response = next.run(request).await;
    if response.extensions().get::<ConnectionReset>().is_none() {
        let status = response.status().as_u16();
        simulator.traffic().calls.answered(status);
    }
    response
}
