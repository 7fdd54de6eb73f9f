//! Modules of one directory that use each other.

use std::collections::BTreeSet;

use super::edges::{self, Edges};
use super::tree::{Id, Tree};

/// Every circle among the children of a module, with one use for each step of it.
pub fn among_siblings(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (outer, mut edges) in edges::inside(tree) {
        edges.retain(|(from, to), _| *from != outer && *to != outer);
        for circle in circles(&edges) {
            complaints.push(format!(
                "In src/{}, the modules {} use each other. Move what they share into a module that \
                 uses none of them, or pass it as an argument:{}",
                tree.modules[outer].file,
                names(tree, &circle),
                uses(&edges, &circle),
            ));
        }
    }
    complaints
}

/// Every circle of a module's own code and its children: it uses them, and they use what it defines.
pub fn with_parent(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (outer, edges) in edges::inside(tree) {
        for mut circle in circles(&edges) {
            if !circle.contains(&outer) {
                continue;
            }
            let uses = uses(&edges, &circle);
            circle.remove(&outer);
            complaints.push(format!(
                "The own code of src/{} and its modules {} use each other. Move what they need out of \
                 that file into a module beside them:{uses}",
                tree.modules[outer].file,
                names(tree, &circle),
            ));
        }
    }
    complaints
}

/// The sets of modules in which each leads to every other.
fn circles(edges: &Edges) -> Vec<BTreeSet<Id>> {
    let mut circles: Vec<BTreeSet<Id>> = Vec::new();
    let modules: BTreeSet<Id> = edges.keys().map(|edge| edge.0).collect();
    for module in modules {
        if circles.iter().any(|it| it.contains(&module)) {
            continue;
        }
        let circle: BTreeSet<Id> = reachable(edges, module)
            .into_iter()
            .filter(|it| reachable(edges, *it).contains(&module))
            .collect();
        if !circle.is_empty() {
            circles.push(circle);
        }
    }
    circles
}

/// What `module` uses, directly or through others.
fn reachable(edges: &Edges, module: Id) -> BTreeSet<Id> {
    let mut seen = BTreeSet::new();
    let mut next = vec![module];
    while let Some(user) = next.pop() {
        for (_, used) in edges.keys().filter(|edge| edge.0 == user) {
            if seen.insert(*used) {
                next.push(*used);
            }
        }
    }
    seen
}

/// A line for each use between modules of the circle.
fn uses(edges: &Edges, circle: &BTreeSet<Id>) -> String {
    edges
        .iter()
        .filter(|((from, to), _)| circle.contains(from) && circle.contains(to))
        .map(|(_, it)| format!("\n  {it}"))
        .collect()
}

fn names(tree: &Tree, modules: &BTreeSet<Id>) -> String {
    let names: Vec<_> = modules
        .iter()
        .map(|it| format!("`{}`", tree.modules[*it].name))
        .collect();
    names.join(", ")
}
