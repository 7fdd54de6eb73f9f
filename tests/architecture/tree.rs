//! The modules of a crate, as its files declare them.

use std::collections::{BTreeMap, BTreeSet};

use super::parse;
use super::record::{Call, Import, Method, Record};
use super::tokens::Path;

/// The text of each file, by its path below `src/`.
pub type Files = BTreeMap<String, String>;

/// A module by its number in the tree.
pub type Id = usize;

/// The module of `lib.rs`.
pub const ROOT: Id = 0;

/// All modules that are not for tests only.
#[derive(Debug)]
pub struct Tree {
    pub modules: Vec<Module>,
}

/// A module, and what its own code says.
#[derive(Debug)]
pub struct Module {
    pub name: String,
    /// The file that it stands in, below `src/`.
    pub file: String,
    pub parent: Option<Id>,
    pub children: BTreeMap<String, Id>,
    pub items: BTreeSet<String>,
    pub imports: Vec<Import>,
    pub globs: Vec<Path>,
    pub code: Vec<Path>,
    pub methods: Vec<Method>,
    pub calls: Vec<Call>,
    /// Where the files of its children are.
    folder: String,
}

impl Tree {
    /// Reads `lib.rs` and every file that belongs to it; `main.rs`, where there is one, stands in the
    /// tree as if it were a module beside the others.
    pub fn read(files: &Files) -> Result<Self, String> {
        let mut tree = Self {
            modules: Vec::new(),
        };
        tree.add(files, "crate", "lib.rs", None, String::new(), None)?;
        if files.contains_key("main.rs") {
            let main = tree.add(
                files,
                "main",
                "main.rs",
                Some(ROOT),
                "main".to_owned(),
                None,
            )?;
            tree.modules[ROOT].children.insert("main".to_owned(), main);
        }
        Ok(tree)
    }

    /// The modules that a module is inside of, from itself to the root.
    pub fn ancestors(&self, module: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(Some(module), |&it| self.modules[it].parent)
    }

    fn add(
        &mut self,
        files: &Files,
        name: &str,
        file: &str,
        parent: Option<Id>,
        folder: String,
        inline: Option<Vec<Record>>,
    ) -> Result<Id, String> {
        let records = match inline {
            Some(records) => records,
            None => parse::file(&files[file]).map_err(|error| format!("src/{file}: {error}"))?,
        };
        let id = self.modules.len();
        self.modules.push(Module {
            name: name.to_owned(),
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            imports: Vec::new(),
            globs: Vec::new(),
            code: Vec::new(),
            methods: Vec::new(),
            calls: Vec::new(),
            folder,
        });
        for record in records {
            let module = &mut self.modules[id];
            match record {
                Record::Item(name) => {
                    module.items.insert(name);
                }
                Record::Import(it) => module.imports.push(it),
                Record::Glob(path) => module.globs.push(path),
                Record::Code(path) => module.code.push(path),
                Record::Method(it) => module.methods.push(it),
                Record::Call(it) => module.calls.push(it),
                Record::Module { name, inline } => self.add_child(files, id, &name, inline)?,
            }
        }
        Ok(id)
    }

    fn add_child(
        &mut self,
        files: &Files,
        parent: Id,
        name: &str,
        inline: Option<Vec<Record>>,
    ) -> Result<(), String> {
        let outer = &self.modules[parent];
        let folder = match outer.folder.as_str() {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let candidates = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
        let file = match &inline {
            Some(_) => outer.file.clone(),
            None => candidates
                .into_iter()
                .find(|it| files.contains_key(it))
                .ok_or_else(|| {
                    format!("src/{}: the file of `mod {name}` is missing", outer.file)
                })?,
        };
        let child = self.add(files, name, &file, Some(parent), folder, inline)?;
        self.modules[parent].children.insert(name.to_owned(), child);
        Ok(())
    }
}
