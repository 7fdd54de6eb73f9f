//! The program as its users run it: real processes, sockets and signals, and the real Prometheus.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]
#![allow(
    clippy::print_stdout,
    reason = "what was measured is shown with --nocapture"
)]

#[path = "../promql/blocks.rs"]
mod blocks;
#[path = "../process/certificates.rs"]
mod certificates;
#[path = "../process/mod.rs"]
mod process;

mod chromium;
mod command_line;
mod dashboards;
mod grafana;
mod hostile;
mod http2;
mod junk;
mod leaks;
mod logs;
mod memory;
mod network;
mod node_exporter;
mod page;
mod prometheus;
mod readiness;
mod reload;
mod reload_load;
mod runbooks;
mod signals;
mod slow_clients;
mod status_page;
mod terminal;
mod tls;
mod users;
mod web;
mod web_reload;
