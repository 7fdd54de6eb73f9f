//! Response bodies on their way to a client that may be slow.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::guard::RequestInFlight;
use super::large_responses::{LargeResponse, LargeResponses};
use crate::http::held_until_sent::HeldUntilSent;
use crate::http::scrape_permit::ScrapePermit;

/// A larger response is not handed to the HTTP library at once, which buffers so much.
const LARGE: u64 = 64 << 10;
/// How much is handed on at once, in bytes; a chunk of a page may be a whole family. Each part is a write,
/// which wakes the client: with 64 KiB that costs more than the bytes themselves on some machines.
const HTTP1_PART: usize = 512 << 10;
/// Over HTTP/2 a client is seen to take something when it has taken what was handed on, so parts are
/// small.
const HTTP2_PART: usize = 64 << 10;

/// The body of a response; its request is in flight until its end.
///
/// A large response counts as being sent until its last part is on the wire: what that part is a slice of
/// may be a page that was replaced long ago.
pub(in crate::http) struct GuardedBody<B> {
    parts: HeldUntilSent<Parts<B>, Option<LargeResponse>>,
    _request: RequestInFlight,
}

impl<B: Body> GuardedBody<B> {
    /// `permit` is that of a scrape.
    pub(in crate::http) fn new(
        body: B,
        request: RequestInFlight,
        permit: Option<ScrapePermit>,
        all: &LargeResponses,
    ) -> Self {
        let is_large = body.size_hint().lower() > LARGE;
        let large = is_large.then(|| all.begin(request.guard(), permit));
        let largest = match request.guard().is_http2() {
            true => HTTP2_PART,
            false => HTTP1_PART,
        };
        Self {
            parts: HeldUntilSent::new(Parts::of(body, largest), large),
            _request: request,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for GuardedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(Some(large)) = self.parts.held() {
            large.progressed();
        }
        Pin::new(&mut self.parts).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.parts.size_hint()
    }
}

/// A body in parts of at most `largest` bytes, which share the memory of its frames.
struct Parts<B> {
    body: B,
    /// What is left of a frame that is handed on part by part.
    rest: Bytes,
    largest: usize,
}

impl<B> Parts<B> {
    fn of(body: B, largest: usize) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            largest,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Parts<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => self.rest = bytes,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        let length = self.rest.len().min(self.largest);
        let part = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let body = self.body.size_hint();
        match body.exact() {
            Some(exact) => SizeHint::with_exact(exact.saturating_add(rest)),
            None => body,
        }
    }
}
