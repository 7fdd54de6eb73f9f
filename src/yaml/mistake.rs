//! The message about a mistake in the form of a file: in its syntax, a key that is unknown or repeated, a list or
//! keys where another kind of value belongs.
//!
//! A message is made from the kind of the library's error and never from its words, for these repeat values,
//! and any value may be a secret.

use serde_path_to_error::{Path, Segment};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::localizer::ExternalMessageSource;
use serde_saphyr::{Error, Location};

use super::error::quoted;
use super::nearest::nearest;
use super::node::{Position, TAG};

/// More than any configuration needs: about a hundred thousand space ids.
pub(super) const MOST_VALUES: usize = 100_000;

/// Where the mistake was made, where that is known.
pub(super) fn position_of(error: &Error) -> Option<Position> {
    let location = error.location().filter(|it| *it != Location::UNKNOWN);
    location.map(Position::from)
}

/// A mistake in the form of a file.
pub(super) struct Mistake<'a> {
    text: &'a str,
    position: Option<Position>,
    path: Vec<String>,
    about_secrets: Option<&'a str>,
}

impl<'a> Mistake<'a> {
    pub(super) fn new(
        text: &'a str,
        position: Option<Position>,
        path: &Path,
        about_secrets: Option<&'a str>,
    ) -> Self {
        // [`Node`](super::node::Node) puts two steps of its own before each key.
        let steps = path.iter().skip(2).step_by(3);
        let key = |step: &Segment| match step {
            Segment::Seq { index } => Some(format!("[{index}]")),
            // A user's name may be any text.
            Segment::Map { key } => Some(quoted(key).trim_matches('"').to_owned()),
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        Self {
            text,
            position,
            path: steps.filter_map(key).collect(),
            about_secrets,
        }
    }

    /// The way to the key, and what is wrong there and what to do.
    pub(super) fn describe(mut self, error: &Error) -> (String, String) {
        let message = match error {
            Error::SerdeUnknownField {
                field, expected, ..
            } => {
                self.path.pop();
                return self.unknown(field, expected);
            }
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_ref().filter(|it| self.can_be_repeated(it));
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
                let list = ["[", "- ", "-\n"];
                let is_list = list.iter().any(|it| self.here().starts_with(it));
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
        let is_repeated = meant.is_some() || self.can_be_repeated(field);
        if is_repeated {
            self.path.push(field.to_owned());
        }
        let known = expected.join(", ");
        let message = match (meant, self.about_secrets) {
            (Some(meant), _) => format!("unknown key; did you mean {meant}?"),
            (None, Some(hint)) if is_repeated && names_a_secret(field) => {
                format!("unknown key; {hint}")
            }
            _ if is_repeated => format!("unknown key; the keys here are {known}"),
            _ => format!("has an unknown key; the keys here are {known}"),
        };
        (joined(&self.path), message)
    }

    /// The text from the mistake on.
    fn here(&self) -> &str {
        self.position.map_or("", |it| from(self.text, it))
    }

    /// Whether a message may repeat a key. One without a value, as in `{ 3f9c… }`, is perhaps a secret in itself.
    fn can_be_repeated(&self, key: &str) -> bool {
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
