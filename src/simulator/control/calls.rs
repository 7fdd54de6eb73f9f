//! `/simulator/calls`: the requests and responses, counted.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::pretty_json::pretty_json;
use crate::simulator::state::Simulator;

pub(in crate::simulator) async fn calls(State(simulator): State<Arc<Simulator>>) -> Response {
    pretty_json(&simulator.calls())
}

pub(in crate::simulator) async fn reset_calls(
    State(simulator): State<Arc<Simulator>>,
) -> &'static str {
    simulator.reset_calls();
    "done\n"
}
