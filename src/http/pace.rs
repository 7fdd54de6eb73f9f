//! How long a client may take, told apart by what it is doing.
//!
//! A connection on which nothing is asked may rest for longer than people's scrape intervals. A request
//! that was begun must be there soon. And who is answered must take something of the answer now and then.
//! The HTTP library has one limit for the first two, so they are kept here: on the way of the bytes,
//! within TLS.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use super::Body;
use super::frames::Frames;

mod stream;
mod takers;
#[cfg(test)]
mod tests;

pub(super) use stream::Paced;
pub(super) use takers::Takers;
use takers::Taking;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For the TLS handshake.
    pub(super) handshake: Duration,
    /// From the first byte of a request to the end of its headers.
    pub(super) head: Duration,
    /// Without asking anything.
    pub(super) rest: Duration,
    /// Without taking a byte of an answer.
    pub(super) take: Duration,
    /// For the whole of an answer: who takes longer gets a page that nobody waits for any more, of data
    /// that was replaced and stays in memory for this client alone.
    pub(super) whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            rest: Duration::from_secs(150),
            take: Duration::from_secs(60),
            whole: Duration::from_secs(120),
        }
    }
}

/// What a connection is doing; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Pace(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// For HTTP/2, where several requests share the connection.
    frames: Option<Frames>,
    /// When the request was begun of which the end is not there.
    begun: Option<Instant>,
    /// Since when nothing was asked or answered.
    resting: Instant,
    /// Requests that are being answered.
    answering: usize,
    /// Of HTTP/1, something came while a request was answered: the next one has begun.
    is_ahead: bool,
    reader: Option<Waker>,
    /// The large answers that are being taken, by their numbers, and when each was begun.
    taking: Vec<(u64, Instant)>,
    /// When the client last took something of an answer.
    took: Instant,
    /// It takes too long, and others want to take something too.
    is_cut: bool,
}

impl Pace {
    /// A connection on which requests come one after the other.
    pub(super) fn http1() -> Self {
        Self::new(None)
    }

    /// A connection of HTTP/2.
    pub(super) fn http2() -> Self {
        Self::new(Some(Frames::default()))
    }

    fn new(frames: Option<Frames>) -> Self {
        Self(Arc::new(Mutex::new(State {
            frames,
            begun: None,
            resting: Instant::now(),
            answering: 0,
            is_ahead: false,
            reader: None,
            taking: Vec::new(),
            took: Instant::now(),
            is_cut: false,
        })))
    }

    fn is_http2(&self) -> bool {
        self.state().frames.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The headers of a request are there; it is being answered until what this returns is dropped.
    pub(super) fn asked(&self) -> Asked {
        let mut state = self.state();
        state.answering = state.answering.saturating_add(1);
        if state.frames.is_none() {
            state.begun = None;
        }
        Asked(self.clone())
    }

    fn received(&self, bytes: &[u8]) {
        let now = Instant::now();
        let mut state = self.state();
        let state = &mut *state;
        state.resting = now;
        let is_between = match &mut state.frames {
            Some(frames) => {
                frames.advance(bytes);
                frames.is_between()
            }
            None if state.answering > 0 => {
                state.is_ahead = true;
                return;
            }
            None => false,
        };
        if is_between {
            state.begun = None;
        } else {
            state.begun.get_or_insert(now);
        }
    }

    /// The client has taken something.
    fn sent(&self) {
        let mut state = self.state();
        state.resting = Instant::now();
        // Of HTTP/2 it may be anything, such as the answer to a ping.
        if state.frames.is_none() {
            state.took = state.resting;
        }
    }

    /// Until when the client must send or take something, and whether it is in the middle of that.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Limits are minutes, and no clock is that close to its end."
    )]
    fn deadline(&self, limits: &Limits, reader: &Waker) -> Option<(Instant, bool)> {
        let mut state = self.state();
        state.reader = Some(reader.clone());
        let begun = state.begun.map(|it| it + limits.head);
        match [begun, state.until_taken(limits)]
            .into_iter()
            .flatten()
            .min()
        {
            Some(deadline) => Some((deadline, true)),
            None if state.answering > 0 => None,
            None => Some((state.resting + limits.rest, false)),
        }
    }

    /// Until when a write may wait that has waited since `since`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Limits are minutes, and no clock is that close to its end."
    )]
    fn write_deadline(&self, limits: &Limits, since: Instant, writer: &Waker) -> Instant {
        let mut state = self.state();
        // Reading and writing are one task.
        state.reader = Some(writer.clone());
        let until_taken = state.until_taken(limits);
        until_taken.map_or(since + limits.take, |it| it.min(since + limits.take))
    }

    /// A large answer of that number is being taken from now on.
    fn takes(&self, number: u64) {
        let now = Instant::now();
        let mut state = self.state();
        state.took = now;
        state.taking.push((number, now));
    }

    /// Something of an answer was wanted, so there was room for it.
    fn took(&self) {
        self.state().took = Instant::now();
    }

    /// The answer of that number is taken, or is no longer wanted.
    fn taken(&self, number: u64) {
        self.state().taking.retain(|(other, _)| *other != number);
    }

    fn last_took(&self) -> Instant {
        self.state().took
    }

    /// Ends the connection.
    fn cut(&self) {
        let mut state = self.state();
        state.is_cut = true;
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }
}

impl State {
    /// Until when the client must take something of an answer, where a large one is being taken.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Limits are minutes, and no clock is that close to its end."
    )]
    fn until_taken(&self, limits: &Limits) -> Option<Instant> {
        let first = self.taking.iter().map(|(_, begun)| *begun).min()?;
        let deadline = (first + limits.whole).min(self.took + limits.take);
        Some(if self.is_cut { first } else { deadline })
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Asked(Pace);

impl Drop for Asked {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.answering = state.answering.saturating_sub(1);
        state.resting = Instant::now();
        if std::mem::take(&mut state.is_ahead) {
            state.begun = Some(state.resting);
        }
        // From now on there is a limit again.
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }
}

/// An answer that is larger than this is not handed to the library at once, which buffers so much.
const LARGE: u64 = 64 << 10;
/// Over HTTP/2 a client is seen to take something when it has taken what was handed on, so parts are small,
/// in bytes.
const HTTP2_PART: usize = 64 << 10;

/// The last part of a large answer. The library holds it until its bytes are sent, and so long the answer
/// is being taken: what the part stands in may be a page that was replaced long ago.
struct LastPart {
    bytes: Bytes,
    _taking: Taking,
}

impl AsRef<[u8]> for LastPart {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body; with its end its request is answered.
pub(super) struct PacedBody {
    body: Body,
    taking: Option<Taking>,
    _asked: Asked,
}

impl PacedBody {
    pub(super) fn new(body: Body, asked: Asked, takers: &Takers) -> Self {
        let taking = (body.length() > LARGE).then(|| takers.begin(&asked.0));
        let body = match asked.0.is_http2() {
            true => body.in_parts_of(HTTP2_PART),
            false => body,
        };
        Self {
            body,
            taking,
            _asked: asked,
        }
    }
}

impl http_body::Body for PacedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Some(taking) = &self.taking else {
            return Pin::new(&mut self.body).poll_frame(cx);
        };
        taking.goes_on();
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let is_last = self.body.is_end_stream();
        match self.taking.take_if(|_| is_last) {
            None => frame,
            Some(_taking) => frame.map_ok(|frame| {
                frame.map_data(|bytes| Bytes::from_owner(LastPart { bytes, _taking }))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
