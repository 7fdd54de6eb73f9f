//! Reads an answer as it arrives, entry by entry, however it is wrapped.
//!
//! What is held is what the entries say and the text of the one that is not whole yet, not the answer.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::super::rejection::{Reason, Rejections};
use super::flat::plain_text;
use super::json::{Key, may_go_on, offset, skip_space, value};
use super::mend::{mend_bytes, mended};
use super::{DecodeError, Read, Reader, held_by};

/// What takes the entries of one answer.
pub(in super::super) trait Entries: Send + 'static {
    /// What they come to.
    type Output: Send + 'static;

    /// Reads the entry that `json` begins with, takes what it says, and returns how long it is. `key` is
    /// where it stands in a map. On an error nothing is taken.
    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize>;

    /// Bytes that they hold.
    fn held_bytes(&self) -> usize;

    /// What they come to, and forgets it.
    fn take(&mut self) -> Self::Output;
}

/// Reads one answer.
pub(in super::super) struct AnswerReader<E> {
    entries: E,
    rejections: Rejections,
    /// What has arrived and is not read.
    buffer: Vec<u8>,
    /// How much of the answer stood before the buffer.
    passed: usize,
    /// The buffer is not looked at again before it is this long.
    wait_for: usize,
    state: State,
    /// What is open, the innermost last; at most the answer and what it wraps.
    open: Vec<Kind>,
    outer: Outer,
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

/// What the outermost keys of an answer say of the rest.
#[derive(Debug, Default)]
struct Outer {
    wraps: bool,
    has_next: bool,
    has_code: bool,
    has_message: bool,
}

/// The keys under which an answer may be wrapped.
const WRAPPINGS: [&str; 3] = ["data", "results", "result"];

/// How far a step came.
enum Step {
    /// The buffer was read up to there.
    To(usize),
    /// More must arrive first.
    Wait,
}

impl<E: Entries> AnswerReader<E> {
    pub(in super::super) fn new(entries: E) -> Self {
        Self {
            entries,
            rejections: Rejections::default(),
            buffer: Vec::new(),
            passed: 0,
            wait_for: 0,
            state: State::Start,
            open: Vec::with_capacity(2),
            outer: Outer::default(),
        }
    }

    fn read_rest(mut self) -> Result<Read<E::Output>, DecodeError> {
        self.read_buffer(true)?;
        if self.state != State::End {
            return Err(self.error("it ends in the middle", self.buffer.len()));
        }
        // Part of the portfolio must not look like the whole.
        if self.outer.wraps && self.outer.has_next {
            return Err(DecodeError(
                "it is one page of several (`next`), and v3 is documented not to page".to_owned(),
            ));
        }
        if !self.outer.wraps && self.outer.has_code && self.outer.has_message {
            return Err(DecodeError(
                "it is an error's text, though its status is a success".to_owned(),
            ));
        }
        Ok(Read {
            entries: self.entries.take(),
            rejections: self.rejections,
        })
    }

