//! The contract, promise by promise: the whole exporter against the simulated API, in one process and
//! on paused time, so that ten minutes take none and nothing depends on the machine's speed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

#[expect(dead_code, reason = "shared; each program of tests uses a part of it")]
mod harness;
#[path = "../histories/clock.rs"]
mod machine;

mod age;
mod authentication;
mod bad_answers;
mod budget;
mod clocks;
mod cost;
mod filters;
mod flights;
mod leaks;
mod narrowed;
mod outages;
mod reload;
mod reload_changes;
mod routes;
mod status;
