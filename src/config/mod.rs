//! What the user typed, checked once and turned into what the program uses.
//!
//! This module reads the file, the environment and the secrets. It never touches the network. The keys of
//! the file are those of `raw`; `load` checks them section by section, and the values become those of
//! `settings`. The file that says how this program serves is read in the same way, in `http::web_config`.

mod address;
mod collector;
mod credentials;
pub mod duration;
mod environment;
mod load;
mod organization;
mod raw;
mod redacted;
mod report;

mod secret;
mod settings;
mod size;
#[cfg(test)]
mod tests;
pub(crate) mod value_schema;
mod values;
mod variables;
mod worst_case;

pub use collector::{Collector, CollectorSet, PerCollector};
pub use environment::{Environment, ProcessEnvironment};
pub use load::{from_file, from_text};
pub use raw::schema;
pub use redacted::redacted;
pub use report::report;
pub use secret::{SecretError, SecretSource};
pub use settings::{
    Auth, Budget, CollectorSettings, Config, Organization, Request, SpaceFilter, Stale,
};
pub use variables::from_environment;
pub use worst_case::{Contribution, HostLoad, worst_case};

pub use crate::yaml::error::{Error, Errors};
pub use crate::yaml::node::Position;
