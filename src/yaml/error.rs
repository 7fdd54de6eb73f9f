//! What is wrong with a configuration, each mistake where it was made.
//!
//! A message says what is wrong and what to do. It never holds a secret, nor anything that may be
//! one: a value is repeated only where a secret can't stand.

use std::fmt;

use super::node::Position;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file as it was named, or `environment`.
    pub source_name: String,
    /// Where it was made, where that is known.
    pub position: Option<Position>,
    /// The way to the key, such as `organizations[1].auth.token_file`; empty for the file itself.
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source_name)?;
        if let Some(position) = self.position {
            write!(f, ":{}", position.line)?;
        }
        f.write_str(": ")?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Everything that is wrong with a configuration, in the order of the file: at least one mistake.
///
/// Displayed, it is one line a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// One mistake of a whole file, or on a line of it.
    pub(crate) fn one(source: &str, line: Option<usize>, message: impl Into<String>) -> Self {
        let mut diagnostics = Diagnostics::of(source);
        let position = line.map(|line| Position { line, column: 1 });
        diagnostics.add(position, "", message);
        diagnostics.into_errors()
    }

    /// The mistakes, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Error> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a Error;
    type IntoIter = std::slice::Iter<'a, Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Errors {}

/// Gathers mistakes while judging goes on.
#[derive(Debug)]
pub(crate) struct Diagnostics {
    source: String,
    found: Vec<Error>,
}

impl Diagnostics {
    /// None yet, in the file or environment of that name.
    pub(crate) fn of(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            found: Vec::new(),
        }
    }

    /// Notes one mistake.
    pub(crate) fn add(
        &mut self,
        position: Option<Position>,
        key: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.found.push(Error {
            source_name: self.source.clone(),
            position,
            key: key.into(),
            message: message.into(),
        });
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// `good`, if nothing is wrong.
    pub(crate) fn result<T>(self, good: T) -> Result<T, Errors> {
        match self.is_empty() {
            true => Ok(good),
            false => Err(self.into_errors()),
        }
    }

    /// All of them, sorted by their place in the file; those without a place come last.
    pub(crate) fn into_errors(mut self) -> Errors {
        self.found
            .sort_by_key(|it| (it.position.is_none(), it.position));
        Errors(self.found)
    }
}

/// How much of a value is repeated in a message, in characters.
const QUOTED_CHARACTERS: usize = 60;

/// A value as a message repeats it: quoted, with control characters escaped, and not too long.
pub(crate) fn quoted(value: &str) -> String {
    match value.char_indices().nth(QUOTED_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}
