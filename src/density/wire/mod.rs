//! The shapes of answers, read entry by entry: one that can't be read costs itself and nothing else.
//!
//! Nothing of an answer's text gets into an error: it may name people.

mod current_count;
mod entries;
mod field;
mod nesting;
mod presence;
mod sensor_health;
mod sensors;
mod spaces;
mod status;
mod token;

pub(super) use current_count::read_current_count;
pub(super) use presence::read_presence;
pub(super) use sensor_health::read_sensor_health;
pub(super) use sensors::read_sensors;
pub(super) use spaces::read_spaces;
pub(super) use status::Statuses;
pub(super) use token::{Token, read_token};

use super::rejection::Rejections;

/// An answer can't be read as a whole; why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DecodeError(pub(super) String);

/// What could be read of an answer, and what could not.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) entries: Vec<T>,
    pub(super) rejections: Rejections,
}

impl DecodeError {
    /// Says where the text stops being JSON, and nothing of what it says there.
    fn from_json(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;

        let what = match error.classify() {
            Category::Eof => "it ends in the middle",
            Category::Syntax => "it is not JSON",
            Category::Data | Category::Io => "it has an unexpected shape",
        };
        Self(format!(
            "{what} (line {}, column {})",
            error.line(),
            error.column()
        ))
    }
}
