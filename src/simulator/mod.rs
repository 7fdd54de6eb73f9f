//! A simulated Density API: the same routes and shapes, occupancy that changes, faults on demand.
//!
//! Used by `demo`, `simulate`, tests and benchmarks. It must never be used by `serve`, and uses
//! nothing of the exporter but the clock: it writes its own JSON, so that it is a fair test of the
//! client.
//!
//! - `portfolio`: the spaces and sensors, built once from a seed. `people` and `health`: what happens
//!   there by itself, as pure functions of time. `changes`: what events changed. `snapshot`: all of it at
//!   one time, from which the responses and the truth are made.
//! - `router`: the routes, each with its handler in `handlers` or `control`, and the `layers` that requests
//!   pass. `extract`: what handlers extract from requests. `response` and `api_error`: what they return.
//!   `fault`: what faults do to responses. `server`: sockets.
//! - `state`: what handlers and layers share. `traffic`: its part that requests change.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "It counts within a portfolio that it made and that is in memory, and within times that a \
                  calendar of 9999 years has; the values of requests are first brought within these."
    )
)]

mod api_error;
mod calls;
mod changes;
mod control;
mod endpoint;
mod event;
mod extract;
mod fault;
mod handlers;
mod health;
mod layers;
mod options;
mod people;
mod portfolio;
mod rate_limit;
mod response;
mod rng;
mod router;
mod server;
mod snapshot;
mod state;
mod timestamp;
mod tokens;
mod traffic;
mod truth;
mod users;

#[cfg(test)]
mod tests;

pub use axum::body::Body;
pub use calls::Calls;
pub use endpoint::EndpointName;
pub use event::{Change, Event, EventError, Target};
pub use fault::{
    Fault, FaultError, FaultKind, MalformedEntry, PERSON, Verdict, malformed_count,
    malformed_entries,
};
pub use health::Health;
pub use options::{
    Access, Client, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TOKEN, ExpiresIn, Nesting,
    Options, Wrapping,
};
pub use state::Simulator;
pub use truth::Truth;
