//! A map of the file with the keys that it may have.
//!
//! It notes every key that is unknown or given twice, and never repeats the value beside one: a
//! secret may stand there.

use super::error::{Problems, shown};
use super::field::Field;
use super::nearest::nearest;
use super::tree::{Key, Node, Position, Value};

/// A map of the file whose keys were checked.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    path: String,
    position: Position,
    fields: Vec<(&'a Key, &'a Node)>,
    meant: Vec<&'static str>,
    secret_in_the_open: bool,
}

impl<'a> Section<'a> {
    /// Opens the map at `path` (empty: the file itself), noting keys that are not `known`. A
    /// section with nothing in it is an empty one. `None` when it is no map, which is noted too.
    pub(crate) fn open(
        node: &'a Node,
        path: &str,
        known: &[&'static str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut section = Section {
            path: path.to_owned(),
            position: node.position,
            fields: Vec::new(),
            meant: Vec::new(),
            secret_in_the_open: false,
        };
        let entries = match &node.value {
            Value::Null => return Some(section),
            Value::Map(entries) => entries,
            other => {
                problems.add(
                    node.position,
                    path,
                    format!(
                        "{} stands where keys are expected; the keys here are {}",
                        kind(other),
                        known.join(", ")
                    ),
                );
                return None;
            }
        };
        for (key, value) in entries {
            if known.contains(&key.text.as_str()) {
                section.add(key, value, problems);
            } else {
                section.refuse(key, value, known, problems);
            }
        }
        Some(section)
    }

    /// Keeps a known key; the first of several counts.
    fn add(&mut self, key: &'a Key, value: &'a Node, problems: &mut Problems) {
        match self.fields.iter().find(|(it, _)| it.text == key.text) {
            Some((first, _)) => problems.add(
                key.position,
                self.path_of(&key.text),
                format!(
                    "given twice, first on line {}; remove one of them",
                    first.position.line
                ),
            ),
            None => self.fields.push((key, value)),
        }
    }

    /// Notes an unknown key and guesses what was meant.
    fn refuse(&mut self, key: &Key, value: &Node, known: &[&'static str], problems: &mut Problems) {
        let nearest = nearest(&key.text, known);
        // `{ 3f9c… }` is a key without a value: someone may have put the secret itself there.
        let may_be_shown = !matches!(value.value, Value::Null)
            && key.text.len() <= 40
            && key
                .text
                .bytes()
                .all(|it| it == b'_' || it == b'-' || it.is_ascii_alphanumeric());
        let path = if may_be_shown || nearest.is_some() {
            self.path_of(&key.text)
        } else {
            self.path.clone()
        };
        let message = if let Some(meant) = nearest {
            self.meant.push(meant);
            format!("unknown key; did you mean {meant}?")
        } else if may_be_shown && names_a_secret(&key.text) && problems.secrets_stand_elsewhere() {
            self.secret_in_the_open = true;
            "unknown key; a secret is never written in this file: name its place with token_file, \
             token_env, client_secret_file or client_secret_env under auth"
                .to_owned()
        } else {
            self.secret_in_the_open |= !may_be_shown;
            let what = if may_be_shown {
                "unknown key"
            } else {
                "has an unknown key"
            };
            format!("{what}; the keys here are {}", known.join(", "))
        };
        problems.add(key.position, path, message);
    }

    /// The value of a key, where the key was given.
    pub(crate) fn field(&self, key: &str) -> Option<Field<'a>> {
        self.fields
            .iter()
            .find(|(it, _)| it.text == key)
            .map(|(_, node)| Field {
                path: self.path_of(key),
                node,
            })
    }

    /// The way to a key of this section, given or not.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The way to this section.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Where the section begins.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// Whether nothing stands in it, not even a key that is unknown.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.meant.is_empty()
    }

    /// Whether an unknown key was probably meant to be `key`, so that to call it missing would be
    /// the same mistake told twice.
    pub(crate) fn was_meant(&self, key: &str) -> bool {
        self.meant.contains(&key)
    }

    /// Whether an unknown key is perhaps a secret written in the open, which is noted already.
    pub(crate) fn has_secret_in_the_open(&self) -> bool {
        self.secret_in_the_open
    }
}

fn names_a_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    [
        "token",
        "secret",
        "password",
        "api_key",
        "apikey",
        "credential",
    ]
    .iter()
    .any(|it| key.contains(it))
}

/// What a value is, without repeating it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Boolean(_) => "true or false",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map of keys",
    }
}

/// The place of a value in a message that must name another place.
pub(crate) fn place_of(path: &str, position: Position) -> String {
    format!("{path} on line {}", position.line)
}

/// A word that is none of `known`, with the one that was probably meant.
pub(crate) fn not_one_of(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!(
            "{} is none of {}; did you mean {meant}?",
            shown(word),
            known.join(", ")
        ),
        None => format!(
            "{} is not known; write one of {}",
            shown(word),
            known.join(", ")
        ),
    }
}
