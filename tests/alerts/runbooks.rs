//! The runbooks: one for each alert, all of one form.

use std::collections::BTreeSet;
use std::path::Path;

use crate::blocks::promql_blocks;
use crate::documents::pages;
use crate::rules::RULES;
use crate::{none, path, read};

const FOLDER: &str = "docs/runbooks";
const SECTIONS: [&str; 4] = ["Meaning", "Impact", "Diagnosis", "Mitigation"];

/// The name of the alert that a runbook is about; none for the index.
fn alert_of(page: &str) -> Option<&str> {
    let name = page
        .strip_prefix(FOLDER)?
        .strip_prefix('/')?
        .strip_suffix(".md")?;
    (name != "README").then_some(name)
}

/// The runbooks, with the names of their alerts.
fn runbooks() -> Vec<(String, String)> {
    let pages = pages(FOLDER).into_iter();
    let runbooks = pages.filter_map(|page| Some((alert_of(&page)?.to_owned(), read(&page))));
    runbooks.collect()
}

#[test]
fn each_alert_has_a_runbook_and_each_runbook_an_alert() {
    let runbooks = runbooks();
    let names: BTreeSet<&str> = runbooks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, RULES.alert_names());
}

/// The text of a section.
fn section<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n## {name}\n"))
        .unwrap_or_default();
    rest.split("\n## ").next().unwrap_or_default()
}

#[test]
fn a_runbook_has_the_four_sections() {
    for (alert, page) in runbooks() {
        let sections: Vec<&str> = page
            .lines()
            .filter_map(|it| it.strip_prefix("## "))
            .collect();
        assert_eq!(sections, SECTIONS, "{alert}");
        for name in SECTIONS {
            assert!(
                section(&page, name).trim().len() > 40,
                "{alert}: {name} says nothing"
            );
        }
    }
}

#[test]
fn a_diagnosis_has_queries_to_paste() {
    for (alert, page) in runbooks() {
        let queries = promql_blocks(section(&page, "Diagnosis"));
        assert!(!queries.is_empty(), "{alert}");
        assert_eq!(
            queries,
            promql_blocks(&page),
            "{alert}: a query stands elsewhere"
        );
    }
}

/// The matchers of the silences that a runbook adds.
fn silences(page: &str) -> Vec<Vec<&str>> {
    let joined = page
        .lines()
        .filter(|it| it.starts_with("amtool silence add "));
    joined
        .map(|it| {
            it.split(' ')
                .filter(|it| it.contains('=') && !it.starts_with("--"))
                .collect()
        })
        .collect()
}

/// A silence that names a label which the alert lacks silences nothing.
#[test]
fn a_silence_fits_the_alert() {
    let mut complaints = Vec::new();
    for (alert, page) in runbooks() {
        let labels: BTreeSet<String> = RULES
            .alerts_named(&alert)
            .flat_map(|it| it.labels_of_alerts().may)
            .collect();
        let silences = silences(&page);
        // To silence the watchdog is to set it off.
        if silences.is_empty() != (alert == "DensityWatchdog") {
            complaints.push(format!(
                "{alert}: it should be said how to silence it, unless it is the watchdog"
            ));
        }
        for silence in silences {
            if !silence.contains(&format!("alertname={alert}").as_str()) {
                complaints.push(format!("{alert}: {silence:?} is of another alert"));
            }
            for matcher in silence {
                let label = matcher.split('=').next().unwrap_or_default();
                if !labels.contains(label) {
                    complaints.push(format!("{alert}: a silence names {label}"));
                }
            }
        }
    }
    none(&complaints);
}

/// The source of the program.
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
    source
}

/// What the runbooks look for in the log is what the program writes there.
#[test]
fn log_lines_that_are_looked_for_are_written() {
    let source = source(&path("src"));
    let mut looked_for = 0;
    for (alert, page) in runbooks() {
        let commands = page.lines().filter(|it| it.contains("journalctl"));
        for text in commands.flat_map(|it| it.split('\'').skip(1).step_by(2)) {
            // Fields are not in the source as they are in the log.
            for phrase in text.split('|').filter(|it| !it.contains('=')) {
                looked_for += 1;
                assert!(source.contains(phrase), "{alert}: nothing logs {phrase:?}");
            }
        }
    }
    assert!(looked_for > 5, "only {looked_for} phrases are looked for");
}

/// The severities of an alert, the worst first.
fn severities(alert: &str) -> String {
    let has = |severity: &&str| {
        RULES
            .alerts_named(alert)
            .any(|it| it.labels["severity"] == *severity)
    };
    let worst_first = ["critical", "warning", "info"].into_iter();
    worst_first.filter(has).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_index_lists_each_alert_with_its_severity() {
    let index = read("docs/runbooks/README.md");
    let rows: Vec<&str> = index.lines().filter(|it| it.starts_with("| [")).collect();
    let expected = RULES.alert_names();
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    for alert in expected {
        let row = format!("| [{alert}]({alert}.md) | {} | ", severities(alert));
        assert!(
            rows.iter().any(|it| it.starts_with(&row)),
            "the index lacks: {row}"
        );
    }
}
