//! The alert rules, their runbooks and the routing, read as text: what can be known to be wrong
//! without running anything.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

#[path = "../promql/blocks.rs"]
mod blocks;
#[path = "../promql/mod.rs"]
mod promql;

mod alertmanager;
mod rules;
mod templates;
mod yaml;

mod conventions;
mod documents;
mod inhibition;
mod links;
mod routing;
mod runbooks;
mod soundness;

use std::path::PathBuf;

/// A file of the repository, by its path in it.
fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The text of a file of the repository.
fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Fails with every complaint at once.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
