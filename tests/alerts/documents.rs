//! What the documentation says of rules and alerts, and the queries in it.

use std::path::Path;

use crate::blocks::promql_blocks;
use crate::promql::check;
use crate::rules::RULES;
use crate::{none, path, read};

/// The Markdown pages in a folder of the repository and below it.
pub fn pages(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path(folder)).expect(folder) {
        let name = format!("{folder}/{}", entry.unwrap().file_name().display());
        if path(&name).is_dir() {
            found.extend(pages(&name));
        } else if Path::new(&name).extension().is_some_and(|it| it == "md") {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[test]
fn queries_that_people_are_given_name_what_there_is() {
    let mut complaints = Vec::new();
    for page in pages("docs").into_iter().chain(["README.md".to_owned()]) {
        for query in promql_blocks(&read(&page)) {
            let found = check(query, &RULES.recorded);
            complaints.extend(found.iter().map(|it| format!("{page}: {it}, in\n{query}")));
        }
    }
    none(&complaints);
}

#[test]
fn the_page_about_alerts_names_every_alert_and_threshold() {
    let page = read("docs/alerts.md");
    let alerts = RULES.alert_names().into_iter();
    let recorded = RULES.recordings.iter().map(|it| it.name.as_str());
    let thresholds = recorded.filter(|it| it.starts_with("density:threshold:"));
    let missing = alerts
        .chain(thresholds)
        .filter(|it| !page.contains(&format!("`{it}`")));
    none(
        &missing
            .map(|it| format!("docs/alerts.md lacks `{it}`"))
            .collect::<Vec<_>>(),
    );
}
