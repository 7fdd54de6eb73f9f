//! The order among the modules of `src/`, as docs/architecture.md has it: a module uses only those above
//! it in the table, and no two modules of a directory use each other.
//!
//! The sources are parsed. A use is a path, in code, in a macro's arguments or in a `use`, that leads to
//! another module, through however many re-exports; or a type's call of one of its own methods that stands
//! in another module. What is compiled for tests only doesn't count. A method that is called on any other
//! value names no module, so it isn't seen.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

mod cycles;
mod edges;
mod layers;
mod methods;
mod parse;
mod record;
mod resolve;
mod tokens;
mod tree;

mod tests;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use layers::Layers;
use tree::{Files, Tree};

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let mut files = Files::new();
    collect(&repository().join("src"), "", &mut files);
    Tree::read(&files).unwrap_or_else(|error| panic!("{error}"))
});

static LAYERS: LazyLock<Layers> = LazyLock::new(|| {
    let document = repository().join("docs/architecture.md");
    layers::read(&std::fs::read_to_string(document).unwrap())
});

#[test]
fn the_table_has_every_module() {
    none(&layers::missing(&TREE, &LAYERS));
}

#[test]
fn no_module_uses_one_below_it() {
    none(&layers::downward(&TREE, &LAYERS));
}

#[test]
fn the_simulator_uses_the_clock_only() {
    none(&layers::outside(&TREE, "simulator", &["clock"]));
}

#[test]
fn no_modules_of_a_directory_use_each_other() {
    none(&cycles::among_siblings(&TREE));
}

#[test]
fn no_module_and_its_parent_use_each_other() {
    none(&cycles::with_parent(&TREE));
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads the Rust files of a directory, which is `below` the one that was begun with.
fn collect(directory: &Path, below: &str, files: &mut Files) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else if name.ends_with(".rs") {
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Fails with every complaint at once.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n\n"));
}
