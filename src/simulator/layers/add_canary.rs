//! Plants the canary in the messages of errors.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header;

use crate::simulator::api_error::ApiError;
use crate::simulator::state::Simulator;

/// Writes the body of an error again, with the canary.
pub(in crate::simulator) async fn add_canary(
    State(simulator): State<Arc<Simulator>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let canary = simulator.canary();
    if canary.is_some()
        && let Some(error) = response.extensions_mut().remove::<ApiError>()
    {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = error.with_canary(canary).body();
    }
    response
}
