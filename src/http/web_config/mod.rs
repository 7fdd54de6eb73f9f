//! The file of `--web.config.file`: TLS, users, headers and a rate, as every Prometheus component reads
//! them (`docs/web-configuration.md` of prometheus/exporter-toolkit).
//!
//! `file` reads it whole, each section by the file of its name, and notes every mistake; `watched` reads
//! it again when it or a file that it names changes. What is checked here is used by `layers` and
//! `connection`, one level up.

mod client_certificates;
mod cryptography;
mod file;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod headers;
mod pem;
mod rate;
mod raw;
mod settings;
mod sources;
#[cfg(test)]
pub(super) mod tests;
mod tls;
mod users;
mod watched;

pub(super) use rate::Rate;
pub use raw::web_schema;
pub(super) use settings::WebConfig;
pub(super) use users::Users;
pub use watched::WatchedWebConfig;
