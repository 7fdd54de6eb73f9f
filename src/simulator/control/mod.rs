//! `/simulator/…`: faults, events and the truth over HTTP, while the simulator runs.
//!
//! These need no credentials, have no rate limit and no faults, and are not counted among the calls.

mod calls;
mod events;
mod faults;
mod help;
mod lines;
mod places;
mod pretty_json;
mod refusal;
mod tokens;
mod truth;
mod wrapping;

pub(super) use calls::{calls, reset_calls};
pub(super) use events::apply;
pub(super) use faults::{clear_faults, faults, inject};
pub(super) use help::help;
pub(super) use places::places;
pub(super) use refusal::{method_not_allowed, not_found};
pub(super) use tokens::expire_tokens;
pub(super) use truth::truth;
pub(super) use wrapping::set_wrapping;
