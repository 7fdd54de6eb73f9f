//! What the tests need to know about Markdown pages.

use std::path::Path;

use crate::path;

/// Every Markdown page of the repository, by its path in it.
pub fn pages() -> Vec<String> {
    let mut pages = Vec::new();
    collect(Path::new(""), &mut pages);
    pages.sort();
    assert!(pages.len() > 30, "{pages:?}");
    pages
}

fn collect(folder: &Path, pages: &mut Vec<String>) {
    for entry in std::fs::read_dir(path(folder.to_str().unwrap())).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let inside = folder.join(&name);
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name.as_str()) {
                collect(&inside, pages);
            }
        } else if inside.extension().is_some_and(|it| it == "md") {
            pages.push(inside.to_str().unwrap().to_owned());
        }
    }
}

/// The lines of a page that are not in a block of code.
pub fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The level of a heading and its text.
pub fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|it| *it == b'#').count();
    let text = line[level..].strip_prefix(' ')?;
    (level > 0).then_some((level, text.trim()))
}

/// The prose under a heading, to the next one of its level or above.
pub fn section<'a>(page: &'a str, title: &str) -> Vec<&'a str> {
    let mut lines = prose(page);
    let level = lines
        .find_map(|line| heading(line).filter(|it| it.1 == title))
        .unwrap_or_else(|| panic!("there is no section {title:?}"))
        .0;
    lines
        .take_while(|line| heading(line).is_none_or(|it| it.0 > level))
        .collect()
}

/// A table: its header and its rows, cell by cell.
#[derive(Debug)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The tables in some lines, in their order.
pub fn tables(lines: &[&str]) -> Vec<Table> {
    let runs = lines.split(|line| !line.starts_with('|'));
    let runs = runs.filter(|run| run.len() > 2);
    runs.map(|run| Table {
        header: cells(run[0]),
        rows: run[2..].iter().map(|line| cells(line)).collect(),
    })
    .collect()
}

/// The only table in a section whose header begins so.
pub fn table(page: &str, title: &str, header: &[&str]) -> Vec<Vec<String>> {
    let found = tables(&section(page, title)).into_iter();
    let mut found = found.filter(|it| it.header.iter().zip(header).all(|(a, b)| a == b));
    let table = found.next();
    let table = table.unwrap_or_else(|| panic!("{title}: there is no table of {header:?}"));
    assert!(found.next().is_none(), "{title}: two tables of {header:?}");
    for row in &table.rows {
        assert_eq!(row.len(), table.header.len(), "{title}: {row:?}");
    }
    table.rows
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    let cells = line.split(" | ");
    cells.map(|it| it.trim().to_owned()).collect()
}

/// What stands between backticks in a text.
pub fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The text of a cell that is nothing but code.
pub fn whole_code(cell: &str) -> Option<&str> {
    let inner = cell.strip_prefix('`')?.strip_suffix('`')?;
    (!inner.contains('`')).then_some(inner)
}

/// The blocks of code in a language, without their fences.
pub fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks.filter_map(|it| it.split("```").next()).collect()
}
