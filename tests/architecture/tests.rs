//! The rules, tried on small crates that are known to keep or break them.

use super::layers::{self, Layers};
use super::tree::{Files, Tree};
use super::{cycles, edges};

/// A crate of these files.
fn tree(files: &[(&str, &str)]) -> Tree {
    let files: Files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    Tree::read(&files).unwrap()
}

/// A crate of the modules `a` and `b` with this text.
fn pair(a: &str, b: &str) -> Tree {
    tree(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", b)])
}

/// Every use, as it is reported.
fn uses(tree: &Tree) -> Vec<String> {
    edges::inside(tree)
        .values()
        .flat_map(|edges| edges.values().map(ToString::to_string))
        .collect()
}

fn layers(rows: &[&[&str]]) -> Layers {
    rows.iter()
        .map(|row| row.iter().map(|it| (*it).to_owned()).collect())
        .collect()
}

#[test]
fn two_modules_that_use_each_other_are_found() {
    let tree = pair(
        "use crate::b::B; struct A(B);",
        "\nuse super::a; struct B(a::A);",
    );
    let complaints = cycles::among_siblings(&tree);
    assert_eq!(complaints.len(), 1);
    for part in [
        "In src/lib.rs, the modules `a`, `b` use each other.",
        "src/a.rs:1 uses `crate::b::B` of src/b.rs",
        "src/b.rs:2 uses `super::a` of src/a.rs",
    ] {
        assert!(complaints[0].contains(part), "{complaints:?}");
    }
    assert!(cycles::among_siblings(&pair("use crate::b::B;", "struct B;")).is_empty());
}

#[test]
fn a_longer_circle_is_found() {
    let tree = tree(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; struct A;"),
        ("b.rs", "use crate::c::C; struct B;"),
        ("c.rs", "use crate::a::A; struct C;"),
        ("d.rs", "use crate::a::A;"),
    ]);
    let complaints = cycles::among_siblings(&tree);
    assert_eq!(complaints.len(), 1);
    assert!(
        complaints[0].contains("`a`, `b`, `c` use"),
        "{complaints:?}"
    );
}

#[test]
fn what_is_inside_a_module_counts_as_the_module() {
    let tree = tree(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod deep; struct A;"),
        ("a/deep.rs", "use crate::b::B; struct Deep;"),
        ("b/mod.rs", "mod low; pub use low::B;"),
        ("b/low.rs", "use super::super::a::A; pub struct B;"),
    ]);
    let complaints = cycles::among_siblings(&tree);
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].contains("`a`, `b` use"), "{complaints:?}");
    // Neither parent uses its child.
    assert!(cycles::with_parent(&tree).is_empty());
}

#[test]
fn a_chain_of_reexports_leads_to_what_defines() {
    let tree = tree(&[
        ("lib.rs", "mod front; mod back; mod user;"),
        ("back/mod.rs", "mod store; pub use store::Store as Shop;"),
        ("back/store.rs", "pub struct Store;"),
        ("front.rs", "pub use crate::back::*;"),
        ("user.rs", "use crate::front; fn f(_: front::Shop) {}"),
    ]);
    assert!(
        uses(&tree).contains(&"src/user.rs:1 uses `front::Shop` of src/back/store.rs".to_owned()),
        "{:?}",
        uses(&tree)
    );
}

#[test]
fn every_way_to_write_a_use_is_seen() {
    for text in [
        "use crate::b::B;",
        "use super::{b::{self as other, B as C}};",
        "pub use crate::b::{self};",
        "use super::b; fn f() { b::go::<u8>(); }",
        "use super::*; fn f() { b::go(); }",
        "fn f() { use crate::b::B as _; }",
        "fn f() -> Vec<super::b::B> { Vec::new() }",
        "impl From<crate::b::B> for u8 {}",
        "fn f() { format!(\"{}\", crate::b::go()); }",
        "macro_rules! m { ($x:ident) => { $crate::b::$x() } }",
        "#[derive(Parser)] struct A { #[arg(value_parser = crate::b::go)] a: u8 }",
        "#[derive(Deserialize)] struct A { #[serde(deserialize_with = \"crate::b::go\")] a: u8 }",
        "#[cfg(any(fuzzing, test))] use crate::b::B;",
        "mod inner { use super::super::b::B; }",
    ] {
        let tree = pair(text, "pub struct B; pub fn go() {}");
        assert_eq!(uses(&tree).len(), 1, "{text}: {:?}", uses(&tree));
    }
}

#[test]
fn what_is_not_a_use_is_not_counted() {
    for text in [
        "// crate::b::B\n/// See [`crate::b::B`].\nstruct A;",
        "const TEXT: &str = \"crate::b::B\";",
        "fn f() { format!(\"crate::b::B\"); }",
        "#[doc = \"crate::b::B\"] struct A;",
        "use b::B; use ::b::C; fn f() { b::go(); }",
        "fn f(b: u8) -> u8 { println!(\"{}\", b); b }",
        "struct A { b: u8 } fn f(it: A) { it.b; vec![it.b]; }",
        "pub(in crate::b) struct A;",
    ] {
        let tree = pair(text, "pub struct B;");
        assert!(uses(&tree).is_empty(), "{text}: {:?}", uses(&tree));
    }
}

