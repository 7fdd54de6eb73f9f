//! The message about a mistake in the form of a file: in its syntax, a key that is unknown or repeated, a list or
//! keys where another kind of value belongs.
//!
//! A message is made from the kind of the library's error and never from its words, for these repeat values,
//! and any value may be a secret.

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::localizer::ExternalMessageSource;
use serde_saphyr::{Error, Location};

use super::key_path::{Target, keys_to};
use super::nearest::nearest;
use super::node::Position;

/// More than any configuration needs: about a hundred thousand space ids.
pub(super) const MOST_VALUES: usize = 100_000;

/// A mistake in the form of a file.
pub(super) struct Mistake<'a> {
    text: &'a str,
    error: &'a Error,
    position: Option<Position>,
    about_secrets: Option<&'a str>,
}

impl<'a> Mistake<'a> {
    pub(super) fn new(text: &'a str, error: &'a Error, about_secrets: Option<&'a str>) -> Self {
        let location = error.location().filter(|it| *it != Location::UNKNOWN);
        Self {
            text,
            error,
            position: location.map(Position::from),
            about_secrets,
        }
    }

    /// Where it was made, where that is known.
    pub(super) fn position(&self) -> Option<Position> {
        self.position
    }

    /// The path of the key, and what is wrong there and what to do.
    pub(super) fn describe(&self) -> (String, String) {
        match self.error {
            Error::SerdeUnknownField {
                field, expected, ..
            } => self.unknown(field, expected),
            Error::DuplicateMappingKey { key, .. } => {
                let mut path = self.keys(Target::Key);
                let key = key.as_ref().filter(|it| self.can_be_repeated(it));
                path.extend(key.cloned());
                let message = "given twice; remove one of them";
                (joined(&path), message.to_owned())
            }
            Error::SerdeInvalidType { unexpected, .. } if unexpected == "sequence" => {
                self.at(Target::List, "is a list; write one value".to_owned())
            }
            Error::SerdeInvalidType { unexpected, .. } if unexpected == "map" => self.at(
                Target::Value,
                "is a map of keys; write one value".to_owned(),
            ),
            Error::Unexpected { expected, .. } if expected.starts_with("sequence") => self.at(
                Target::Value,
                "is no list; write one, each item after a dash or between [ and ]".to_owned(),
            ),
            Error::Unexpected { expected, .. } if expected.starts_with("mapping") => {
                let list = ["[", "- ", "-\n"];
                let is_list = list.iter().any(|it| self.here().starts_with(it));
                let kind = if is_list { "a list" } else { "one value" };
                let message =
                    format!("{kind} stands where keys are expected; write them as key: value");
                self.at(Target::Value, message)
            }
            other => (String::new(), self.syntax(other)),
        }
    }

    fn at(&self, target: Target, message: String) -> (String, String) {
        (joined(&self.keys(target)), message)
    }

    fn keys(&self, target: Target) -> Vec<String> {
        let keys = self.position.map(|it| keys_to(self.text, it, target));
        keys.unwrap_or_default()
    }

    fn unknown(&self, field: &str, expected: &[&'static str]) -> (String, String) {
        let mut path = self.keys(Target::Key);
        let meant = nearest(field, expected);
        let is_repeated = meant.is_some() || self.can_be_repeated(field);
        if is_repeated {
            path.push(field.to_owned());
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
        (joined(&path), message)
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
            Error::UnsupportedTag { .. } | Error::TaggedStructFieldName { .. } => NO_TAG.to_owned(),
            _ => {
                format!("can't be used at column {column}; a key must be a word: write key: value")
            }
        }
    }
}

/// What is wrong with a tag.
pub(super) const NO_TAG: &str = "a tag (!name) can't be used here; remove it";

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
