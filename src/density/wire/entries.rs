//! The entries of an answer, however it is wrapped.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::snapshot::Text;

use super::super::rejection::{Reason, Rejections};
use super::field::{Field, object};
use super::{DecodeError, Read};

/// An entry as it stands in the answer: its key, where it stands in a map, and its text.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) key: Option<Cow<'a, str>>,
    pub(super) raw: &'a RawValue,
}

impl<'a> Entry<'a> {
    /// The entry's fields, when it is an object.
    pub(super) fn fields<T: Deserialize<'a>>(&self) -> Result<T, Rejected> {
        let key = || self.key.as_deref().map(str::to_owned);
        object(self.raw.get()).map_err(|reason| Rejected(reason, key()))
    }

    /// The entry's id: its key in a map, else its `field`.
    pub(super) fn id(&self, field: Field<'_>) -> Result<Text, Rejected> {
        match &self.key {
            Some(key) if !key.is_empty() => Ok(Text::from(&**key)),
            Some(_) => Err(Rejected(Reason::MissingId, None)),
            None => match field.id() {
                Ok(Some(id)) => Ok(id),
                Ok(None) => Err(Rejected(Reason::MissingId, None)),
                Err(reason) => Err(Rejected(reason, None)),
            },
        }
    }
}

/// The keys under which an answer may be wrapped.
const WRAPPINGS: [&str; 3] = ["data", "results", "result"];

/// Calls `each` with the entries of an answer that comes as a map or a list, bare or wrapped. They are
/// not collected: an answer may be nothing but entries of one byte.
pub(super) fn each_entry(bytes: &mut [u8], each: impl FnMut(Entry<'_>)) -> Result<(), DecodeError> {
    mend_text(bytes);
    let bytes: &[u8] = bytes;
    let mut outer = Outer::default();
    walk(bytes, |entry| outer.note(entry))?;
    if let Some(inner) = outer.wrapped {
        // Part of the portfolio must not look like the whole.
        if outer.has_next {
            return Err(DecodeError(
                "it is one page of several (`next`), and v3 is documented not to page".to_owned(),
            ));
        }
        return match walk(inner.get().as_bytes(), each)? {
            Shape::Neither => Err(DecodeError("it wraps neither a map nor a list".to_owned())),
            Shape::Collection => Ok(()),
        };
    }
    if outer.has_code && outer.has_message {
        return Err(DecodeError(
            "it is an error's text, though its status is a success".to_owned(),
        ));
    }
    match walk(bytes, each)? {
        Shape::Neither => Err(DecodeError("it is neither a map nor a list".to_owned())),
        Shape::Collection => Ok(()),
    }
}

/// What the outermost keys of an answer say of the rest.
#[derive(Default)]
struct Outer<'a> {
    wrapped: Option<&'a RawValue>,
    has_next: bool,
    has_code: bool,
    has_message: bool,
}

impl<'a> Outer<'a> {
    fn note(&mut self, entry: Entry<'a>) {
        let raw = entry.raw.get();
        match entry.key.as_deref() {
            Some("code") => self.has_code = true,
            Some("message") => self.has_message = true,
            Some("next") => self.has_next = !matches!(raw, "null" | "false" | "\"\""),
            Some(key) if WRAPPINGS.contains(&key) => {
                self.wrapped.get_or_insert(entry.raw);
            }
            _ => {}
        }
    }
}

