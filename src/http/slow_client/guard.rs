//! What a connection is doing, and by when it must have done it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::time::Instant;

use super::http2_frames::Frames;
use super::timeouts::Timeouts;

/// The state of one connection; clones share it.
#[derive(Clone, Debug)]
pub(in crate::http) struct SlowClientGuard(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// For HTTP/2, where several requests share the connection.
    frames: Option<Frames>,
    /// When the request began whose end has not been read.
    request_began: Option<Instant>,
    /// Since when nothing was read or written.
    idle_since: Instant,
    requests_in_flight: usize,
    /// Of HTTP/1, something was read while a request was in flight: the next one has begun.
    next_request_began: bool,
    /// Of the connection's task, which reads and writes.
    waker: Option<Waker>,
    /// The large responses that are being sent, by their numbers, and when each began.
    large_responses: Vec<(u64, Instant)>,
    /// When the client last took something of a response.
    last_write: Instant,
    /// The connection is to be closed: the memory of its response is needed.
    is_aborted: bool,
}

/// By when a client must have sent or taken something.
pub(super) struct ReadDeadline {
    pub(super) at: Instant,
    /// Something was begun; otherwise the connection is idle.
    pub(super) in_request: bool,
}

impl SlowClientGuard {
    /// For HTTP/1, where requests come one after the other.
    pub(in crate::http) fn http1() -> Self {
        Self::new(None)
    }

    /// For HTTP/2.
    pub(in crate::http) fn http2() -> Self {
        Self::new(Some(Frames::default()))
    }

    fn new(frames: Option<Frames>) -> Self {
        Self(Arc::new(Mutex::new(State {
            frames,
            request_began: None,
            idle_since: Instant::now(),
            requests_in_flight: 0,
            next_request_began: false,
            waker: None,
            large_responses: Vec::new(),
            last_write: Instant::now(),
            is_aborted: false,
        })))
    }

    pub(super) fn is_http2(&self) -> bool {
        self.state().frames.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The headers of a request were read; it is in flight until what this returns is dropped.
    pub(in crate::http) fn request_received(&self) -> RequestInFlight {
        let mut state = self.state();
        state.requests_in_flight = state.requests_in_flight.saturating_add(1);
        if state.frames.is_none() {
            state.request_began = None;
        }
        RequestInFlight(self.clone())
    }

    pub(super) fn bytes_read(&self, bytes: &[u8]) {
        let now = Instant::now();
        let mut state = self.state();
        let state = &mut *state;
        state.idle_since = now;
        let is_between_requests = match &mut state.frames {
            Some(frames) => {
                frames.advance(bytes);
                frames.is_between()
            }
            None if state.requests_in_flight > 0 => {
                state.next_request_began = true;
                return;
            }
            None => false,
        };
        if is_between_requests {
            state.request_began = None;
        } else {
            state.request_began.get_or_insert(now);
        }
    }

    /// The client has taken something.
    pub(super) fn bytes_written(&self) {
        let mut state = self.state();
        state.idle_since = Instant::now();
        // Of HTTP/2 it may be anything, such as the answer to a ping.
        if state.frames.is_none() {
            state.last_write = state.idle_since;
        }
    }

    /// By when the client must send or take something; none while only the exporter has to act.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Timeouts are minutes, and no clock is that close to its end."
    )]
    pub(super) fn read_deadline(&self, timeouts: &Timeouts, task: &Waker) -> Option<ReadDeadline> {
        let mut state = self.state();
        state.waker = Some(task.clone());
        let header_read = state.request_began.map(|it| it + timeouts.header_read);
        let all = [header_read, state.response_deadline(timeouts)];
        match all.into_iter().flatten().min() {
            Some(at) => Some(ReadDeadline {
                at,
                in_request: true,
            }),
            None if state.requests_in_flight > 0 => None,
            None => Some(ReadDeadline {
                at: state.idle_since + timeouts.idle,
                in_request: false,
            }),
        }
    }

    /// By when a write must be done that is blocked since `blocked_since`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Timeouts are minutes, and no clock is that close to its end."
    )]
    pub(super) fn write_deadline(
        &self,
        timeouts: &Timeouts,
        blocked_since: Instant,
        task: &Waker,
    ) -> Instant {
        let mut state = self.state();
        state.waker = Some(task.clone());
        let write = blocked_since + timeouts.write;
        state
            .response_deadline(timeouts)
            .map_or(write, |it| it.min(write))
    }

    /// A large response of that number is being sent from now on.
    pub(super) fn large_response_began(&self, number: u64) {
        let now = Instant::now();
        let mut state = self.state();
        state.last_write = now;
        state.large_responses.push((number, now));
    }

    /// More of a response was wanted, so there was room for it.
    pub(super) fn response_progressed(&self) {
        self.state().last_write = Instant::now();
    }

    /// The large response of that number is sent, or is no longer wanted.
    pub(super) fn large_response_ended(&self, number: u64) {
        let mut state = self.state();
        state.large_responses.retain(|(other, _)| *other != number);
    }

    pub(super) fn last_write(&self) -> Instant {
        self.state().last_write
    }

    /// Closes the connection.
    pub(super) fn abort(&self) {
        let mut state = self.state();
        state.is_aborted = true;
        state.wake();
    }
}

impl State {
    /// By when the client must take something of a response, where a large one is being sent.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Timeouts are minutes, and no clock is that close to its end."
    )]
    fn response_deadline(&self, timeouts: &Timeouts) -> Option<Instant> {
        let first = self.large_responses.iter().map(|(_, began)| *began).min()?;
        let deadline = (first + timeouts.response).min(self.last_write + timeouts.write);
        Some(if self.is_aborted { first } else { deadline })
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A request whose response is not sent yet.
#[derive(Debug)]
pub(in crate::http) struct RequestInFlight(SlowClientGuard);

impl RequestInFlight {
    pub(super) fn guard(&self) -> &SlowClientGuard {
        &self.0
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.requests_in_flight = state.requests_in_flight.saturating_sub(1);
        state.idle_since = Instant::now();
        if std::mem::take(&mut state.next_request_began) {
            state.request_began = Some(state.idle_since);
        }
        // From now on there is a deadline again.
        state.wake();
    }
}
