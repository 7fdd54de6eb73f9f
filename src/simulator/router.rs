//! The routes, and the layers that every request of the API passes.
//!
//! A request passes the layers from the last that is added to the first. The rate limit comes before
//! credentials are checked, as in the live API; the control routes have neither, and no faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any, delete, get, post};
use http::header;

use super::api_error::ApiError;
use super::control;
use super::handlers::{
    analytics, current_count, data_status, hello_world, open_stream, presence, sensor_health,
    sensor_health_history, sensors, spaces, token, users,
};
use super::layers::{
    add_canary, count_requests, inject_faults, limit_rate, mix_malformed, wrap_lists,
};
use super::state::Simulator;

impl Simulator {
    /// Everything that it serves, as a service that needs no socket.
    pub fn router(self: Arc<Self>) -> Router {
        api(&self)
            .merge(control_routes())
            // The server has a limit of its own, which is far larger.
            .layer(DefaultBodyLimit::disable())
            .with_state(self)
    }
}

/// The API as Density documents it.
fn api(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    let state = || Arc::clone(simulator);
    Router::new()
        .route("/v3/oauth/token", only("POST").post(token::issue))
        .route("/v3/hello-world", only("GET").get(hello_world))
        .route("/v3/spaces", only("GET").get(spaces))
        .route("/v3/sensors", only("POST").post(sensors))
        .route(
            "/v3/sensors/health/current",
            only("POST").post(sensor_health),
        )
        .route(
            "/v3/sensors/health",
            only("POST").post(sensor_health_history),
        )
        .route(
            "/v3/analytics/occupancy/current",
            only("POST").post(current_count),
        )
        .route("/v3/analytics/presence", only("POST").post(presence::plain))
        .route(
            "/v3/analytics/presence-health",
            only("POST").post(presence::with_health),
        )
        .route(
            "/v3/analytics/presence/short-term",
            only("POST").post(presence::short_term),
        )
        .route(
            "/v3/analytics/occupancy",
            only("POST").post(analytics::occupancy),
        )
        .route(
            "/v3/analytics/time-used",
            only("POST").post(analytics::time_used),
        )
        .route(
            "/v3/analytics/utilization",
            only("POST").post(analytics::utilization),
        )
        .route(
            "/v3/analytics/metrics",
            only("POST").post(analytics::metrics),
        )
        .route("/v3/analytics/data-status", only("POST").post(data_status))
        .route("/v3/analytics/ws/{*stream}", only("POST").post(open_stream))
        .route(
            "/v3/users",
            only("GET, POST").get(users::list).post(users::create),
        )
        .route(
            "/v3/users/{id}",
            only("GET, PATCH, DELETE")
                .get(users::read)
                .patch(users::update)
                .delete(users::delete),
        )
        .fallback(not_found)
        .layer(from_fn_with_state(state(), mix_malformed))
        .layer(from_fn_with_state(state(), wrap_lists))
        .layer(from_fn_with_state(state(), add_canary))
        .layer(from_fn_with_state(state(), inject_faults))
        .layer(from_fn_with_state(state(), limit_rate))
        .layer(from_fn_with_state(state(), count_requests))
}

/// What controls the simulator while it runs.
fn control_routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/simulator", get(control::help))
        .route("/simulator/", get(control::help))
        .route("/simulator/truth", get(control::truth))
        .route("/simulator/places", get(control::places))
        .route(
            "/simulator/calls",
            get(control::calls).delete(control::reset_calls),
        )
        .route(
            "/simulator/faults",
            get(control::faults)
                .post(control::inject)
                .delete(control::clear_faults),
        )
        .route("/simulator/events", post(control::apply))
        .route("/simulator/wrapping", post(control::set_wrapping))
        .route("/simulator/tokens", delete(control::expire_tokens))
        .route("/simulator/{*unknown}", any(control::not_found))
        .method_not_allowed_fallback(control::method_not_allowed)
}

/// A route that answers all methods with 405 and `allowed` in `Allow`, until handlers are added.
///
/// axum's own `Allow` would be added to the responses of faults as well, and has HEAD in it; HEAD is refused
/// here, where axum would answer it as GET.
fn only(allowed: &'static str) -> MethodRouter<Arc<Simulator>> {
    let refuse = move || async move {
        let allow = [(header::ALLOW, allowed)];
        (allow, ApiError::method_not_allowed())
    };
    any(refuse).head(refuse)
}

async fn not_found() -> ApiError {
    ApiError::not_found()
}
