//! The HTTP server: from a socket to the handler of a route. Nothing here knows the Density API.
//!
//! A connection is accepted by `server`; `connection` does TLS and HTTP on it, within the timeouts of
//! `slow_client`; `router` has the routes and what every request passes before (`layers`), and each handler
//! is in the file that is named by what it serves. `web_config` is the file that configures TLS and users.

mod chunked_body;
mod client_verifier;
mod config;
mod connection;
mod content_encoding;
mod current_config;
mod exporter;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod healthy;
mod held_until_sent;
mod layers;
mod lifecycle;
mod metrics;
mod passwords;
mod ready;
mod refusal;
mod reload;
mod router;
mod scrape_permit;
mod scrape_timeout;
mod selection;
mod server;
mod slow_client;
mod status;
mod status_page;
mod web_config;

pub use current_config::CurrentConfig;
pub use exporter::{Exporter, Parts, Settings};
pub use lifecycle::Lifecycle;
pub use router::router;
pub use server::{ListenError, Listeners, serve};
pub use web_config::{WatchedWebConfig, web_schema};
