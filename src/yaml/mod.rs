//! A YAML file read into types, with the line of each value, and what is wrong with it.
//!
//! `document` reads the text into types in which each value (`scalar`) knows its place (`node`). Then the sections
//! (`section`) are checked one by one, and every mistake is noted (`error`), so that all are reported at once. What keys
//! there are and what they mean is known to those who read their files with it: `config` and `http::web_config`.

pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod file;
mod key_path;
#[cfg(test)]
pub(crate) mod misplaced;
mod mistake;
mod nearest;
pub(crate) mod node;
pub(crate) mod scalar;
pub(crate) mod schema;
pub(crate) mod section;
mod tag;
#[cfg(test)]
mod tests;
pub(crate) mod writing;
