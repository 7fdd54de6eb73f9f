//! The table of docs/architecture.md: which modules there are, and which of them are above which.

use std::collections::BTreeSet;

use super::edges;
use super::tree::{Id, ROOT, Tree};

/// The modules of each row, from the top.
pub type Layers = Vec<Vec<String>>;

/// Reads the first table whose first column is of modules.
pub fn read(document: &str) -> Layers {
    document
        .lines()
        .skip_while(|line| !matches!(first_cell(line), Some("module")))
        // The header and the rule below it.
        .skip(2)
        .map_while(first_cell)
        .map(|cell| cell.split('`').skip(1).step_by(2).map(module).collect())
        .collect()
}

fn first_cell(line: &str) -> Option<&str> {
    Some(line.strip_prefix('|')?.split('|').next()?.trim())
}

/// The name of the module in a file or directory.
fn module(place: &str) -> String {
    place
        .trim_end_matches('/')
        .trim_end_matches(".rs")
        .to_owned()
}

/// What is in `src/` and not in the table, or the other way round.
pub fn missing(tree: &Tree, layers: &Layers) -> Vec<String> {
    let listed: BTreeSet<&String> = layers.iter().flatten().collect();
    // What `lib.rs` has is the list of the others.
    let library = "lib".to_owned();
    let present: BTreeSet<&String> = tree.modules[ROOT]
        .children
        .keys()
        .chain([&library])
        .collect();
    let unlisted = present
        .difference(&listed)
        .filter(|it| **it != &library)
        .map(|it| {
            format!("`{it}` of src/ is not in the table of docs/architecture.md. Add it below what it uses.")
        });
    let absent = listed.difference(&present).map(|it| {
        format!(
            "`{it}` of the table in docs/architecture.md is not in src/. Remove it from the table."
        )
    });
    unlisted.chain(absent).collect()
}

/// Every use of a module by one that is above it in the table. Those of one row may use each other.
pub fn downward(tree: &Tree, layers: &Layers) -> Vec<String> {
    let layer = |name: &str| {
        layers
            .iter()
            .position(|row| row.iter().any(|it| it == name))
    };
    between_layers(tree, |from, to| {
        layer(to) <= layer(from) || layer(from).is_none() || layer(to).is_none()
    })
    .map(|(from, to, place)| {
        format!(
            "`{from}` uses `{to}`, which is below it in the table of docs/architecture.md. Move what it \
             needs further up, or pass it as an argument:\n  {place}"
        )
    })
    .collect()
}

/// Every use by `confined` of anything but `allowed`.
pub fn outside(tree: &Tree, confined: &str, allowed: &[&str]) -> Vec<String> {
    between_layers(tree, |from, to| from != confined || allowed.contains(&to))
        .map(|(from, to, place)| {
            format!(
                "`{from}` uses `{to}`, but may use only {}:\n  {place}",
                allowed.join(", ")
            )
        })
        .collect()
}

/// The uses between modules of the crate's root that `allowed` refuses.
fn between_layers(
    tree: &Tree,
    allowed: impl Fn(&str, &str) -> bool,
) -> impl Iterator<Item = (String, String, String)> {
    let name = |module: Id| tree.modules[module].name.clone();
    edges::inside(tree)
        .remove(&ROOT)
        .unwrap_or_default()
        .into_iter()
        .map(move |((from, to), place)| (name(from), name(to), place.to_string()))
        .filter(move |(from, to, _)| !allowed(from, to))
}
