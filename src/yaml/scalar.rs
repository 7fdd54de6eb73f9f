//! One value as it was typed, and what it may mean.
//!
//! Each of the functions here says what a value means, or what is wrong with it and what to write. A value of
//! the wrong type is never repeated: where a secret's place belongs, it may be the secret.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, RangeInclusive};

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, Visitor};

use super::error::quoted;
use super::nearest::nearest;
use super::node::Node;

/// One value.
#[derive(Default, PartialEq)]
pub(crate) enum Scalar {
    /// Nothing is written.
    #[default]
    Null,
    Boolean(bool),
    /// A number without quotes, in decimal.
    Number(String),
    Text(String),
}

/// One value where a `T` belongs, and its place.
///
/// All of them are read as one type: a copy of the reader for each `T` would be a twentieth of the program.
#[derive(Default, PartialEq, JsonSchema)]
#[schemars(description = "", inline, transparent)]
pub(crate) struct Value<T>(
    #[schemars(with = "T")] Node<Scalar>,
    #[schemars(skip)] PhantomData<T>,
);

impl<T> Deref for Value<T> {
    type Target = Node<Scalar>;

    fn deref(&self) -> &Node<Scalar> {
        &self.0
    }
}

impl<'de, T> Deserialize<'de> for Value<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Node::deserialize(deserializer)?, PhantomData))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }
}

impl Scalar {
    /// That this is no value of the type that belongs here.
    pub(crate) fn wrong_type(&self, expected: &str) -> String {
        let kind = match self {
            Self::Null => return format!("has no value; write {expected} or remove the key"),
            Self::Boolean(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
        };
        format!("is {kind}; write {expected}")
    }

    /// A text or number as it is written, more or less.
    pub(crate) fn word(&self, expected: &str) -> Result<&str, String> {
        match self {
            Self::Text(text) | Self::Number(text) => Ok(text),
            _ => Err(self.wrong_type(expected)),
        }
    }
}

/// A text that is not empty.
pub(crate) fn text(value: &Scalar) -> Result<&str, String> {
    match value {
        Scalar::Text(text) if text.trim().is_empty() => {
            Err("is empty; write a text or remove it".to_owned())
        }
        Scalar::Text(text) => Ok(text),
        Scalar::Null => Err(value.wrong_type("a text")),
        _ => Err(value.wrong_type("a text, so put it between quotes")),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: &Scalar) -> Result<bool, String> {
    match value {
        Scalar::Boolean(value) => Ok(*value),
        _ => Err(value.wrong_type("true or false")),
    }
}

/// A value within `limits`, or what `text` says instead and what to write.
pub(crate) fn within<T: PartialOrd>(
    limits: &RangeInclusive<T>,
    value: T,
    text: &str,
    what: &str,
    format: impl Fn(&T) -> String,
) -> Result<T, String> {
    if limits.contains(&value) {
        return Ok(value);
    }
    let (least, most) = (format(limits.start()), format(limits.end()));
    let text = quoted(text);
    Err(format!(
        "{text} is out of range; write a {what} from {least} to {most}"
    ))
}

/// A whole number within `limits`.
pub(crate) fn count(limits: RangeInclusive<u32>) -> impl FnOnce(&Scalar) -> Result<u32, String> {
    move |value| {
        let expected = format!("a whole number from {} to {}", limits.start(), limits.end());
        let Scalar::Number(text) = value else {
            return Err(value.wrong_type(&expected));
        };
        let found = text.parse().ok().filter(|it| limits.contains(it));
        found.ok_or_else(|| format!("{} can't be used; write {expected}", quoted(text)))
    }
}

/// A text that is none of `words`, with the one that was probably meant.
pub(crate) fn not_one_of(text: &str, words: &[&str]) -> String {
    let all = words.join(", ");
    match nearest(text, words) {
        Some(meant) => format!("{} is none of {all}; did you mean {meant}?", quoted(text)),
        None => format!("{} is not known; write one of {all}", quoted(text)),
    }
}
