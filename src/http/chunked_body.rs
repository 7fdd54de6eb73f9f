//! A response body that is made chunk by chunk, with a length that is known from the start.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Chunks that are made when there is room to send them. Those that pages share are not copied.
pub(super) struct ChunkedBody<I> {
    chunks: I,
    /// Bytes that were not handed on yet.
    left: u64,
}

impl<I> ChunkedBody<I> {
    /// `chunks`, which have `length` bytes in all.
    pub(super) fn new(chunks: I, length: u64) -> Self {
        Self {
            chunks,
            left: length,
        }
    }
}

impl<I> Body for ChunkedBody<I>
where
    I: Iterator<Item = std::io::Result<Bytes>> + Unpin,
{
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        // An empty chunk is skipped: its frame would tell the server nothing.
        let next = self
            .chunks
            .find(|it| it.as_ref().map_or(true, |chunk| !chunk.is_empty()));
        Poll::Ready(next.map(|chunk| {
            let chunk = chunk?;
            self.left = self.left.saturating_sub(chunk.len() as u64);
            Ok(Frame::data(chunk))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
