//! The shapes of answers, read entry by entry: one that can't be read costs itself and nothing else.
//!
//! Nothing of an answer's text gets into an error: it may name people.

mod current_count;
mod field;
mod flat;
mod json;
mod live;
mod mend;
mod nesting;
mod presence;
mod reader;
mod sensor_health;
mod sensors;
mod spaces;
mod status;
mod token;

pub(super) use current_count::CurrentCount;
#[cfg(any(fuzzing, test))]
pub(super) use live::LastAnswer;
pub(super) use live::{LastAnswers, Live, LiveEntries};
pub(super) use presence::Presence;
pub(super) use reader::{AnswerReader, Entries};
pub(super) use sensor_health::CurrentHealth;
pub(super) use sensors::Sensors;
pub(super) use spaces::Spaces;
pub(super) use status::Statuses;
pub(super) use token::{Token, TokenReader};

use super::rejection::Rejections;

/// Reads one answer as it arrives.
pub(super) trait Reader: Send + 'static {
    /// What the answer says.
    type Output: Send + 'static;

    /// Takes bytes that have arrived, without reading them.
    fn push(&mut self, bytes: &[u8]);

    /// How many bytes wait to be read.
    fn waiting(&self) -> usize;

    /// Bytes that are held, and that will be while `more` are taken.
    fn held_with(&self, more: usize) -> usize;

    /// Reads what is whole of what has arrived. This may take long.
    fn advance(&mut self) -> Result<(), DecodeError>;

    /// Reads the rest of an answer that has arrived whole. This may take long.
    fn finish(self) -> Result<Self::Output, DecodeError>;
}

/// Bytes that `buffer` holds while it takes `more`: when it grows, both the old and the new are held.
fn held_by(buffer: &Vec<u8>, more: usize) -> usize {
    let needed = buffer.len().saturating_add(more);
    if needed <= buffer.capacity() {
        return buffer.capacity();
    }
    let larger = needed.max(buffer.capacity().saturating_mul(2));
    buffer.capacity().saturating_add(larger)
}

/// An answer can't be read as a whole; why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DecodeError(pub(super) String);

/// What could be read of an answer, and what could not.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) entries: T,
    pub(super) rejections: Rejections,
}