#[test]
fn what_is_compiled_for_tests_only_is_not_counted() {
    for text in [
        "#![cfg(test)] use crate::b::B;",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(all(test, unix))] use crate::b::B;",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        // Its file is not even looked for.
        "#[cfg(test)] mod tests;",
        "#[cfg(test)] fn f() { crate::b::go(); }",
        "struct A; impl A { #[cfg(test)] fn f() { crate::b::go(); } }",
        "struct A { #[cfg(test)] a: crate::b::B }",
        "fn f() { #[cfg(test)] crate::b::go(); }",
        "fn f() { match 1 { #[cfg(test)] 2 => crate::b::go(), _ => {} } }",
    ] {
        let tree = pair(text, "pub struct B; pub fn go() {}");
        assert!(uses(&tree).is_empty(), "{text}: {:?}", uses(&tree));
    }
}

#[test]
fn a_method_counts_where_it_stands() {
    for (call, used) in [
        ("fn f(&self) { self.g(); }", true),
        ("fn f(self: Arc<Self>) { self.clone().g(); }", true),
        ("fn f() -> fn(&Self) { Self::g }", true),
        ("fn f() -> fn(&A) { A::g }", true),
        // Its own, and another value's.
        ("fn f(&self) { self.f(); }", false),
        ("fn f(&self, it: &Vec<u8>) { it.g(); }", false),
    ] {
        let tree = pair(
            &format!("pub struct A; impl A {{ {call} }}"),
            "use crate::a::A; impl A { pub fn g(&self) { self.h(); } fn h(&self) {} }",
        );
        let complaints = cycles::among_siblings(&tree).join("\n");
        let found = complaints.contains("src/a.rs:1 uses `A::g` of src/b.rs");
        assert_eq!(found, used, "{call}: {complaints}");
    }
}

#[test]
fn a_parent_and_its_child_that_use_each_other_are_found() {
    let parent = |code: &str| {
        tree(&[
            ("lib.rs", "mod a;"),
            (
                "a/mod.rs",
                &format!("mod low; pub use low::Low; pub struct A; {code}"),
            ),
            ("a/low.rs", "use super::A; pub struct Low;"),
        ])
    };
    // A parent may hand on what its child defines.
    assert!(cycles::with_parent(&parent("")).is_empty());
    let tree = parent("fn f(_: Low) {}");
    assert!(cycles::among_siblings(&tree).is_empty());
    let complaints = cycles::with_parent(&tree);
    assert_eq!(complaints.len(), 1);
    for part in [
        "src/a/mod.rs:1 uses `Low` of src/a/low.rs",
        "src/a/low.rs:1 uses `super::A` of src/a/mod.rs",
    ] {
        assert!(complaints[0].contains(part), "{complaints:?}");
    }
}

#[test]
fn a_use_of_what_is_below_is_found() {
    let tree = pair("use crate::b::B;", "pub struct B;");
    let complaints = layers::downward(&tree, &layers(&[&["a"], &["b"]]));
    assert_eq!(complaints.len(), 1);
    assert!(
        complaints[0].starts_with("`a` uses `b`, which is below it"),
        "{complaints:?}"
    );
    assert!(
        complaints[0].contains("src/a.rs:1 uses `crate::b::B`"),
        "{complaints:?}"
    );
    assert!(layers::downward(&tree, &layers(&[&["b"], &["a"]])).is_empty());
    assert!(layers::downward(&tree, &layers(&[&["a", "b"]])).is_empty());
}

#[test]
fn the_program_uses_the_library_by_its_name() {
    let tree = tree(&[
        ("lib.rs", "pub mod a;"),
        ("a.rs", "pub fn go() {}"),
        ("main.rs", "fn main() { density_exporter::a::go() }"),
    ]);
    assert!(layers::downward(&tree, &layers(&[&["a"], &["main"]])).is_empty());
    assert_eq!(
        layers::downward(&tree, &layers(&[&["main"], &["a"]])).len(),
        1
    );
}

#[test]
fn a_confined_module_may_use_only_what_it_is_allowed() {
    let tree = pair("use crate::b::B;", "pub struct B;");
    assert!(layers::outside(&tree, "a", &["b"]).is_empty());
    assert!(layers::outside(&tree, "b", &[]).is_empty());
    assert_eq!(layers::outside(&tree, "a", &["c"]).len(), 1);
}

#[test]
fn the_table_is_read_from_the_document() {
    let document = "# Architecture\n\n| who | what |\n| --- | --- |\n| `x/` | |\n\n\
                    | module | what it is for |\n| --- | --- |\n| `clock.rs` | `time` |\n\
                    | `cli.rs`, `app/` | flags |\n\nMore of `y/`.\n";
    let read = layers::read(document);
    assert_eq!(read, layers(&[&["clock"], &["cli", "app"]]));
    let tree = tree(&[
        ("lib.rs", "mod clock; mod cli; mod more;"),
        ("clock.rs", ""),
        ("cli.rs", ""),
        ("more.rs", ""),
    ]);
    let complaints = layers::missing(&tree, &read).join("\n");
    assert!(
        complaints.contains("`more` of src/ is not in the table"),
        "{complaints}"
    );
    assert!(complaints.contains("`app` of the table"), "{complaints}");
    assert_eq!(complaints.lines().count(), 2, "{complaints}");
}

#[test]
fn a_module_without_its_file_is_reported() {
    let files = Files::from([("lib.rs".to_owned(), "mod gone;".to_owned())]);
    let error = Tree::read(&files).unwrap_err();
    assert_eq!(error, "src/lib.rs: the file of `mod gone` is missing");
}
