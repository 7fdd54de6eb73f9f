//! Links lead to files and headings that exist.

use std::collections::BTreeMap;

use regex::Regex;

use crate::markdown::{heading, pages, prose};
use crate::{none, path, read};

/// The anchors of a page's headings, made as GitHub makes them.
fn anchors(page: &str) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let headings = prose(page).filter_map(heading);
    let anchors = headings.map(|(_, text)| {
        let text = text.to_lowercase();
        let kept = text
            .chars()
            .filter(|it| it.is_alphanumeric() || " -_".contains(*it));
        let anchor = kept.collect::<String>().replace(' ', "-");
        let earlier = seen.entry(anchor.clone()).or_insert(0);
        *earlier += 1;
        match *earlier {
            1 => anchor,
            count => format!("{anchor}-{}", count - 1),
        }
    });
    anchors.collect()
}

/// The relative links and pictures in the prose of a page.
fn links(page: &str) -> Vec<String> {
    let code = Regex::new("`[^`]*`").unwrap();
    let target = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let text = prose(page).collect::<Vec<_>>().join("\n");
    let text = code.replace_all(&text, "");
    let targets = target.captures_iter(&text).map(|it| it[1].to_owned());
    targets.filter(|it| !it.contains("://")).collect()
}

/// What is wrong with a link on `page`, if anything is.
fn complaint(page: &str, link: &str) -> Option<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        path(page)
    } else {
        path(page).parent().unwrap().join(file)
    };
    if !target.exists() {
        return Some(format!("{page} links to {link}: there is no such file"));
    }
    if anchor.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&target).expect(link);
    (!anchors(&text).iter().any(|it| it == anchor))
        .then(|| format!("{page} links to {link}: there is no such heading"))
}

#[test]
fn relative_links_lead_to_files_and_headings() {
    let mut complaints = Vec::new();
    let (mut files, mut with_anchor) = (0, 0);
    for page in pages() {
        for link in links(&read(&page)) {
            files += 1;
            with_anchor += usize::from(link.contains('#'));
            complaints.extend(complaint(&page, &link));
        }
    }
    none(&complaints);
    assert!(files > 150, "only {files} links were found");
    assert!(with_anchor > 15, "only {with_anchor} links to headings");
}

#[test]
fn anchors_are_made_as_github_makes_them() {
    let page = "# A `flag`, and more\n\n```sh\n# no heading\n```\n## Twice\n## Twice\n";
    assert_eq!(anchors(page), ["a-flag-and-more", "twice", "twice-1"]);
}
