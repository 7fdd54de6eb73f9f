//! Requests without a socket, and sockets.
//!
//! `axum::serve` would not do: its services can't close a connection without a response, as the fault `reset`
//! does, and its graceful shutdown waits for every connection, also for those that a fault keeps hanging.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::Service;

use super::api_error::ApiError;
use super::fault::ConnectionReset;
use super::state::Simulator;

/// The largest request body that is read, in bytes.
const MAX_REQUEST_BODY: usize = 64 << 20;
/// How long connections may finish after the shutdown; those that hang never would.
const GRACE_PERIOD: Duration = Duration::from_secs(1);
/// How long accepting pauses when it failed, mostly because there are no file descriptors left.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

impl Simulator {
    /// Answers one request without a socket, in the same way as the server does.
    ///
    /// It never returns for the fault `hang`; for `reset` the body fails with `ConnectionReset`. It builds a
    /// router for each request: for many, call the one of [`Simulator::router`].
    pub async fn handle(self: &Arc<Self>, request: Request<Bytes>) -> Response<Body> {
        call(&mut Arc::clone(self).router(), request).await
    }

    /// Serves HTTP/1.1 on `listener` until `shutdown` resolves; connections then have a second to
    /// finish.
    ///
    /// # Errors
    /// When the listener's address can't be read, which means that it is not listening.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        tracing::debug!(address = %listener.local_addr()?, "the simulator is listening");
        let router = self.router();
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => connect(stream, &router, &graceful, &mut connections),
                    Err(_) => tokio::time::sleep(ACCEPT_BACKOFF).await,
                },
            }
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        // The connections that are not done by then end when the set is dropped.
        let _ = tokio::time::timeout(GRACE_PERIOD, graceful.shutdown()).await;
        Ok(())
    }
}

fn connect(
    stream: TcpStream,
    router: &Router,
    graceful: &GracefulShutdown,
    connections: &mut JoinSet<()>,
) {
    // Responses are small and must not wait for each other; without this they are only slower.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let service = service_fn(move |request| respond(router.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    connections.spawn(async move {
        // A connection breaks because of the client, or because of a fault that was injected.
        let _ = connection.await;
    });
}

async fn respond(mut router: Router, request: Request<Incoming>) -> io::Result<Response> {
    let (head, body) = request.into_parts();
    // Read here for all handlers, also for those that need none, so that the connection can be used again.
    let Ok(body) = Limited::new(body, MAX_REQUEST_BODY).collect().await else {
        let message = "the request is too large or broken";
        return Ok(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message).into_response());
    };
    let request = Request::from_parts(head, body.to_bytes());
    let response = call(&mut router, request).await;
    match response.extensions().get::<ConnectionReset>() {
        Some(ConnectionReset) => Err(io::ErrorKind::ConnectionReset.into()),
        None => Ok(response),
    }
}

async fn call(router: &mut Router, request: Request<Bytes>) -> Response {
    // A router is always ready.
    let Ok(response) = router.call(request.map(Body::from)).await;
    response
}
