//! Every path in the documentation answers, and every path that the program counts is there.

use std::collections::BTreeSet;
use std::process::Command;

use regex::Regex;

use crate::markdown::{table, whole_code};
use crate::process::{Running, curl, density_exporter};
use crate::{none, read};

const PAGE: &str = "docs/operations.md";

fn status(method: &str, url: &str) -> String {
    let mut command = Command::new("curl");
    command.args(["--silent", "--noproxy", "*", "--output", "/dev/null"]);
    command.args(["--write-out", "%{http_code}", "--max-time", "30"]);
    match method {
        "HEAD" => command.arg("--head"),
        _ => command.args(["--request", method]),
    };
    let output = command.arg(url).output().expect("curl is installed");
    String::from_utf8(output.stdout).unwrap()
}

/// The documented paths, each with its method.
fn documented() -> Vec<(String, String)> {
    let rows = table(&read(PAGE), "HTTP endpoints", &["path", "method", "answer"]);
    let rows = rows.iter();
    rows.map(|row| (whole_code(&row[0]).expect(PAGE).to_owned(), row[1].clone()))
        .collect()
}

#[test]
fn every_documented_path_answers_its_methods_only() {
    let demo = Running::start(density_exporter().args([
        "demo",
        "--steady",
        "--web.enable-lifecycle",
        "--web.listen-address=127.0.0.1:0",
    ]));
    let url = format!("http://{}", demo.address("serving"));
    let paths = documented();
    let mut complaints = Vec::new();
    for (path, method) in &paths {
        let with_head = method == "GET";
        for tried in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
            let is_documented = tried == method || (with_head && tried == "HEAD");
            let expected = if is_documented { "200" } else { "405" };
            let answered = status(tried, &format!("{url}{path}"));
            if answered != expected {
                complaints.push(format!("{tried} {path}: {answered} instead of {expected}"));
            }
        }
    }
    // What the program counts by path, and what its own page links to.
    let handlers = Regex::new("handler=\"(/[^\"]*)\"").unwrap();
    let links = Regex::new("href=\"(/[^\"?#]*)").unwrap();
    let metrics = curl(&[&format!("{url}/metrics")]);
    let status_page = curl(&[&format!("{url}/")]);
    let handlers = handlers.captures_iter(&metrics);
    let known = handlers.chain(links.captures_iter(&status_page));
    let known: BTreeSet<String> = known.map(|it| it[1].to_owned()).collect();
    assert!(known.len() > 4, "{known:?}");
    for path in known {
        if !paths.iter().any(|it| it.0 == path) {
            complaints.push(format!("{PAGE} lacks {path}"));
        }
    }
    none(&complaints);
}
