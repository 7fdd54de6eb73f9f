//! Decodes an answer as it arrives, entry by entry, with or without an envelope.
//!
//! Only the decoded entries and the text of the entry that is not complete yet are in memory, never the whole
//! answer.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::super::rejection::{RejectionReason, Rejections};
use super::incremental::heap_size_with_more;
use super::json::{Key, may_continue, offset, skip_space, value};
use super::plain::plain_text;
use super::repair::{replace_invalid_utf8, replace_lone_surrogates};
use super::{DecodeError, Decoded, Decoder};

/// Collects the entries of one answer.
pub(in super::super) trait Entries: Send + 'static {
    /// The collected entries.
    type Output: Send + 'static;

    /// Decodes the entry at the start of `json`, adds it, and returns its length. `key` is its key when the
    /// answer is a map. On an error nothing is added.
    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize>;

    /// Bytes of heap that they use.
    fn heap_size(&self) -> usize;

    /// Takes the collected entries.
    fn take(&mut self) -> Self::Output;
}

/// Decodes one answer.
pub(in super::super) struct AnswerDecoder<E> {
    entries: E,
    rejections: Rejections,
    /// Bytes that have arrived and are not decoded.
    buffer: Vec<u8>,
    /// How many bytes of the answer came before the buffer.
    passed: usize,
    /// The buffer is not decoded again before it has this length.
    wait_for: usize,
    state: State,
    /// The open lists and maps, the innermost last: at most the answer and its envelope.
    open: Vec<Kind>,
    envelope: Envelope,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    /// The first entry, or the end.
    First,
    /// An entry.
    Next,
    /// A comma, or the end.
    After,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    List,
    Map,
}

/// What the outermost keys of an answer say about the rest.
#[derive(Debug, Default)]
struct Envelope {
    is_present: bool,
    has_next: bool,
    has_code: bool,
    has_message: bool,
}

/// The keys of an envelope that contain the entries.
const ENVELOPE_KEYS: [&str; 3] = ["data", "results", "result"];

/// The result of one step.
enum Step {
    /// The buffer was decoded up to this offset.
    To(usize),
    /// More must arrive first.
    Wait,
}

impl<E: Entries> AnswerDecoder<E> {
    pub(in super::super) fn new(entries: E) -> Self {
        Self {
            entries,
            rejections: Rejections::default(),
            buffer: Vec::new(),
            passed: 0,
            wait_for: 0,
            state: State::Start,
            open: Vec::with_capacity(2),
            envelope: Envelope::default(),
        }
    }

    fn read_rest(mut self) -> Result<Decoded<E::Output>, DecodeError> {
        self.read_buffer(true)?;
        if self.state != State::End {
            return Err(self.error("it ends in the middle", self.buffer.len()));
        }
        // A part of the portfolio must not look like the whole.
        if self.envelope.is_present && self.envelope.has_next {
            return Err(DecodeError(
                "it is one page of several (`next`), and v3 is documented not to page".to_owned(),
            ));
        }
        if !self.envelope.is_present && self.envelope.has_code && self.envelope.has_message {
            return Err(DecodeError(
                "it is an error's text, though its status is a success".to_owned(),
            ));
        }
        Ok(Decoded {
            entries: self.entries.take(),
            rejections: self.rejections,
        })
    }

