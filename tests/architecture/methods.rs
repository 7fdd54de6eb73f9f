//! Uses of methods that stand in another module than their type: by `Type::method`, or by the type's own
//! code on `self`.

use super::edges::Use;
use super::resolve::Target;
use super::tokens::Path;
use super::tree::{Id, Tree};

/// A type, by the module that defines it and its name.
type Named = (Id, String);

/// Every such use: who uses it, where the method is, and the use.
pub fn uses(tree: &Tree) -> Vec<(Id, Id, Use)> {
    let mut methods: Vec<(Named, &str, Id)> = Vec::new();
    for (module, content) in tree.modules.iter().enumerate() {
        for method in &content.methods {
            if let Some(of) = named(tree, module, &method.of) {
                methods.push((of, &method.name, module));
            }
        }
    }
    let mut found = Vec::new();
    for (user, content) in tree.modules.iter().enumerate() {
        let calls = content.calls.iter();
        let calls = calls.map(|it| (it.of.clone(), &it.name, it.line));
        for (of, name, line) in calls.chain(content.code.iter().filter_map(of_type)) {
            let Some(of) = named(tree, user, &of) else {
                continue;
            };
            let mut places = methods.iter().filter(|it| it.0 == of && it.1 == name);
            if let Some((_, _, used)) = places.next().filter(|it| it.2 != user) {
                let path = format!("{}::{name}", of.1);
                found.push((user, *used, Use::new(tree, user, *used, line, path)));
            }
        }
    }
    found
}

/// A path such as `Type::function`, in two parts.
fn of_type(path: &Path) -> Option<(Path, &String, usize)> {
    let (name, of) = path.segments.split_last()?;
    let of = Path {
        segments: of.to_vec(),
        line: path.line,
    };
    Some((of, name, path.line))
}

fn named(tree: &Tree, module: Id, path: &Path) -> Option<Named> {
    match tree.resolve(module, &path.segments)? {
        Target::Item(definer) => Some((definer, path.segments.last()?.clone())),
        Target::Module(_) | Target::Foreign => None,
    }
}
