//! A section of a file while its values are judged.
//!
//! What is wrong with a value is noted with its key and place, and judging goes on.

use super::error::Diagnostics;
use super::node::{Node, Position};
use super::scalar::{Scalar, Value};

/// Where a section stands, and where its mistakes are noted.
pub(crate) struct Section<'d> {
    path: String,
    position: Option<Position>,
    diagnostics: &'d mut Diagnostics,
}

impl<'d> Section<'d> {
    /// The file as a whole.
    pub(crate) fn root(position: Option<Position>, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            path: String::new(),
            position,
            diagnostics,
        }
    }

    /// The section behind `key`, which has its defaults where it is not given.
    pub(crate) fn section<'n, T>(&mut self, key: &str, node: &'n Node<T>) -> (Section<'_>, &'n T) {
        let section = Section {
            path: self.path_of(key),
            position: node.position.or(self.position),
            diagnostics: self.diagnostics,
        };
        (section, &node.value)
    }

    /// What `judge` makes of the value behind `key`, where it is given and good.
    pub(crate) fn value<'n, T, K>(
        &mut self,
        key: &str,
        node: &'n Value<K>,
        judge: impl FnOnce(&'n Scalar) -> Result<T, String>,
    ) -> Option<T> {
        node.position?;
        let refuse = |message| self.refuse(key, node.position, message);
        judge(&node.value).map_err(refuse).ok()
    }

    /// What `judge` makes of each item of the list behind `key` that is good.
    pub(crate) fn list<'n, T, K>(
        &mut self,
        key: &str,
        list: &'n Node<Vec<Value<K>>>,
        judge: impl Fn(&'n Scalar) -> Result<T, String>,
    ) -> Vec<T> {
        let judge = |(index, item)| self.value(&format!("{key}[{index}]"), item, &judge);
        list.value.iter().enumerate().filter_map(judge).collect()
    }

    /// Notes what is wrong with `key`, which stands there, or is not given.
    pub(crate) fn refuse(
        &mut self,
        key: &str,
        position: Option<Position>,
        message: impl Into<String>,
    ) {
        let position = position.or(self.position);
        self.diagnostics.add(position, self.path_of(key), message);
    }

    /// Whether nothing is wrong so far, in the whole file.
    pub(crate) fn is_good(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// The way to the section, as messages have it, and its line.
    pub(crate) fn place(&self) -> String {
        let line = self.position.map_or(0, |it| it.line);
        format!("{} on line {line}", self.path)
    }

    fn path_of(&self, key: &str) -> String {
        match (self.path.as_str(), key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }
}
