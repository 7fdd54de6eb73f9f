//! What the documentation says of metrics, rules and alerts.

use std::path::Path;

use density_exporter::metrics::catalogue;

use crate::blocks::promql_blocks;
use crate::promql::{check, is_series};
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

/// Names of metrics and recordings in a text. A name that goes on with `*` or `_` stands for several.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || "_:*".contains(it)));
    words
        .filter(|it| it.starts_with("density_") || it.starts_with("density:"))
        .map(|it| it.trim_end_matches(':'))
        .filter(|it| !it.contains('*') && !it.ends_with('_'))
}

#[test]
fn pages_about_alerts_name_metrics_and_recordings_that_there_are() {
    let known = |name: &str| {
        RULES.recordings.iter().any(|it| it.name == name)
            || catalogue::ALL.iter().any(|it| it.name == name)
            || is_series(name)
    };
    let mut complaints = Vec::new();
    let about_alerts = |it: &String| it.starts_with("docs/runbooks/") || it == "docs/alerts.md";
    for page in pages("docs").into_iter().filter(about_alerts) {
        let text = read(&page);
        let unknown = names(&text).filter(|it| !known(it));
        complaints.extend(unknown.map(|it| format!("{page}: there is no {it}")));
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

/// The files that a page links to.
fn linked(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1);
    let targets = targets.filter_map(|it| it.split([')', '#']).next());
    targets.filter(|it| !it.is_empty() && !it.contains("://"))
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut complaints = Vec::new();
    let mut links = 0;
    for page in pages("docs").into_iter().chain(["README.md".to_owned()]) {
        let folder = path(&page);
        let folder = folder.parent().unwrap();
        for target in linked(&read(&page)) {
            links += 1;
            if !folder.join(target).exists() {
                complaints.push(format!("{page} links to {target}"));
            }
        }
    }
    none(&complaints);
    assert!(links > 50, "only {links} links were found");
}
