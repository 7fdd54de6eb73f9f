//! Decodes answers entry by entry: an entry that can't be decoded is rejected, and the others are kept.
//!
//! An error must never contain anything of an answer's text, which may name people.

mod current_count;
mod decoder;
mod field;
mod incremental;
mod json;
mod live;
mod nesting;
mod plain;
mod presence;
mod repair;
mod sensor_health;
mod sensors;
mod spaces;
mod status;
mod token;

pub(super) use current_count::CurrentCount;
pub(super) use decoder::{AnswerDecoder, Entries};
pub(super) use incremental::{DecodeError, Decoded, Decoder};
#[cfg(any(fuzzing, test))]
pub(super) use live::LastAnswer;
pub(super) use live::{LastAnswers, LiveEndpoint, LiveEntries};
pub(super) use presence::Presence;
pub(super) use sensor_health::CurrentHealth;
pub(super) use sensors::Sensors;
pub(super) use spaces::Spaces;
pub(super) use status::Statuses;
pub(super) use token::{Token, TokenDecoder};
