//! The README is short, and shows what it says it shows.

use std::collections::BTreeSet;

use regex::Regex;

use crate::{differences, none, path, read};

#[test]
fn the_readme_is_read_in_one_sitting() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 220, "{lines} lines");
}

#[test]
fn the_readme_has_the_two_commands_and_three_queries() {
    let readme = read("README.md");
    for command in ["cargo run --release -- demo", "scripts/test"] {
        assert!(readme.contains(command), "{command}");
    }
    assert_eq!(readme.matches("```promql\n").count(), 3);
}

/// A picture loads at once, and none is kept that nobody sees.
#[test]
fn pictures_are_small_and_shown() {
    let mut kept = BTreeSet::new();
    for entry in std::fs::read_dir(path("docs/images")).unwrap() {
        let entry = entry.unwrap();
        let size = entry.metadata().unwrap().len();
        let name = entry.file_name().into_string().unwrap();
        assert!(size < 300_000, "{name}: {size} bytes");
        kept.insert(name);
    }
    let pictures = Regex::new(r"!\[[^\]]+\]\((?:docs/)?images/([^)]+)\)").unwrap();
    let mut shown = BTreeSet::new();
    for page in crate::markdown::pages() {
        let text = read(&page);
        shown.extend(pictures.captures_iter(&text).map(|it| it[1].to_owned()));
    }
    none(&differences(
        &shown,
        "the documentation",
        &kept,
        "docs/images",
    ));
}
