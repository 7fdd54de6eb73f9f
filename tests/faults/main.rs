//! The fault matrix: everything that may go wrong with an answer of the API, at every endpoint, and what
//! the exporter makes of it.
//!
//! `wire` is the matrix on real sockets: the program itself, in front of a server that answers as the
//! simulated API does and misbehaves at one endpoint. `table` says how, and what must come of it. `paused`
//! is what takes long, on paused time: pauses of an hour, backing off, tokens that end.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(
    clippy::disallowed_methods,
    reason = "the seconds are those of the test"
)]
#![allow(unreachable_pub, reason = "everything here is one program")]
#![allow(
    clippy::print_stdout,
    reason = "what was measured is shown with --nocapture"
)]

#[path = "../process/certificates.rs"]
mod certificates;
#[path = "../contract/harness.rs"]
#[expect(dead_code, reason = "shared; each program of tests uses a part of it")]
mod harness;
#[path = "../process/mod.rs"]
#[expect(dead_code, reason = "shared; each program of tests uses a part of it")]
mod process;

mod bodies;
mod cell;
mod document;
mod exporter;
mod paused;
mod report;
mod script;
mod server;
mod table;
mod tls;
mod wire;
