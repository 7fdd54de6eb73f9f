//! What the user typed, checked once and turned into what the program uses.
//!
//! This module reads the file, the environment and the secrets. It never touches the network. `document` reads a
//! file's text into the types of `raw`, in which each value (`scalar`) knows its place (`node`). Then the sections
//! (`section`) are checked one by one, the values become those of `settings`, and every mistake on the way is
//! noted (`error`), so that all are told at once. The file that says how this program serves is read in the same
//! way, in `http::web_config`.

pub(crate) mod address;
mod collector;
mod credentials;
pub(crate) mod document;
pub mod duration;
mod environment;
pub(crate) mod error;
mod load;
mod nearest;
pub(crate) mod node;
mod organization;
mod quoted;
mod raw;
mod redacted;
mod report;
pub(crate) mod scalar;

mod secret;
pub(crate) mod section;
mod settings;
mod size;
pub(crate) mod value_schema;
mod values;
mod variables;
mod worst_case;

pub use collector::{Collector, CollectorSet, PerCollector};
pub use environment::{Environment, ProcessEnvironment};
pub use error::{Error, Errors};
pub use load::{from_file, from_text};
pub use node::Position;
pub use raw::schema;
pub use redacted::redacted;
pub use report::report;
pub use secret::{SecretError, SecretSource};
pub use settings::{
    Auth, Budget, CollectorSettings, Config, Organization, Request, SpaceFilter, Stale,
};
pub use variables::from_environment;
pub use worst_case::{Contribution, HostLoad, worst_case};

#[cfg(test)]
mod tests;
