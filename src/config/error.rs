//! What is wrong with a configuration, all of it at once, each mistake where it was made.
//!
//! A message says what is wrong and what to do. It never holds a secret, nor anything that may be
//! one: a value is repeated only where a secret can't stand.

use std::fmt;

use super::tree::Position;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    source: String,
    position: Option<Position>,
    key: String,
    message: String,
}

impl Error {
    /// The file as it was named, or `environment`.
    pub fn source_name(&self) -> &str {
        &self.source
    }

    /// The line, counted from 1, where the mistake has one.
    pub fn line(&self) -> Option<usize> {
        self.position.map(|it| it.line)
    }

    /// The column, counted in characters from 1, where the mistake has one.
    pub fn column(&self) -> Option<usize> {
        self.position.map(|it| it.column)
    }

    /// The way to the key, such as `organizations[1].auth.token_file`; empty for the file itself.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is wrong and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(line) = self.line() {
            write!(f, ":{line}")?;
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
    /// How many mistakes there are; never 0.
    #[expect(
        clippy::len_without_is_empty,
        reason = "there is always at least one mistake"
    )]
    pub fn len(&self) -> usize {
        self.0.len()
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
        for (index, error) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// Collects mistakes while reading goes on.
#[derive(Debug)]
pub(crate) struct Problems {
    source: String,
    found: Vec<Error>,
    secrets_elsewhere: bool,
}

impl Problems {
    /// None yet, in the file or environment of that name.
    pub(crate) fn of(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            found: Vec::new(),
            secrets_elsewhere: true,
        }
    }

    /// None yet, in a file whose secrets stand in itself, hashed or not.
    pub(crate) fn of_file_with_secrets(source: &str) -> Self {
        Self {
            secrets_elsewhere: false,
            ..Self::of(source)
        }
    }

    /// Whether whoever wrote a secret here should name its place instead.
    pub(crate) fn secrets_stand_elsewhere(&self) -> bool {
        self.secrets_elsewhere
    }

    /// Notes one mistake.
    pub(crate) fn add(
        &mut self,
        position: impl Into<Option<Position>>,
        key: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.found.push(Error {
            source: self.source.clone(),
            position: position.into(),
            key: key.into(),
            message: message.into(),
        });
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, sorted by their place in the file; those without a place come last.
    pub(crate) fn into_errors(mut self) -> Errors {
        self.found.sort_by_key(|it| {
            let place = it.position.map(|it| (it.line, it.column));
            (place.is_none(), place)
        });
        Errors(self.found)
    }
}

/// How much of a value is repeated in a message, in characters.
const SHOWN_CHARACTERS: usize = 60;

/// A value as a message repeats it: quoted, with control characters escaped, and not too long.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}
