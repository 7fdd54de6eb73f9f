//! On the way of the bytes: tells the pace what goes through, and ends what takes too long.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::{Limits, Pace};

/// A connection whose client is held to the limits.
pub(in crate::http) struct Paced<S> {
    stream: S,
    pace: Pace,
    limits: Limits,
    reading: Pin<Box<Sleep>>,
    writing: Pin<Box<Sleep>>,
    /// Since when a write waits for the client.
    waits: Option<Instant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Paced<S> {
    pub(in crate::http) fn new(stream: S, pace: Pace, limits: Limits) -> Self {
        Self {
            stream,
            pace,
            limits,
            reading: Box::pin(sleep(limits.rest)),
            writing: Box::pin(sleep(limits.take)),
            waits: None,
        }
    }

    /// Ends a write that has been waiting for the client for too long.
    fn wrote<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.waits = None;
            return result;
        }
        let since = *self.waits.get_or_insert_with(Instant::now);
        let deadline = self.pace.write_deadline(&self.limits, since, cx.waker());
        if self.writing.deadline() != deadline {
            self.writing.as_mut().reset(deadline);
        }
        ready!(self.writing.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buf) {
            read?;
            if let Some(received) = buf.filled().get(before..).filter(|it| !it.is_empty()) {
                self.pace.received(received);
            }
            return Poll::Ready(Ok(()));
        }
        let Some((deadline, is_begun)) = self.pace.deadline(&self.limits, cx.waker()) else {
            return Poll::Pending;
        };
        if self.reading.deadline() != deadline {
            self.reading.as_mut().reset(deadline);
        }
        ready!(self.reading.as_mut().poll(cx));
        // Who rests for too long is taken for gone, which is no error.
        Poll::Ready(if is_begun {
            Err(io::ErrorKind::TimedOut.into())
        } else {
            Ok(())
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        if result.is_ready() {
            self.pace.sent();
        }
        self.wrote(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if result.is_ready() {
            self.pace.sent();
        }
        self.wrote(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(cx);
        self.wrote(cx, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.wrote(cx, result)
    }
}
