//! `/simulator/faults`: the active faults, one a line.

use std::sync::Arc;

use axum::extract::State;

use super::lines::Lines;
use crate::simulator::fault::Fault;
use crate::simulator::state::Simulator;

pub(in crate::simulator) async fn faults(State(simulator): State<Arc<Simulator>>) -> String {
    let faults = simulator.faults().into_iter();
    faults.map(|fault| format!("{fault}\n")).collect()
}

pub(in crate::simulator) async fn inject(
    State(simulator): State<Arc<Simulator>>,
    Lines(lines): Lines<Fault>,
) -> &'static str {
    for (_, fault) in lines {
        simulator.inject(fault);
    }
    "done\n"
}

pub(in crate::simulator) async fn clear_faults(
    State(simulator): State<Arc<Simulator>>,
) -> &'static str {
    simulator.clear_faults();
    "done\n"
}
