//! The environment's variables, behind a trait, so that a test passes a map and never sets any.
//!
//! Nothing else in the program reads a variable that configures it.

use std::collections::BTreeMap;
use std::path::Path;

/// Where variables are looked up.
pub trait Environment {
    /// What the variable holds; `None` when it is not set.
    fn get(&self, name: &str) -> Option<String>;
}

/// Where what a file names is looked up.
pub(super) struct Context<'a> {
    /// Paths in the file are relative to this directory.
    pub(super) directory: &'a Path,
    /// For variables that hold secrets.
    pub(super) environment: &'a dyn Environment,
}

/// The variables of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        // What is not UTF-8 is kept in part rather than taken for unset: the check of the value then
        // says what is wrong with it.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}

impl Environment for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).cloned()
    }
}

/// A fixed list of names and values.
impl<const N: usize> Environment for [(&str, &str); N] {
    fn get(&self, name: &str) -> Option<String> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    }
}
