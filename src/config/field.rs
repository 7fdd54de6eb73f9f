//! One value of the file, read as the type that its key asks for.
//!
//! Each reader notes what is wrong and returns `None`; none stops the reading of the rest. A value
//! of the wrong type is never repeated: where a secret's place is asked for, it may be the secret.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::error::{Problems, shown};
use super::section::{Section, kind};
use super::tree::{Node, Value};
use super::{duration, size};

/// A value and the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) path: String,
    pub(crate) node: &'a Node,
}

impl<'a> Field<'a> {
    /// Notes that something is wrong with this value.
    pub(crate) fn refuse(&self, problems: &mut Problems, message: impl Into<String>) {
        problems.add(self.node.position, &self.path, message);
    }

    fn wrong_type<T>(&self, expected: &str, problems: &mut Problems) -> Option<T> {
        let message = match &self.node.value {
            Value::Null => format!("has no value; write {expected} or remove the key"),
            other => format!("is {}; write {expected}", kind(other)),
        };
        self.refuse(problems, message);
        None
    }

    /// A map with these keys.
    pub(crate) fn section(
        &self,
        known: &[&'static str],
        problems: &mut Problems,
    ) -> Option<Section<'a>> {
        Section::open(self.node, &self.path, known, problems)
    }

    /// The items of a list; a key without a value is an empty list.
    pub(crate) fn list(&self, problems: &mut Problems) -> Option<Vec<Field<'a>>> {
        match &self.node.value {
            Value::Null => Some(Vec::new()),
            Value::List(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, node)| Field {
                        path: format!("{}[{index}]", self.path),
                        node,
                    })
                    .collect(),
            ),
            _ => self.wrong_type(
                "a list, each item after a dash or between [ and ]",
                problems,
            ),
        }
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.refuse(problems, "is empty; write a text or remove it");
                None
            }
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Boolean(_) => {
                self.wrong_type("a text, so put it between quotes", problems)
            }
            _ => self.wrong_type("a text", problems),
        }
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        match &self.node.value {
            Value::Boolean(value) => Some(*value),
            _ => self.wrong_type("true or false", problems),
        }
    }

    /// A duration within `limits`.
    pub(crate) fn duration(
        &self,
        limits: RangeInclusive<Duration>,
        problems: &mut Problems,
    ) -> Option<Duration> {
        let (Value::Text(text) | Value::Number(text)) = &self.node.value else {
            return self.wrong_type("10s, 5m or a number of seconds", problems);
        };
        match duration::parse(text) {
            Ok(value) if limits.contains(&value) => Some(value),
            Ok(_) => {
                let (least, most) = limits.into_inner();
                self.refuse(
                    problems,
                    format!(
                        "{} is out of range; write a duration from {} to {}",
                        shown(text),
                        duration::format(least),
                        duration::format(most)
                    ),
                );
                None
            }
            Err(message) => {
                self.refuse(problems, message);
                None
            }
        }
    }

    /// A size in bytes within `limits`.
    pub(crate) fn size(&self, limits: RangeInclusive<u64>, problems: &mut Problems) -> Option<u64> {
        let (Value::Text(text) | Value::Number(text)) = &self.node.value else {
            return self.wrong_type("256MiB, 64MB or a number of bytes", problems);
        };
        match size::parse(text) {
            Ok(value) if limits.contains(&value) => Some(value),
            Ok(_) => {
                let (least, most) = limits.into_inner();
                self.refuse(
                    problems,
                    format!(
                        "{} is out of range; write a size from {} to {}",
                        shown(text),
                        size::format(least),
                        size::format(most)
                    ),
                );
                None
            }
            Err(message) => {
                self.refuse(problems, message);
                None
            }
        }
    }

    /// A whole number within `limits`.
    pub(crate) fn count(
        &self,
        limits: RangeInclusive<u32>,
        problems: &mut Problems,
    ) -> Option<u32> {
        let (least, most) = (limits.start(), limits.end());
        let Value::Number(text) = &self.node.value else {
            return self.wrong_type(&format!("a whole number from {least} to {most}"), problems);
        };
        let value = text.parse().ok().filter(|it| limits.contains(it));
        if value.is_none() {
            self.refuse(
                problems,
                format!(
                    "{} can't be used; write a whole number from {least} to {most}",
                    shown(text)
                ),
            );
        }
        value
    }

    /// A number greater than 0 and not greater than `most`.
    pub(crate) fn rate(&self, most: f64, problems: &mut Problems) -> Option<f64> {
        let Value::Number(text) = &self.node.value else {
            return self.wrong_type("a number greater than 0", problems);
        };
        let value = text.parse().ok().filter(|it| *it > 0.0 && *it <= most);
        if value.is_none() {
            self.refuse(
                problems,
                format!(
                    "{} can't be used; write a number greater than 0 and at most {most}",
                    shown(text)
                ),
            );
        }
        value
    }
}
