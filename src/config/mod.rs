//! What the user typed, checked once and turned into what the program uses.
//!
//! This room reads the file, the environment and the secrets. It never touches the network. A
//! file's text becomes a tree in which every value knows its line (`tree`), the tree is read key by
//! key (`section`, `field`) into the types of `settings`, and every mistake on the way is noted
//! (`error`), so that all are told at once. The file that says how this program serves is read in
//! the same way, in `http::web_config`.

pub(crate) mod address;
mod collector;
mod credentials;
pub mod duration;
mod environment;
pub(crate) mod error;
pub(crate) mod field;
pub(crate) mod file;
mod nearest;
mod organization;
mod redacted;
mod report;
mod scalar;
mod secret;
pub(crate) mod section;
mod settings;
mod size;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
mod values;
mod variables;
mod worst_case;

pub use collector::{Collector, CollectorSet, PerCollector};
pub use environment::{Environment, ProcessEnvironment};
pub use error::{Error, Errors};
pub use file::{from_file, from_text};
pub use redacted::redacted;
pub use report::report;
pub use secret::{SecretError, SecretSource};
pub use settings::{
    Auth, Budget, CollectorSettings, Config, Organization, Request, SpaceFilter, Stale,
};
pub use variables::from_environment;
pub use worst_case::{Contribution, HostLoad, worst_case};
