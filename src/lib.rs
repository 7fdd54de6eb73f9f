//! density-exporter: the live state of a Density portfolio as Prometheus metrics.
//!
//! Data flows in one direction: a scrape reaches [`http`], [`refresh`] fetches through [`density`] what is
//! due, the answers become an immutable [`snapshot`], [`metrics`] turns that into families,
//! [`exposition`] into text and gzip, and [`pages`] caches the parts that did not change.
//!
//! A module imports only from those before it in this list: `sync`, `yaml`, [`clock`] and [`blocking_pool`],
//! [`config`], [`snapshot`], [`density`], [`exposition`], [`metrics`], [`pages`], [`refresh`], [`http`]; then
//! [`simulator`], which needs only the clock, and the wiring of [`app`], [`cli`] and [`logging`].

#![forbid(unsafe_code)]
// No input may cause a panic. Tests may panic.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::get_unwrap,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::panic_in_result_fn,
        clippy::string_slice,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_in_result
    )
)]

pub mod app;
pub mod blocking_pool;
pub mod cli;
pub mod clock;
pub mod config;
pub mod density;
pub mod exposition;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod logging;
pub mod metrics;
pub mod pages;
pub mod refresh;
pub mod simulator;
pub mod snapshot;
mod sync;
mod yaml;
