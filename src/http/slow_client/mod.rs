//! Bounds for slow clients, told apart by what the client is doing.
//!
//! A connection without a request may be idle for longer than people's scrape intervals. A request that
//! was begun must be read soon. And a client that is sent a response must take something of it now and
//! then. The HTTP library has one timeout for the first two, so the timeouts are kept here, on the way of
//! the bytes within TLS.

mod body;
mod guard;
mod http2_frames;
mod large_responses;
mod stream;
#[cfg(test)]
mod tests;
mod timeouts;

pub(super) use body::GuardedBody;
pub(super) use guard::SlowClientGuard;
#[cfg(any(fuzzing, test))]
pub(super) use http2_frames::Frames;
pub(super) use large_responses::LargeResponses;
pub(super) use stream::GuardedStream;
pub(super) use timeouts::Timeouts;
