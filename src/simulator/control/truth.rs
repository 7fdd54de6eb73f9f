//! `GET /simulator/truth`: the portfolio in numbers.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::pretty_json::pretty_json;
use crate::simulator::state::Simulator;

pub(in crate::simulator) async fn truth(State(simulator): State<Arc<Simulator>>) -> Response {
    pretty_json(&simulator.truth())
}