    fn read_buffer(&mut self, whole: bool) -> Result<(), DecodeError> {
        // Lent to the steps, which change everything else.
        let mut buffer = std::mem::take(&mut self.buffer);
        let text = match std::str::from_utf8(&buffer) {
            Ok(text) => text,
            Err(_) => {
                let length = mend_bytes(&mut buffer, whole);
                let mended = buffer.get(..length).unwrap_or_default();
                // Mended, so that it is text.
                std::str::from_utf8(mended).unwrap_or_default()
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
            (State::Start, _, _) => match self.pass_over(buffer, at, whole)? {
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
            (State::First | State::Next, b'"', Some(Kind::Map)) => self.keyed(buffer, at, whole),
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
    fn keyed(&mut self, buffer: &str, at: usize, whole: bool) -> Result<Step, DecodeError> {
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
            "code" => self.outer.has_code = true,
            "message" => self.outer.has_message = true,
            "next" => {
                let Step::To(end) = self.pass_over(buffer, start, whole)? else {
                    return Ok(Step::Wait);
                };
                let next = buffer.get(start..end).unwrap_or_default();
                self.outer.has_next = !matches!(next, "null" | "false" | "\"\"");
            }
            wrapping if WRAPPINGS.contains(&wrapping) && !self.outer.wraps => {
                let kind = match first {
                    b'[' => Kind::List,
                    b'{' => Kind::Map,
                    _ => return self.wraps_nothing(buffer, start, whole),
                };
                // What came before it were not entries.
                drop(self.entries.take());
                self.rejections = Rejections::default();
                self.outer.wraps = true;
                return self.enter(kind, start);
            }
            _ => {}
        }
        if self.outer.wraps {
            let step = self.pass_over(buffer, start, whole)?;
            if matches!(step, Step::To(_)) {
                self.state = State::After;
            }
            return Ok(step);
        }
        self.entry(buffer, start, Some(&key), whole)
    }

    fn wraps_nothing(&self, buffer: &str, start: usize, whole: bool) -> Result<Step, DecodeError> {
        match self.pass_over(buffer, start, whole)? {
            Step::To(_) => Err(DecodeError("it wraps neither a map nor a list".to_owned())),
            Step::Wait => Ok(Step::Wait),
        }
    }

    /// An entry: read at once when it is as it should be, else told apart from what follows it.
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
        if !whole && may_go_on(json) {
            return Ok(Step::Wait);
        }
        let length = match self.entries.read(key, json, &mut self.rejections) {
            Ok(length) => length,
            Err(error) if error.is_eof() && !whole => return Ok(Step::Wait),
            Err(_) => match self.pass_over(buffer, at, whole)? {
                Step::To(end) => {
                    self.second_try(key, buffer.get(at..end).unwrap_or_default());
                    end - at
                }
                Step::Wait => return Ok(Step::Wait),
            },
        };
        self.state = State::After;
        Ok(Step::To(at + length))
    }

    /// An entry that is JSON and could not be read: its text may be what is wrong with it.
    fn second_try(&mut self, key: Option<&str>, json: &str) {
        let mended = mended(json);
        let json = mended.as_deref().unwrap_or(json);
        let read = self.entries.read(key, json, &mut self.rejections);
        if let Err(error) = read {
            let reason = match json.as_bytes().first() {
                Some(b'{') if error.to_string().starts_with("number out of range") => {
                    Reason::InvalidNumber
                }
                Some(b'{') => Reason::Malformed,
                _ => Reason::NotAnObject,
            };
            self.rejections.add(reason, key);
        }
    }

    /// Where the value ends that begins at `at`.
    fn pass_over(&self, buffer: &str, at: usize, whole: bool) -> Result<Step, DecodeError> {
        if !whole && may_go_on(buffer.get(at..).unwrap_or_default()) {
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
        // A number that is cut off is wrong to the library: what is wrong at the very end may be right
        // once more has arrived.
        let may_be_right = error.is_eof() || place.saturating_add(1) >= buffer.len();
        match (may_be_right, whole) {
            (true, false) => Ok(Step::Wait),
            (_, true) if error.is_eof() => Err(self.error("it ends in the middle", buffer.len())),
            _ => Err(self.error("it is not JSON", place)),
        }
    }

    /// Says where the text stops being JSON, and nothing of what it says there.
    fn error(&self, what: &str, at: usize) -> DecodeError {
        DecodeError(format!("{what} (byte {})", self.passed.saturating_add(at)))
    }
}

impl<E: Entries> Reader for AnswerReader<E> {
    type Output = Read<E::Output>;

    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn waiting(&self) -> usize {
        self.buffer.len()
    }

    fn held_with(&self, more: usize) -> usize {
        held_by(&self.buffer, more).saturating_add(self.entries.held_bytes())
    }

    fn advance(&mut self) -> Result<(), DecodeError> {
        // An entry that is longer than what has arrived is looked at again once that is twice as long.
        if self.buffer.len() < self.wait_for {
            return Ok(());
        }
        self.read_buffer(false)
    }

    fn finish(self) -> Result<Read<E::Output>, DecodeError> {
        self.read_rest()
    }
}

#[cfg(test)]
mod tests;
