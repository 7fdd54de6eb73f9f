//! A connection on which reads and writes time out, by what the client is doing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::guard::{ReadDeadline, SlowClientGuard};
use super::timeouts::Timeouts;

/// A connection whose client is held to the timeouts.
pub(in crate::http) struct GuardedStream<S> {
    stream: S,
    guard: SlowClientGuard,
    timeouts: Timeouts,
    read_timer: Pin<Box<Sleep>>,
    write_timer: Pin<Box<Sleep>>,
    /// Since when a write waits for the client.
    blocked_since: Option<Instant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> GuardedStream<S> {
    pub(in crate::http) fn new(stream: S, guard: SlowClientGuard, timeouts: Timeouts) -> Self {
        Self {
            stream,
            guard,
            timeouts,
            read_timer: Box::pin(sleep(timeouts.idle)),
            write_timer: Box::pin(sleep(timeouts.write)),
            blocked_since: None,
        }
    }

    /// Fails a write that has been blocked for too long.
    fn or_time_out<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.blocked_since = None;
            return result;
        }
        let since = *self.blocked_since.get_or_insert_with(Instant::now);
        let deadline = self.guard.write_deadline(&self.timeouts, since, cx.waker());
        if self.write_timer.deadline() != deadline {
            self.write_timer.as_mut().reset(deadline);
        }
        ready!(self.write_timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buf) {
            read?;
            if let Some(read) = buf.filled().get(before..).filter(|it| !it.is_empty()) {
                self.guard.bytes_read(read);
            }
            return Poll::Ready(Ok(()));
        }
        let Some(ReadDeadline { at, in_request }) =
            self.guard.read_deadline(&self.timeouts, cx.waker())
        else {
            return Poll::Pending;
        };
        if self.read_timer.deadline() != at {
            self.read_timer.as_mut().reset(at);
        }
        ready!(self.read_timer.as_mut().poll(cx));
        // The end of an idle connection is no error.
        Poll::Ready(if in_request {
            Err(io::ErrorKind::TimedOut.into())
        } else {
            Ok(())
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        if result.is_ready() {
            self.guard.bytes_written();
        }
        self.or_time_out(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if result.is_ready() {
            self.guard.bytes_written();
        }
        self.or_time_out(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(cx);
        self.or_time_out(cx, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.or_time_out(cx, result)
    }
}
