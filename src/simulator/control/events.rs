//! `POST /simulator/events`: applies events, one a line: all of them or none.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use super::lines::Lines;
use crate::simulator::event::Event;
use crate::simulator::state::Simulator;

pub(in crate::simulator) async fn apply(
    State(simulator): State<Arc<Simulator>>,
    Lines(lines): Lines<Event>,
) -> Result<&'static str, (StatusCode, String)> {
    let (numbers, events): (Vec<usize>, Vec<Event>) = lines.into_iter().unzip();
    let Err(errors) = simulator.apply_all(events) else {
        return Ok("done\n");
    };
    let errors = errors.into_iter().map(|(position, error)| {
        let number = numbers.get(position).copied().unwrap_or_default();
        format!("line {number}: {error}\n")
    });
    Err((StatusCode::BAD_REQUEST, errors.collect()))
}
