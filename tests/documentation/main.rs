//! The README and the pages of `docs/` compared with the program: flags, keys, paths, metrics, messages
//! and links.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

#[path = "../process/mod.rs"]
#[expect(dead_code, reason = "shared; each program of tests uses a part of it")]
mod process;

mod example;
mod markdown;
mod settings;

mod command_line;
mod configuration;
mod environment;
mod http_paths;
mod links;
mod messages;
mod metrics;
mod outputs;
mod readme;

use std::collections::BTreeSet;
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

/// What only one of two sets has, as complaints.
fn differences(
    documented: &BTreeSet<String>,
    page: &str,
    actual: &BTreeSet<String>,
    program: &str,
) -> Vec<String> {
    let missing = actual.difference(documented);
    let missing = missing.map(|it| format!("{page} lacks {it}, which {program} has"));
    let invented = documented.difference(actual);
    let invented = invented.map(|it| format!("{page} has {it}, which {program} lacks"));
    missing.chain(invented).collect()
}
