//! The entries of an answer, however it is wrapped.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::rejection::{Reason, Rejections};
use super::{DecodeError, Read};

/// An entry as it stands in the answer: its key, where it stands in a map, and its text.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) key: Option<Cow<'a, str>>,
    pub(super) raw: &'a RawValue,
}

/// The keys under which an answer may be wrapped.
const WRAPPINGS: [&str; 3] = ["data", "results", "result"];

/// The entries of an answer that comes as a map or a list, bare or wrapped.
pub(super) fn entries(bytes: &mut [u8]) -> Result<Vec<Entry<'_>>, DecodeError> {
    mend_text(bytes);
    let top: Shape<'_> =
        serde_json::from_slice(bytes).map_err(|error| DecodeError::from_json(&error))?;
    let entries = match top {
        Shape::List(entries) => return Ok(entries),
        Shape::Map(entries) => entries,
        Shape::Neither => return Err(DecodeError("it is neither a map nor a list".to_owned())),
    };
    let find = |name: &str| entries.iter().find(|it| it.key.as_deref() == Some(name));
    if let Some(inner) = WRAPPINGS.into_iter().find_map(find) {
        if let Some(next) = find("next").filter(|it| it.raw.get() != "null") {
            // Part of the portfolio must not look like the whole. v3 is documented not to page.
            let _ = next;
            return Err(DecodeError(
                "it is one page of several (`next`), and v3 is documented not to page".to_owned(),
            ));
        }
        let inner: Shape<'_> = serde_json::from_str(inner.raw.get())
            .map_err(|error| DecodeError::from_json(&error))?;
        return match inner {
            Shape::List(entries) | Shape::Map(entries) => Ok(entries),
            Shape::Neither => Err(DecodeError("it wraps neither a map nor a list".to_owned())),
        };
    }
    if find("code").is_some() && find("message").is_some() {
        return Err(DecodeError(
            "it is an error's text, though its status is a success".to_owned(),
        ));
    }
    Ok(entries)
}

/// Reads each entry with `read`, which gives its id for the log and the entry, nothing, or why it
/// can't be read. Entries with an id that came before are duplicates.
pub(super) fn read_each<T>(
    bytes: &mut [u8],
    mut read: impl FnMut(&Entry<'_>) -> Result<Option<(crate::snapshot::Text, T)>, Rejected>,
) -> Result<Read<T>, DecodeError> {
    let entries = entries(bytes)?;
    let mut rejections = Rejections::default();
    let mut seen = HashSet::with_capacity(entries.len());
    let mut good = Vec::with_capacity(entries.len());
    for entry in entries {
        match read(&entry) {
            Ok(Some((id, value))) => {
                if seen.insert(id.clone()) {
                    good.push(value);
                } else {
                    rejections.add(Reason::Duplicate, Some(&id));
                }
            }
            Ok(None) => {}
            Err(Rejected(reason, id)) => rejections.add(reason, id.as_deref()),
        }
    }
    Ok(Read {
        entries: good,
        rejections,
    })
}

/// Why an entry can't be read, and its id where it has one.
#[derive(Debug)]
pub(super) struct Rejected(pub(super) Reason, pub(super) Option<String>);

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

/// A list or a map of entries whose text is not looked into yet.
enum Shape<'a> {
    List(Vec<Entry<'a>>),
    Map(Vec<Entry<'a>>),
    Neither,
}

impl<'de> Deserialize<'de> for Shape<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShapeVisitor;

        impl<'de> Visitor<'de> for ShapeVisitor {
            type Value = Shape<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map or a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(raw) = list.next_element()? {
                    entries.push(Entry { key: None, raw });
                }
                Ok(Shape::List(entries))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, raw)) = map.next_entry::<Key<'de>, &RawValue>()? {
                    entries.push(Entry {
                        key: Some(key.0),
                        raw,
                    });
                }
                Ok(Shape::Map(entries))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Shape::Neither)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Shape::Neither)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Shape::Neither)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Shape::Neither)
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Shape::Neither)
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Shape::Neither)
            }
        }

        deserializer.deserialize_any(ShapeVisitor)
    }
}

/// A key, borrowed from the answer where it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Vec<String>, String> {
        let mut bytes = text.as_bytes().to_vec();
        entries(&mut bytes)
            .map(|entries| {
                entries
                    .iter()
                    .map(|it| format!("{}={}", it.key.as_deref().unwrap_or("-"), it.raw))
                    .collect()
            })
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
        assert!(keys(r#"{"results": [], "next": "https://x/?page=2"}"#).is_err());
    }

    #[test]
    fn bytes_that_are_not_text_spoil_only_their_own_text() {
        let mut bytes = b"{\"a\": \"\xff\xc3\", \"b\": 2}".to_vec();
        let entries = entries(&mut bytes).unwrap();
        assert_eq!(entries[0].raw.get(), "\"??\"");
        assert_eq!(entries[1].raw.get(), "2");
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 200_000;
        let text = format!("[{}{}]", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(keys(&text).unwrap().len(), 1);
    }
}
