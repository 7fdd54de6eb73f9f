//! The faults that were injected: delays, replaced responses, broken bodies.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::simulator::endpoint::EndpointName;
use crate::simulator::extract::identify;
use crate::simulator::fault::{break_body, replacement};
use crate::simulator::state::Simulator;

/// Gives the layers below the kind of the fault as an extension of the request.
pub(in crate::simulator) async fn inject_faults(
    State(simulator): State<Arc<Simulator>>,
    endpoint: EndpointName,
    mut request: Request,
    next: Next,
) -> Response {
    let credentials = identify(request.headers(), &simulator).ok();
    let faults = simulator.traffic().faults_of_request(endpoint, credentials);
    if !faults.delay.is_zero() {
        tokio::time::sleep(faults.delay).await;
    }
    let Some(kind) = faults.kind else {
        return next.run(request).await;
    };
    if let Some(response) = replacement(&kind, endpoint, simulator.canary()).await {
        return response;
    }
    request.extensions_mut().insert(kind.clone());
    break_body(next.run(request).await, &kind).await
}
