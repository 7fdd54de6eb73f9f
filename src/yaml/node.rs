//! A value of a file with its place.

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};

/// A line and a column of a file, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl From<Location> for Position {
    fn from(location: Location) -> Self {
        let number = |it| usize::try_from(it).unwrap_or(usize::MAX);
        Self {
            line: number(location.line()),
            column: number(location.column()),
        }
    }
}

/// A value and its place; without a place it is not in the file. Where nothing is written, the value is the default
/// of its type.
#[derive(Default, PartialEq, JsonSchema)]
#[schemars(description = "", inline, transparent)]
pub(crate) struct Node<T> {
    pub(crate) value: T,
    #[schemars(skip)]
    pub(crate) position: Option<Position>,
}

impl<T> Node<T> {
    /// Whether it is in the file; a key with nothing behind it is.
    pub(crate) fn is_given(&self) -> bool {
        self.position.is_some()
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Node<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Spanned::<Option<T>>::deserialize(deserializer)?;
        Ok(Self {
            value: found.value.unwrap_or_default(),
            position: Some(found.referenced.into()),
        })
    }
}
