//! The fuzz targets that `fuzz/` runs: for each a function that takes any bytes and panics when an invariant
//! is broken.
//!
//! Compiled only for fuzzing and for tests. A module's private items are reached through its own `fuzzing`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a fuzzer is to panic"
)]

mod answers;
mod compression;
mod config;
mod exposition;
mod input;
mod page;
mod requests;
mod text_format;

/// A target with its name, which is also that of its program and of the folder of its seeds.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("certificate_names", requests::certificate_names),
    ("compression", compression::compression),
    ("config", config::config),
    ("current_count", answers::current_count),
    ("exposition", exposition::exposition),
    ("frames", requests::frames),
    ("page", page::page),
    ("presence", answers::presence),
    ("request", requests::request),
    ("retry_after", requests::retry_after),
    ("sensor_health", answers::sensor_health),
    ("sensors", answers::sensors),
    ("spaces", answers::spaces),
    ("token", answers::token),
    ("web_config", requests::web_config),
];

/// Runs the target `name`, which must exist, on `data`.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|it| it.0 == name);
    target.expect("a target of that name").1(data);
}

#[cfg(test)]
mod tests;
