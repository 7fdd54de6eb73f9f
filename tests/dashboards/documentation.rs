//! The page about the dashboards and the dashboards themselves.

use std::collections::BTreeSet;

use crate::files::Dashboard;

#[test]
fn the_documentation_lists_the_dashboards_that_there_are() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/dashboards.md"));
    let page = page.unwrap();
    let listed: BTreeSet<(String, String)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| [`"))
        .map(|line| {
            let (file, rest) = line.split_once("`]").unwrap();
            let title = rest.split('|').nth(1).unwrap().trim();
            (file.to_owned(), title.to_owned())
        })
        .collect();
    let there: BTreeSet<(String, String)> = Dashboard::all()
        .into_iter()
        .map(|it| {
            let title = it.json["title"].as_str().unwrap();
            (it.file.clone(), title.to_owned())
        })
        .collect();
    assert_eq!(listed, there);
}
