//! Bodies of answers: written part by part, with a length that is known from the start.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// The most that is handed on at once, in bytes; a part may be a whole family. Each is a write, which wakes
/// the client: with 64 KiB that costs more than the bytes themselves on some machines.
const LARGEST_PART: usize = 512 << 10;

/// The body of an answer.
pub struct Body {
    parts: Parts,
    /// What is there of a part that is handed on piece by piece.
    rest: Bytes,
    left: u64,
    largest_part: usize,
}

enum Parts {
    One(Option<Bytes>),
    Made(Box<dyn Iterator<Item = std::io::Result<Bytes>> + Send>),
}

impl Body {
    /// Nothing.
    pub fn empty() -> Self {
        Self {
            parts: Parts::One(None),
            rest: Bytes::new(),
            left: 0,
            largest_part: LARGEST_PART,
        }
    }

    /// Text.
    pub fn text(text: impl Into<Bytes>) -> Self {
        let text = text.into();
        let length = text.len() as u64;
        Self {
            parts: Parts::One(Some(text)),
            rest: Bytes::new(),
            left: length,
            largest_part: LARGEST_PART,
        }
    }

    /// Parts that are taken when there is room to send them, `length` bytes in all. Those that others
    /// share are not copied.
    pub fn made(
        parts: impl Iterator<Item = std::io::Result<Bytes>> + Send + 'static,
        length: u64,
    ) -> Self {
        Self {
            parts: Parts::Made(Box::new(parts)),
            rest: Bytes::new(),
            left: length,
            largest_part: LARGEST_PART,
        }
    }

    /// Hands on at most `largest_part` bytes at once.
    pub(super) fn in_parts_of(self, largest_part: usize) -> Self {
        Self {
            largest_part,
            ..self
        }
    }

    /// How many bytes have not been sent.
    pub fn length(&self) -> u64 {
        self.left
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::text(Bytes::from_static(text.as_bytes()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        loop {
            if !self.rest.is_empty() {
                let length = self.rest.len().min(self.largest_part);
                let part = self.rest.split_to(length);
                self.left = self.left.saturating_sub(length as u64);
                return Poll::Ready(Some(Ok(Frame::data(part))));
            }
            let next = match &mut self.parts {
                Parts::One(part) => part.take().map(Ok),
                Parts::Made(parts) => parts.next(),
            };
            match next {
                // An empty one is passed over: its frame would tell the server nothing.
                Some(Ok(part)) => self.rest = part,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
