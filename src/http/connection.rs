//! One connection: TLS where it is configured, then HTTP/1 or HTTP/2.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::Service;

use super::slow_client::{GuardedBody, GuardedStream, LargeResponses, SlowClientGuard, Timeouts};
use super::web_config::WatchedWebConfig;

/// The most that the headers of a request may take, in bytes: above it, 431.
const MAX_HEADER_BYTES: u32 = 64 << 10;
/// How many requests of one HTTP/2 connection are answered at once.
const MAX_STREAMS: u32 = 100;
/// How many requests a client may reset before they are accepted, and how many invalid ones it may send,
/// before the connection is closed.
const MAX_RESETS: usize = 20;
/// What a client may send of bodies, which nobody reads, in bytes, of a request and of a connection.
const BODY_WINDOW: u32 = 64 << 10;
/// How much of a response is buffered for an HTTP/2 client that does not take it, in bytes; with less than
/// that, two parts more may be handed on.
const SEND_BUFFER: usize = 64 << 10;

/// What Go's server says in such a case, which is what people search for.
const NOT_TLS: &[u8] = b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Connection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

/// Nothing that answers a request fails.
type Answer = Result<Response<GuardedBody<Body>>, Infallible>;

/// What connections are served with.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) router: Router,
    pub(super) web: WatchedWebConfig,
    pub(super) timeouts: Timeouts,
    /// Those of all connections together.
    pub(super) large_responses: LargeResponses,
    /// Ends when no new connection is wanted any more.
    pub(super) stopping: tokio::sync::watch::Receiver<()>,
}

impl Serving {
    /// Serves `stream` until its end.
    pub(super) async fn serve(mut self, stream: TcpStream, watcher: Watcher) {
        // Without it the end of an answer may wait for an acknowledgement; it fails only on a
        // connection that is gone.
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.web.now().await.tls.clone() else {
            return self.http1(stream, watcher).await;
        };
        let peer = stream.peer_addr().ok();
        let peer = peer.map(tracing::field::display);
        let handshake = tokio::time::timeout(self.timeouts.handshake, handshake(stream, tls));
        let stream = tokio::select! {
            // Nothing was asked yet.
            _ = self.stopping.changed() => return,
            stream = handshake => stream,
        };
        let stream = match stream {
            Ok(Ok(Some(stream))) => stream,
            Ok(Ok(None)) => return,
            // The log names no client's certificate, and is not filled by whoever knocks.
            Ok(Err(error)) => return tracing::debug!(peer, %error, "a TLS handshake failed"),
            Err(_) => return tracing::debug!(peer, "a TLS handshake took too long"),
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream, watcher).await;
        } else {
            self.http1(stream, watcher).await;
        }
    }

    async fn http1<S>(&self, stream: S, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let guard = SlowClientGuard::http1();
        let stream = GuardedStream::new(stream, guard.clone(), self.timeouts);
        let connection = http1::Builder::new()
            .max_buf_size(MAX_HEADER_BYTES as usize)
            .timer(TokioTimer::new())
            // The guard has timeouts of its own for a request that was begun and for an idle connection.
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(stream), service_fn(self.service(guard)));
        log_broken(watcher.watch(connection).await);
    }

    async fn http2(&self, stream: TlsStream<TcpStream>, watcher: Watcher) {
        let guard = SlowClientGuard::http2();
        let stream = GuardedStream::new(stream, guard.clone(), self.timeouts);
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(MAX_HEADER_BYTES)
            .max_concurrent_streams(MAX_STREAMS)
            .max_pending_accept_reset_streams(MAX_RESETS)
            .max_local_error_reset_streams(MAX_RESETS)
            .initial_stream_window_size(BODY_WINDOW)
            .initial_connection_window_size(BODY_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .serve_connection(TokioIo::new(stream), service_fn(self.service(guard)));
        log_broken(watcher.watch(connection).await);
    }

    /// Answers the requests of a connection.
    fn service(
        &self,
        guard: SlowClientGuard,
    ) -> impl Fn(Request<Incoming>) -> BoxFuture<'static, Answer> {
        let (router, large_responses) = (self.router.clone(), self.large_responses.clone());
        move |request| {
            let (mut router, large_responses) = (router.clone(), large_responses.clone());
            let in_flight = guard.request_received();
            async move {
                // A router is always ready.
                let mut response = router.call(request).await?;
                let permit = response.extensions_mut().remove();
                Ok(
                    response
                        .map(|body| GuardedBody::new(body, in_flight, permit, &large_responses)),
                )
            }
            .boxed()
        }
    }
}

/// A client that goes away in the middle is no news.
fn log_broken(result: Result<(), hyper::Error>) {
    if let Err(error) = result {
        tracing::trace!(%error, "a connection broke");
    }
}

/// None for a client that speaks plain HTTP, which is told so.
async fn handshake(
    mut stream: TcpStream,
    tls: Arc<rustls::ServerConfig>,
) -> std::io::Result<Option<TlsStream<TcpStream>>> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    // The first byte of a method; TLS begins with 22.
    if first.iter().all(u8::is_ascii_uppercase) {
        stream.write_all(NOT_TLS).await?;
        stream.shutdown().await?;
        return Ok(None);
    }
    TlsAcceptor::from(tls).accept(stream).await.map(Some)
}
