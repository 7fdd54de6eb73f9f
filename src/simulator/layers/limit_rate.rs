//! The API's rate limit, for all clients together.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::simulator::api_error::ApiError;
use crate::simulator::state::Simulator;

/// 429 above the rate.
pub(in crate::simulator) async fn limit_rate(
    State(simulator): State<Arc<Simulator>>,
    request: Request,
    next: Next,
) -> Response {
    let Err(wait) = take(&simulator) else {
        return next.run(request).await;
    };
    let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too many requests");
    let error = error.with_canary(simulator.canary());
    if simulator.options.retry_after {
        let seconds = wait.as_secs_f64().ceil().to_string();
        return ([(header::RETRY_AFTER, seconds)], error).into_response();
    }
    error.into_response()
}

fn take(simulator: &Simulator) -> Result<(), Duration> {
    let now = simulator.clock.now();
    let mut traffic = simulator.traffic();
    let taken = traffic.rate_limit.take(now);
    if taken.is_err() {
        traffic.calls.limited();
    }
    taken
}
