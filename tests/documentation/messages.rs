//! The messages in the table of failures are messages of the program.

use std::path::Path;

use regex::Regex;

use crate::markdown::{code, table};
use crate::{none, path, read};

const PAGE: &str = "docs/operations.md";

/// The source of the program, its texts not broken into lines.
fn source(folder: &Path) -> String {
    let mut source = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source += &self::source(&path);
        } else if path.extension().is_some_and(|it| it == "rs") {
            source += &std::fs::read_to_string(path).unwrap();
        }
    }
    let broken = Regex::new(r"\\\n\s*").unwrap();
    broken.replace_all(&source, "").into_owned()
}

#[test]
fn messages_in_the_table_of_failures_are_in_the_source() {
    let source = source(&path("src"));
    // Numbers, names and what other programs say are filled in.
    let filled_in = Regex::new("[0-9…:;({\"]+").unwrap();
    let header = ["symptom", "metric", "log", "what to do"];
    let mut complaints = Vec::new();
    let mut count = 0;
    for row in table(&read(PAGE), "What failures look like", &header) {
        // The names of fields stand there too.
        for message in code(&row[2]).filter(|it| it.contains(' ') && !it.starts_with("--")) {
            count += 1;
            let mut parts = filled_in.split(message).filter(|it| it.trim().len() >= 8);
            if !parts.any(|it| source.contains(it)) {
                complaints.push(format!("{}: nothing says {message:?}", row[0]));
            }
        }
    }
    none(&complaints);
    assert!(count > 20, "only {count} messages were found");
}
