//! Routes, limits and the server: requests in, pages out. Nothing here knows the Density API.
//!
//! On the way of a request: `server` accepts the connection, `connection` does TLS and HTTP on it, `pace`
//! holds the client to its time, `gate` lets it in or not, `exporter` answers. `web_config` is how much
//! of that is configured.

mod body;
mod client_verifier;
mod connection;
mod encoding;
mod exporter;
mod frames;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod gate;
mod in_force;
mod lifecycle;
mod metrics_page;
mod pace;
mod passwords;
mod rate_limit;
mod scrape_timeout;
mod selection;
mod server;
mod status;
mod web_config;

pub use body::Body;
pub use exporter::{Exporter, Parts, Settings};
pub use gate::Gate;
pub use in_force::InForce;
pub use lifecycle::Lifecycle;
pub use server::{ListenError, Listeners, serve};
pub use web_config::{WatchedWebConfig, web_schema};
