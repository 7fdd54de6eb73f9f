//! A response body that holds something until the last of its bytes is sent.
//!
//! The HTTP library takes the end of a body before it is on the wire, and drops the body then. What is to
//! be held until it is sent goes with the body's last bytes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body that drops `held` when its last bytes are sent, or when it is dropped itself.
pub(super) struct HeldUntilSent<B, T> {
    body: B,
    held: Option<T>,
}

impl<B, T> HeldUntilSent<B, T> {
    pub(super) fn new(body: B, held: T) -> Self {
        let held = Some(held);
        Self { body, held }
    }

    /// What is held; none once the last bytes were handed on.
    pub(super) fn held(&self) -> Option<&T> {
        self.held.as_ref()
    }
}

/// The last bytes of a body.
struct LastBytes<T> {
    bytes: Bytes,
    _held: T,
}

impl<T> AsRef<[u8]> for LastBytes<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<B, T> Body for HeldUntilSent<B, T>
where
    B: Body<Data = Bytes> + Unpin,
    T: Send + Unpin + 'static,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let is_last = self.body.is_end_stream();
        Poll::Ready(match (frame, self.held.take_if(|_| is_last)) {
            (Some(Ok(frame)), Some(_held)) => {
                Some(Ok(frame.map_data(|bytes| {
                    Bytes::from_owner(LastBytes { bytes, _held })
                })))
            }
            (frame, _) => frame,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
