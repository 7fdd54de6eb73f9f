//! `POST /simulator/wrapping`: how lists and maps are wrapped from now on.

use std::sync::Arc;

use axum::extract::State;

use super::lines::Lines;
use crate::simulator::options::Wrapping;
use crate::simulator::state::Simulator;

/// The last line counts.
pub(in crate::simulator) async fn set_wrapping(
    State(simulator): State<Arc<Simulator>>,
    Lines(mut lines): Lines<Wrapping>,
) -> &'static str {
    if let Some((_, wrapping)) = lines.pop() {
        simulator.set_wrapping(wrapping);
    }
    "done\n"
}
