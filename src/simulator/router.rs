//! The routes, and the layers that every request of the API passes.
//!
//! A request passes the layers from the last that is added to the first. The rate limit comes before
//! credentials are checked, as in the live API; the control routes have neither, and no faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
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

/// Everything that `simulator` serves.
pub(crate) fn router(simulator: Arc<Simulator>) -> Router {
    api(&simulator)
        .merge(control_routes())
        // The server has a limit of its own, which is far larger.
        .layer(DefaultBodyLimit::disable())
        .with_state(simulator)
}

/// The API as Density documents it.
fn api(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    let state = || Arc::clone(simulator);
    Router::new()
        .route("/v3/oauth/token", post_only(token::issue))
        .route("/v3/hello-world", get_only(hello_world))
        .route("/v3/spaces", get_only(spaces))
        .route("/v3/sensors", post_only(sensors))
        .route("/v3/sensors/health/current", post_only(sensor_health))
        .route("/v3/sensors/health", post_only(sensor_health_history))
        .route("/v3/analytics/occupancy/current", post_only(current_count))
        .route("/v3/analytics/presence", post_only(presence::plain))
        .route(
            "/v3/analytics/presence-health",
            post_only(presence::with_health),
        )
        .route(
            "/v3/analytics/presence/short-term",
            post_only(presence::short_term),
        )
        .route("/v3/analytics/occupancy", post_only(analytics::occupancy))
        .route("/v3/analytics/time-used", post_only(analytics::time_used))
        .route(
            "/v3/analytics/utilization",
            post_only(analytics::utilization),
        )
        .route("/v3/analytics/metrics", post_only(analytics::metrics))
        .route("/v3/analytics/data-status", post_only(data_status))
        .route("/v3/analytics/ws/{*stream}", post_only(open_stream))
        .route(
            "/v3/users",
            allow("GET, POST", get(users::list).post(users::create)),
        )
        .route(
            "/v3/users/{id}",
            allow(
                "GET, PATCH, DELETE",
                get(users::read).patch(users::update).delete(users::delete),
            ),
        )
        .fallback(not_found)
        .layer(from_fn_with_state(state(), mix_malformed))
        .layer(from_fn_with_state(state(), wrap_lists))
        .layer(from_fn_with_state(state(), add_canary))
        .layer(from_fn_with_state(state(), inject_faults))
        .layer(from_fn_with_state(state(), limit_rate))
        .layer(from_fn_with_state(state(), count_requests))
}

/// What steers the simulator while it runs.
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

fn get_only<H: Handler<T, Arc<Simulator>>, T: 'static>(handler: H) -> MethodRouter<Arc<Simulator>> {
    allow("GET", get(handler))
}

fn post_only<H: Handler<T, Arc<Simulator>>, T: 'static>(
    handler: H,
) -> MethodRouter<Arc<Simulator>> {
    allow("POST", post(handler))
}

/// Answers every other method with 405 and these in `Allow`. HEAD is one of the others: axum would answer
/// it wherever it answers GET.
fn allow(
    methods: &'static str,
    route: MethodRouter<Arc<Simulator>>,
) -> MethodRouter<Arc<Simulator>> {
    let refuse = move || async move {
        let allow = [(header::ALLOW, methods)];
        (allow, ApiError::method_not_allowed())
    };
    route.head(refuse).fallback(refuse)
}

async fn not_found() -> ApiError {
    ApiError::not_found()
}
