//! Which module uses which, seen from the module that both are inside of.

use std::collections::BTreeMap;

use super::methods;
use super::resolve::Target;
use super::tokens::Path;
use super::tree::{Id, Tree};

/// A place where a module uses another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The file and line of the path.
    pub place: String,
    /// The path as it is written there.
    pub path: String,
    /// The file of what it leads to.
    pub target: String,
}

impl Use {
    pub fn new(tree: &Tree, user: Id, used: Id, line: usize, path: String) -> Self {
        Self {
            place: format!("{}:{line}", tree.modules[user].file),
            path,
            target: tree.modules[used].file.clone(),
        }
    }
}

impl std::fmt::Display for Use {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            place,
            path,
            target,
        } = self;
        write!(to, "src/{place} uses `{path}` of src/{target}")
    }
}

/// Between two modules: the first use of one by the other, or by something inside it.
pub type Edges = BTreeMap<(Id, Id), Use>;

/// For each module the edges inside it: between its children, and between them and the module's own
/// code. What is deeper inside a child counts as the child.
pub fn inside(tree: &Tree) -> BTreeMap<Id, Edges> {
    let mut edges: BTreeMap<Id, Edges> = BTreeMap::new();
    for (user, used, it) in by_path(tree).into_iter().chain(methods::uses(tree)) {
        let (outer, from, to) = meet(tree, user, used);
        let entry = edges.entry(outer).or_default().entry((from, to));
        entry.or_insert(it);
    }
    edges
}

/// Every use by a path.
fn by_path(tree: &Tree) -> Vec<(Id, Id, Use)> {
    let mut found = Vec::new();
    for (user, module) in tree.modules.iter().enumerate() {
        let imports = module.imports.iter().map(|it| (&it.path, it.public));
        let code = module.code.iter().map(|it| (it, false));
        for (path, reexport) in imports.chain(code) {
            let Some(used) = used(tree, user, path) else {
                continue;
            };
            // A module that hands on what is defined inside of it does not use that.
            if reexport && tree.ancestors(used).any(|it| it == user) {
                continue;
            }
            found.push((
                user,
                used,
                Use::new(tree, user, used, path.line, path.to_string()),
            ));
        }
    }
    found
}

/// The module that a path in `user` leads to, when it is another one.
fn used(tree: &Tree, user: Id, path: &Path) -> Option<Id> {
    let used = match tree.resolve(user, &path.segments)? {
        Target::Item(module) => module,
        // A single name is a local variable: a module by itself is no value. And a module that
        // something stands in is named for what is beside it.
        Target::Module(module) => {
            let bare = path.segments.len() == 1 || tree.ancestors(user).any(|it| it == module);
            (!bare).then_some(module)?
        }
        Target::Foreign => return None,
    };
    (used != user).then_some(used)
}

/// The innermost module that both are inside of, and which of its children they are in; where one of
/// them is that module, it stands for itself.
fn meet(tree: &Tree, user: Id, used: Id) -> (Id, Id, Id) {
    let mut outward_from_user: Vec<_> = tree.ancestors(user).collect();
    let mut outward_from_used: Vec<_> = tree.ancestors(used).collect();
    let mut outer = outward_from_user[outward_from_user.len() - 1];
    while let (Some(one), Some(other)) = (outward_from_user.last(), outward_from_used.last())
        && one == other
    {
        outer = *one;
        outward_from_user.pop();
        outward_from_used.pop();
    }
    (
        outer,
        outward_from_user.last().copied().unwrap_or(outer),
        outward_from_used.last().copied().unwrap_or(outer),
    )
}
