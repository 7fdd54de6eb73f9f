//! Follows a path to the module that defines what it names, through imports and re-exports.

use super::tree::{Id, ROOT, Tree};

/// How the program calls the library.
const CRATE: &str = "density_exporter";

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Something that this module defines.
    Item(Id),
    /// The module itself.
    Module(Id),
    /// Something of another crate.
    Foreign,
}

/// The names that are being looked up, each with its module: one that comes again leads nowhere.
type Trail<'a> = &'a mut Vec<(Id, String)>;

impl Tree {
    /// What `path`, written in the module `from`, leads to. None when it is no path of this crate: a
    /// local variable, a field, a name of the prelude or another crate.
    pub fn resolve(&self, from: Id, path: &[String]) -> Option<Target> {
        self.follow(from, path, &mut Vec::new())
    }

    fn follow(&self, from: Id, path: &[String], trail: Trail<'_>) -> Option<Target> {
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" | CRATE => ROOT,
            "self" => from,
            "super" => self.modules[from].parent?,
            _ => return self.look_up(from, path, trail),
        };
        while let Some(("super", more)) = rest.split_first().map(|it| (it.0.as_str(), it.1)) {
            at = self.modules[at].parent?;
            rest = more;
        }
        Some(self.descend(at, rest, trail))
    }

    /// What `path` names in the module `at`. A name that is not found is one that a macro defines
    /// there.
    fn descend(&self, at: Id, path: &[String], trail: Trail<'_>) -> Target {
        if path.is_empty() {
            return Target::Module(at);
        }
        self.look_up(at, path, trail).unwrap_or(Target::Item(at))
    }

    fn look_up(&self, at: Id, path: &[String], trail: Trail<'_>) -> Option<Target> {
        let (name, rest) = path.split_first()?;
        let module = &self.modules[at];
        let child = module.children.get(name).copied();
        if let Some(child) = child.filter(|_| !rest.is_empty()) {
            return Some(self.descend(child, rest, trail));
        }
        if module.items.contains(name) {
            return Some(Target::Item(at));
        }
        let step = (at, name.clone());
        if trail.contains(&step) {
            return None;
        }
        trail.push(step);
        let found = self
            .imported(at, name, rest, trail)
            .or(child.map(Target::Module))
            .or_else(|| self.by_glob(at, path, trail));
        trail.pop();
        found
    }

    fn imported(&self, at: Id, name: &str, rest: &[String], trail: Trail<'_>) -> Option<Target> {
        let mut found = None;
        for import in self.modules[at].imports.iter().filter(|it| it.name == name) {
            let path = [&import.path.segments, rest].concat();
            match self.follow(at, &path, trail) {
                None => found = Some(Target::Foreign),
                there => return there,
            }
        }
        found
    }

    fn by_glob(&self, at: Id, path: &[String], trail: Trail<'_>) -> Option<Target> {
        self.modules[at].globs.iter().find_map(|glob| {
            match self.follow(at, &glob.segments, trail)? {
                Target::Module(module) => self.look_up(module, path, trail),
                _ => None,
            }
        })
    }
}