    fn read_buffer(&mut self, whole: bool) -> Result<(), DecodeError> {
        // Moved out for the steps, which change the other fields.
        let mut buffer = std::mem::take(&mut self.buffer);
        let text = match std::str::from_utf8(&buffer) {
            Ok(text) => text,
            Err(_) => {
                let length = replace_invalid_utf8(&mut buffer, whole);
                let repaired = buffer.get(..length).unwrap_or_default();
                // Valid UTF-8 after the repair.
                std::str::from_utf8(repaired).unwrap_or_default()
            }
        };
        let mut at = 0;
        let result = loop {
            at = skip_space(text, at);
            let Some(&byte) = text.as_bytes().get(at) else {
                break Ok(());
            };
            match self.step(text, at, byte, whole) {
                Ok(Step::To(next)) => at = next,
                Ok(Step::Wait) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.buffer = buffer;
        self.buffer.drain(..at);
        self.passed = self.passed.saturating_add(at);
        self.wait_for = self.buffer.len().saturating_mul(2);
        result
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "One past a byte of the buffer."
    )]
    fn step(
        &mut self,
        buffer: &str,
        at: usize,
        byte: u8,
        whole: bool,
    ) -> Result<Step, DecodeError> {
        match (self.state, byte, self.open.last()) {
            (State::Start, b'[', _) => self.enter(Kind::List, at),
            (State::Start, b'{', _) => self.enter(Kind::Map, at),
            (State::Start, _, _) => match self.skip_value(buffer, at, whole)? {
                Step::To(_) => Err(DecodeError("it is neither a map nor a list".to_owned())),
                Step::Wait => Ok(Step::Wait),
            },
            (State::First | State::After, b']', Some(Kind::List))
            | (State::First | State::After, b'}', Some(Kind::Map)) => {
                self.open.pop();
                self.state = match self.open.is_empty() {
                    true => State::End,
                    false => State::After,
                };
                Ok(Step::To(at + 1))
            }
            (State::After, b',', _) => {
                self.state = State::Next;
                Ok(Step::To(at + 1))
            }
            (State::First | State::Next, _, Some(Kind::List)) => {
                self.entry(buffer, at, None, whole)
            }
            (State::First | State::Next, b'"', Some(Kind::Map)) => {
                self.map_entry(buffer, at, whole)
            }
            _ => Err(self.error("it is not JSON", at)),
        }
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "One past a byte of the buffer."
    )]
    fn enter(&mut self, kind: Kind, at: usize) -> Result<Step, DecodeError> {
        self.open.push(kind);
        self.state = State::First;
        Ok(Step::To(at + 1))
    }

