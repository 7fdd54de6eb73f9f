//! From a file's text to the types of its keys, or to the first mistake in its form: in its syntax, a key that is
//! unknown or repeated, a list or keys where another kind of value belongs.
//!
//! A message is made from the kind of the library's error and never from its words, for these repeat values,
//! and any value may be a secret.

use std::io::Read;
use std::path::Path as FilePath;

use serde::de::{Deserialize, DeserializeOwned};
use serde_path_to_error::{Path, Segment, Track};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::localizer::ExternalMessageSource;
use serde_saphyr::options::{MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Options, with_deserializer_from_str_with_options};

use super::error::{Diagnostics, Errors, shown};
use super::nearest::nearest;
use super::node::{Node, Position, TAG};

/// The largest file that is read, in bytes.
pub(crate) const LARGEST_FILE: usize = 1 << 20;

/// More than any configuration needs: about a hundred thousand space ids.
const MOST_VALUES: usize = 100_000;

/// More than any configuration needs.
const MOST_LEVELS: usize = 32;

/// Reads a file, but never more than `most` bytes and one: it may be a device without end.
pub(crate) fn read_at_most(path: &FilePath, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a configuration file of that name of which `read` was read, at most one byte more than
/// [`LARGEST_FILE`].
///
/// # Errors
/// When it can't be read, is too large or is no text.
pub(crate) fn text_of(name: &str, read: std::io::Result<Vec<u8>>) -> Result<String, Errors> {
    let bytes = read.map_err(|error| {
        let message = format!("can't be read: {error}; check the path and its permissions");
        Errors::one(name, None, message)
    })?;
    // A file that was cut off may end within a character.
    if bytes.len() > LARGEST_FILE {
        return Err(too_large(name));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let valid = error.as_bytes().get(..valid).unwrap_or_default();
        let lines = valid.iter().filter(|it| **it == b'\n').count();
        let message = "not UTF-8 text; save the file as UTF-8";
        Errors::one(name, Some(lines.saturating_add(1)), message)
    })
}

fn too_large(name: &str) -> Errors {
    let message = format!("larger than {LARGEST_FILE} bytes; make it smaller");
    Errors::one(name, None, message)
}

