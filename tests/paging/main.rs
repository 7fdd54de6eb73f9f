//! Who is told what, and how often, when sensors, places, the API or the exporter fail: the alerts and
//! routes of `alerts/` with a real Prometheus and a real Alertmanager.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

#[path = "../process/mod.rs"]
#[expect(dead_code, reason = "shared; each program of tests uses a part of it")]
mod process;

mod alertmanager;
mod scale;
mod stack;
mod webhook;

mod exporters;
mod outages;
mod places;
mod sensors;