    /// A key and its value.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "One past a byte of the buffer."
    )]
    fn map_entry(&mut self, buffer: &str, at: usize, whole: bool) -> Result<Step, DecodeError> {
        let (key, end) = match plain_text(buffer, at) {
            Some((key, end)) => (Cow::Borrowed(key), end),
            None => match value::<Key<'_>>(buffer, at) {
                Ok((Key(key), end)) => (key, end),
                Err(error) => return self.wait_or_fail(&error, at, whole, buffer),
            },
        };
        let colon = skip_space(buffer, end);
        match buffer.as_bytes().get(colon) {
            Some(b':') => {}
            Some(_) => return Err(self.error("it is not JSON", colon)),
            None => return Ok(Step::Wait),
        }
        let start = skip_space(buffer, colon + 1);
        let Some(&first) = buffer.as_bytes().get(start) else {
            return Ok(Step::Wait);
        };
        if self.open.len() > 1 {
            return self.entry(buffer, start, Some(&key), whole);
        }
        match &*key {
            "code" => self.envelope.has_code = true,
            "message" => self.envelope.has_message = true,
            "next" => {
                let Step::To(end) = self.skip_value(buffer, start, whole)? else {
                    return Ok(Step::Wait);
                };
                let next = buffer.get(start..end).unwrap_or_default();
                self.envelope.has_next = !matches!(next, "null" | "false" | "\"\"");
            }
            envelope_key if ENVELOPE_KEYS.contains(&envelope_key) && !self.envelope.is_present => {
                let kind = match first {
                    b'[' => Kind::List,
                    b'{' => Kind::Map,
                    _ => return self.empty_envelope(buffer, start, whole),
                };
                // The keys before it were not entries.
                drop(self.entries.take());
                self.rejections = Rejections::default();
                self.envelope.is_present = true;
                return self.enter(kind, start);
            }
            _ => {}
        }
        if self.envelope.is_present {
            let step = self.skip_value(buffer, start, whole)?;
            if matches!(step, Step::To(_)) {
                self.state = State::After;
            }
            return Ok(step);
        }
        self.entry(buffer, start, Some(&key), whole)
    }

    fn empty_envelope(&self, buffer: &str, start: usize, whole: bool) -> Result<Step, DecodeError> {
        match self.skip_value(buffer, start, whole)? {
            Step::To(_) => Err(DecodeError("it wraps neither a map nor a list".to_owned())),
            Step::Wait => Ok(Step::Wait),
        }
    }

    /// An entry: decoded at once when it is well-formed, else skipped to find its end.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Places within the buffer, and the end of a value is behind its beginning."
    )]
    fn entry(
        &mut self,
        buffer: &str,
        at: usize,
        key: Option<&str>,
        whole: bool,
    ) -> Result<Step, DecodeError> {
        let json = buffer.get(at..).unwrap_or_default();
        if !whole && may_continue(json) {
            return Ok(Step::Wait);
        }
        let length = match self.entries.read(key, json, &mut self.rejections) {
            Ok(length) => length,
            Err(error) if error.is_eof() && !whole => return Ok(Step::Wait),
            Err(_) => match self.skip_value(buffer, at, whole)? {
                Step::To(end) => {
                    self.read_repaired(key, buffer.get(at..end).unwrap_or_default());
                    end - at
                }
                Step::Wait => return Ok(Step::Wait),
            },
        };
        self.state = State::After;
        Ok(Step::To(at + length))
    }

    /// Decodes an entry again that is JSON but could not be decoded, after repairing its text.
    fn read_repaired(&mut self, key: Option<&str>, json: &str) {
        let repaired = replace_lone_surrogates(json);
        let json = repaired.as_deref().unwrap_or(json);
        let read = self.entries.read(key, json, &mut self.rejections);
        if let Err(error) = read {
            let reason = match json.as_bytes().first() {
                Some(b'{') if error.to_string().starts_with("number out of range") => {
                    RejectionReason::InvalidNumber
                }
                Some(b'{') => RejectionReason::Malformed,
                _ => RejectionReason::NotAnObject,
            };
            self.rejections.add(reason, key);
        }
    }

    /// Finds the end of the value that starts at `at`.
    fn skip_value(&self, buffer: &str, at: usize, whole: bool) -> Result<Step, DecodeError> {
        if !whole && may_continue(buffer.get(at..).unwrap_or_default()) {
            return Ok(Step::Wait);
        }
        match value::<IgnoredAny>(buffer, at) {
            Ok((_, end)) => Ok(Step::To(end)),
            Err(error) => self.wait_or_fail(&error, at, whole, buffer),
        }
    }

    fn wait_or_fail(
        &self,
        error: &serde_json::Error,
        at: usize,
        whole: bool,
        buffer: &str,
    ) -> Result<Step, DecodeError> {
        let json = buffer.get(at..).unwrap_or_default();
        let place = at.saturating_add(offset(json, error));
        // serde_json takes a truncated number for an error, so an error at the very end may go away once more
        // has arrived.
        let may_be_incomplete = error.is_eof() || place.saturating_add(1) >= buffer.len();
        match (may_be_incomplete, whole) {
            (true, false) => Ok(Step::Wait),
            (_, true) if error.is_eof() => Err(self.error("it ends in the middle", buffer.len())),
            _ => Err(self.error("it is not JSON", place)),
        }
    }

    /// An error with its offset and nothing of the text.
    fn error(&self, what: &str, at: usize) -> DecodeError {
        DecodeError(format!("{what} (byte {})", self.passed.saturating_add(at)))
    }
}

impl<E: Entries> Decoder for AnswerDecoder<E> {
    type Output = Decoded<E::Output>;

    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn buffered(&self) -> usize {
        self.buffer.len()
    }

    fn heap_size_with(&self, more: usize) -> usize {
        heap_size_with_more(&self.buffer, more).saturating_add(self.entries.heap_size())
    }

    fn advance(&mut self) -> Result<(), DecodeError> {
        // An incomplete entry is tried again once twice as much has arrived.
        if self.buffer.len() < self.wait_for {
            return Ok(());
        }
        self.read_buffer(false)
    }

    fn finish(self) -> Result<Decoded<E::Output>, DecodeError> {
        self.read_rest()
    }
}

#[cfg(test)]
mod tests;
