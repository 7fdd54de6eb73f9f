//! The messages in the table of failures are messages of the program.

use std::path::Path;

use regex::Regex;

use crate::markdown::{code, table};
use crate::{none, path, read};

const PAGE: &str = "docs/operations.md";

/// Names, and what other programs say, in the messages of the table. Numbers are filled in too.
const FOREIGN: [&str; 7] = [
    r"\btok\b",
    r"to elsewhere\.example",
    "Connection refused",
    "No such file or directory",
    "invalid peer certificate",
    "UnknownIssuer",
    "end of file before message length reached",
];

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
    let filled_in = Regex::new(&format!("[0-9…:;({{\"]+|{}", FOREIGN.join("|"))).unwrap();
    let header = ["symptom", "metric", "log", "what to do"];
    let mut complaints = Vec::new();
    let mut count = 0;
    for row in table(&read(PAGE), "What failures look like", &header) {
        // The names of fields stand there too.
        for message in code(&row[2]).filter(|it| it.contains(' ') && !it.starts_with("--")) {
            count += 1;
            for part in filled_in.split(message).map(str::trim) {
                if part.len() >= 6 && !source.contains(part) {
                    complaints.push(format!("{}: nothing says {part:?}", row[0]));
                }
            }
        }
    }
    none(&complaints);
    assert!(count > 20, "only {count} messages were found");
}