/// Reads the text's one document; its value is `None` when there is nothing in it. `about_secrets` is what is said
/// of an unknown key that names a secret, in a file where none belongs.
///
/// # Errors
/// The first mistake in its form, or that it is too large.
pub(crate) fn read<T: DeserializeOwned>(
    name: &str,
    text: &str,
    about_secrets: Option<&str>,
) -> Result<Node<Option<T>>, Errors> {
    if text.len() > LARGEST_FILE {
        return Err(too_large(name));
    }
    let mut track = Track::new();
    let read = with_deserializer_from_str_with_options(text, options(), |deserializer| {
        Node::deserialize(serde_path_to_error::Deserializer::new(
            deserializer,
            &mut track,
        ))
    });
    read.map_err(|error| {
        let position = error.location().map(Position::from);
        let mistake = Mistake {
            text,
            position,
            path: keys(&track.path()),
            about_secrets,
        };
        let (path, message) = mistake.describe(&error);
        let mut diagnostics = Diagnostics::of(name);
        diagnostics.add(position, path, message);
        diagnostics.into_errors()
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_depth: MOST_LEVELS,
            max_nodes: MOST_VALUES,
        },
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

/// The keys on the way to the value that could not be read. [`Node`] puts two steps of its own before each.
fn keys(path: &Path) -> Vec<String> {
    let steps = path.iter().skip(2).step_by(3);
    let key = |step: &Segment| match step {
        Segment::Seq { index } => Some(format!("[{index}]")),
        // A user's name may be any text.
        Segment::Map { key } => Some(shown(key).trim_matches('"').to_owned()),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    steps.filter_map(key).collect()
}

/// A mistake in the form of a file.
struct Mistake<'a> {
    text: &'a str,
    position: Option<Position>,
    path: Vec<String>,
    about_secrets: Option<&'a str>,
}

impl Mistake<'_> {
    /// The way to the key, and what is wrong there and what to do.
    fn describe(mut self, error: &Error) -> (String, String) {
        let message = match error {
            Error::SerdeUnknownField {
                field, expected, ..
            } => {
                self.path.pop();
                return self.unknown(field, expected);
            }
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_ref().filter(|it| self.may_be_shown(it));
                self.path.extend(key.cloned());
                "given twice; remove one of them".to_owned()
            }
            Error::SerdeInvalidType { unexpected, .. } if unexpected == "sequence" => {
                "is a list; write one value".to_owned()
            }
            Error::SerdeInvalidType { unexpected, .. } if unexpected == "map" => {
                "is a map of keys; write one value".to_owned()
            }
            Error::Unexpected { expected, .. } if expected.starts_with("sequence") => {
                "is no list; write one, each item after a dash or between [ and ]".to_owned()
            }
            Error::Unexpected { expected, .. } if expected.starts_with("mapping") => {
                let is_list = self.here().starts_with(['[', '-']);
                let kind = if is_list { "a list" } else { "one value" };
                format!("{kind} stands where keys are expected; write them as key: value")
            }
            other => {
                self.path.clear();
                self.syntax(other)
            }
        };
        (joined(&self.path), message)
    }

    fn unknown(mut self, field: &str, expected: &[&'static str]) -> (String, String) {
        let meant = nearest(field, expected);
        let is_shown = meant.is_some() || self.may_be_shown(field);
        if is_shown {
            self.path.push(field.to_owned());
        }
        let known = expected.join(", ");
        let message = match (meant, self.about_secrets) {
            (Some(meant), _) => format!("unknown key; did you mean {meant}?"),
            (None, Some(hint)) if is_shown && names_a_secret(field) => {
                format!("unknown key; {hint}")
            }
            _ if is_shown => format!("unknown key; the keys here are {known}"),
            _ => format!("has an unknown key; the keys here are {known}"),
        };
        (joined(&self.path), message)
    }

    /// The text from the mistake on.
    fn here(&self) -> &str {
        self.position.map_or("", |it| from(self.text, it))
    }

    /// Whether a key may be repeated. One without a value, as in `{ 3f9c… }`, is perhaps a secret in itself.
    fn may_be_shown(&self, key: &str) -> bool {
        let is_quote = ['"', '\''];
        let behind = self.here().trim_start_matches(is_quote).strip_prefix(key);
        let behind = behind.map(|it| it.trim_start_matches(is_quote).trim_start());
        let Some(behind) = behind.and_then(|it| it.strip_prefix(':')) else {
            return false;
        };
        let value = behind.trim_start();
        let word = value.split([',', '}', '#', ' ', '\r', '\n']).next();
        let is_nothing = ["", "~", "null", "Null", "NULL"].contains(&word.unwrap_or_default());
        let space = behind.strip_suffix(value).unwrap_or_default();
        // On a line of its own, a value stands deeper than its key.
        let indent = space.rsplit_once('\n').map(|(_, it)| it.len());
        let is_word = |it: u8| it == b'_' || it == b'-' || it.is_ascii_alphanumeric();
        key.len() <= 40
            && key.bytes().all(is_word)
            && !is_nothing
            && !value.starts_with(['&', '!'])
            && indent.is_none_or(|it| it >= self.position.map_or(0, |key| key.column))
    }

    /// What is wrong with the text before it has any keys.
    fn syntax(&self, error: &Error) -> String {
        let column = self.position.map_or(0, |it| it.column);
        match error {
            Error::ExternalMessage { source, msg, .. }
                if matches!(**source, ExternalMessageSource::Parser(_)) =>
            {
                format!("not YAML at column {column}: {msg}; correct the syntax and check again")
            }
            Error::UnknownAnchor { .. }
            | Error::Budget {
                breach: BudgetBreach::Aliases { .. },
                ..
            } => "an alias (*name) can't be used here; write the value out".to_owned(),
            Error::Budget {
                breach: BudgetBreach::Depth { .. },
                ..
            } => "nested too deeply; the configuration has at most five levels".to_owned(),
            Error::Budget { .. } => {
                format!("more than {MOST_VALUES} values; make the file smaller")
            }
            Error::MultipleDocuments { .. } => {
                "a second document begins here; keep one, without a --- line".to_owned()
            }
            Error::SerdeInvalidValue { unexpected, .. } if unexpected == TAG => NO_TAG.to_owned(),
            Error::UnsupportedTag { .. } | Error::TaggedStructFieldName { .. } => NO_TAG.to_owned(),
            _ => {
                format!("can't be used at column {column}; a key must be a word: write key: value")
            }
        }
    }
}

const NO_TAG: &str = "a tag (!name) can't be used here; remove it";

/// The text from there to its end.
fn from(text: &str, position: Position) -> &str {
    let (line, column) = (
        position.line.saturating_sub(1),
        position.column.saturating_sub(1),
    );
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let rest = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    let start = rest
        .char_indices()
        .nth(column)
        .map_or(rest.len(), |it| it.0);
    rest.get(start..).unwrap_or_default()
}

/// Keys as messages have them, such as `organizations[0].name`.
fn joined(keys: &[String]) -> String {
    keys.join(".").replace(".[", "[")
}

fn names_a_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let words = [
        "token",
        "secret",
        "password",
        "api_key",
        "apikey",
        "credential",
    ];
    words.iter().any(|it| key.contains(it))
}