/// Reads each entry with `read`, which gives its id for the log and the entry, nothing, or why it
/// can't be read. Entries with an id that came before are duplicates.
pub(super) fn read_each<T>(
    bytes: &mut [u8],
    mut read: impl FnMut(&Entry<'_>) -> Result<Option<(Text, T)>, Rejected>,
) -> Result<Read<T>, DecodeError> {
    let mut rejections = Rejections::default();
    let mut seen = HashSet::new();
    let mut good = Vec::new();
    each_entry(bytes, |entry| match read(&entry) {
        Ok(Some((id, value))) => {
            if seen.insert(id.clone()) {
                good.push(value);
            } else {
                rejections.add(Reason::Duplicate, Some(&id));
            }
        }
        Ok(None) => {}
        Err(Rejected(reason, id)) => rejections.add(reason, id.as_deref()),
    })?;
    Ok(Read {
        entries: good,
        rejections,
    })
}

/// Why an entry can't be read, and its id where it has one.
#[derive(Debug)]
pub(super) struct Rejected(Reason, Option<String>);

impl Rejected {
    /// The entry of that id, for a reason.
    pub(super) fn of(id: &Text) -> impl Fn(Reason) -> Self {
        move |reason| Self(reason, Some(id.to_string()))
    }
}

/// Replaces bytes that are not UTF-8 by question marks: they spoil the text that they stand in and
/// not the whole answer.
fn mend_text(bytes: &mut [u8]) {
    let mut start = 0;
    while let Some(rest) = bytes.get_mut(start..) {
        let Err(error) = std::str::from_utf8(rest) else {
            return;
        };
        let bad = error.valid_up_to();
        let length = error.error_len().unwrap_or(rest.len() - bad);
        if let Some(bad) = rest.get_mut(bad..bad + length) {
            bad.fill(b'?');
        }
        start += bad + length;
    }
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A list or a map.
    Collection,
    /// Anything else.
    Neither,
}

/// Calls `each` with the entries of the list or map that `bytes` hold.
fn walk<'a>(bytes: &'a [u8], each: impl FnMut(Entry<'a>)) -> Result<Shape, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    deserializer
        .deserialize_any(Walk(each))
        .and_then(|shape| deserializer.end().map(|()| shape))
        .map_err(|error| DecodeError::from_json(&error))
}

/// Visits entries whose text is not looked into yet.
struct Walk<F>(F);

impl<'de, F: FnMut(Entry<'de>)> Visitor<'de> for Walk<F> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Shape, A::Error> {
        while let Some(raw) = list.next_element()? {
            (self.0)(Entry { key: None, raw });
        }
        Ok(Shape::Collection)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Shape, A::Error> {
        while let Some((key, raw)) = map.next_entry::<Key<'de>, &RawValue>()? {
            let key = Some(key.0);
            (self.0)(Entry { key, raw });
        }
        Ok(Shape::Collection)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Neither)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Neither)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Neither)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Neither)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Neither)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Neither)
    }
}

/// A key, borrowed from the answer where it has no escapes; empty, and so no id, where its escapes
/// make no text.
struct Key<'a>(Cow<'a, str>);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Vec<String>, String> {
        let mut keys = Vec::new();
        each_entry(&mut text.as_bytes().to_vec(), |it| {
            keys.push(format!("{}={}", it.key.as_deref().unwrap_or("-"), it.raw));
        })
        .map(|()| keys)
        .map_err(|error| error.0)
    }

    #[test]
    fn answers_come_bare_or_wrapped_as_maps_or_lists() {
        for text in [
            r#"{"a": 1, "b": {}}"#,
            r#"{"data": {"a": 1, "b": {}}}"#,
            r#"{"result": {"a": 1, "b": {}}, "next": null}"#,
        ] {
            assert_eq!(keys(text).unwrap(), ["a=1", "b={}"], "{text}");
        }
        for text in [
            "[1, {}]",
            r#"{"data": [1, {}]}"#,
            r#"{"next": null, "results": [1, {}]}"#,
        ] {
            assert_eq!(keys(text).unwrap(), ["-=1", "-={}"], "{text}");
        }
        assert_eq!(keys("{}").unwrap(), [""; 0]);
        assert_eq!(keys(r#"{"data": [], "next": ""}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_not_an_answer_says_so_without_repeating_it() {
        let cases = [
            ("", "it ends in the middle (line 1, column 0)"),
            (
                "[{\"a\": 1}, {\"Ann",
                "it ends in the middle (line 1, column 16)",
            ),
            ("<html>Ann</html>", "it is not JSON (line 1, column 1)"),
            ("\"Ann\"", "it is neither a map nor a list"),
            ("{\"data\": \"Ann\"}", "it wraps neither a map nor a list"),
            (
                "{\"code\": 500, \"message\": \"Ann\"}",
                "it is an error's text, though its status is a success",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(keys(text).unwrap_err(), expected, "{text}");
        }
        for next in ["\"https://x/?page=2\"", "2", "{}"] {
            assert!(keys(&format!(r#"{{"results": [], "next": {next}}}"#)).is_err());
        }
    }

    #[test]
    fn bytes_that_are_not_text_spoil_only_their_own_text() {
        let mut bytes = b"{\"a\": \"\xff\xc3\", \"b\": 2}".to_vec();
        let mut raws = Vec::new();
        each_entry(&mut bytes, |it| raws.push(it.raw.get().to_owned())).unwrap();
        assert_eq!(raws, ["\"??\"", "2"]);
    }

    #[test]
    fn a_key_that_is_no_text_costs_only_its_own_entry() {
        let found = keys(r#"{"\ud800": 1, "a\u00e9\n": 2}"#).unwrap();
        assert_eq!(found, ["=1", "a\u{e9}\n=2"]);
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 200_000;
        let text = format!("[{}{}]", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(keys(&text).unwrap().len(), 1);
    }
}
