//! Single values of a JSON text that continues after them or has not arrived completely.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, de};

/// The value that starts at `at`, and its end.
#[expect(clippy::arithmetic_side_effects, reason = "A place within the text.")]
pub(super) fn value<'a, T: Deserialize<'a>>(
    buffer: &'a str,
    at: usize,
) -> serde_json::Result<(T, usize)> {
    let json = buffer.get(at..).unwrap_or_default();
    first_value(json).map(|(value, length)| (value, at + length))
}

/// The value at the start of `json`, and its length.
pub(super) fn first_value<'a, T: Deserialize<'a>>(json: &'a str) -> serde_json::Result<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(json).into_iter();
    match values.next() {
        Some(value) => value.map(|value| (value, values.byte_offset())),
        None => Err(de::Error::custom("there is no value")),
    }
}

/// As [`first_value`], for an object only: serde also accepts a list as a struct.
pub(super) fn first_object<'a, T: Deserialize<'a>>(
    json: &'a str,
) -> serde_json::Result<(T, usize)> {
    match json.as_bytes().first() {
        Some(b'{') => first_value(json),
        _ => Err(de::Error::custom("it is not an object")),
    }
}

/// Whether all of `json` is the start of a number or a word, which may continue with what arrives next.
pub(super) fn may_continue(json: &str) -> bool {
    let is_of_it = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'+' | b'.');
    let first = json.bytes().next();
    first.is_some_and(|it| it == b'-' || it.is_ascii_alphanumeric()) && json.bytes().all(is_of_it)
}

/// The offset of an error in `json`, from the line and the column that serde_json reports.
pub(super) fn offset(json: &str, error: &serde_json::Error) -> usize {
    let lines = json.split_inclusive('\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    before.saturating_add(error.column().saturating_sub(1))
}

/// The offset of the next byte that is not white space.
#[expect(clippy::arithmetic_side_effects, reason = "It ends with the text.")]
pub(super) fn skip_space(buffer: &str, mut at: usize) -> usize {
    while matches!(
        buffer.as_bytes().get(at),
        Some(b' ' | b'\n' | b'\r' | b'\t')
    ) {
        at += 1;
    }
    at
}

/// A key, borrowed from the answer when it has no escapes; empty, and so no id, when it is not valid text.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Key<'de>, E> {
                let text = std::str::from_utf8(bytes).unwrap_or_default();
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Key<'de>, E> {
                let text = std::str::from_utf8(bytes).unwrap_or_default();
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        // As bytes, because half a surrogate pair is an error in text.
        deserializer.deserialize_bytes(Text)
    }
}
