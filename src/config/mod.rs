//! What the user typed, checked once and turned into what the program uses.
//!
//! This room reads the file, the environment and the secrets. It never touches the network.

mod collector;
mod secret;
mod settings;

pub use collector::{Collector, CollectorSet};
pub use secret::{SecretError, SecretSource};
pub use settings::{
    Auth, Budget, CollectorSettings, Config, Organization, Request, SpaceFilter, Stale,
};
