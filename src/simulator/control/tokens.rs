//! `DELETE /simulator/tokens`: expires every OAuth token.

use std::sync::Arc;

use axum::extract::State;

use crate::simulator::state::Simulator;

pub(in crate::simulator) async fn expire_tokens(
    State(simulator): State<Arc<Simulator>>,
) -> &'static str {
    simulator.expire_tokens();
    "done\n"
}
