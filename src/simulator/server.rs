//! Serves a simulator on a socket: HTTP/1.1, as many connections as come. It decides nothing about
//! answers.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Simulator;
use super::reply::Reply;
use super::sabotage::Dropped;

/// The largest request body that is read.
const LARGEST_REQUEST: usize = 64 * 1024 * 1024;
/// How long connections may finish after the shutdown; those that hang never would.
const GRACE: Duration = Duration::from_secs(1);
/// After a failed accept (out of file descriptors, mostly), before the next.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

impl Simulator {
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
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.connect(stream, &graceful, &mut connections),
                    Err(_) => tokio::time::sleep(AFTER_FAILED_ACCEPT).await,
                },
            }
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        // Whatever is not done by then is ended when the set is dropped.
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
        Ok(())
    }

    fn connect(
        self: &Arc<Self>,
        stream: TcpStream,
        graceful: &GracefulShutdown,
        connections: &mut JoinSet<()>,
    ) {
        // Answers are small and must not wait for each other; without this they are only slower.
        let _ = stream.set_nodelay(true);
        let simulator = Arc::clone(self);
        let service = service_fn(move |request| {
            let simulator = Arc::clone(&simulator);
            async move { simulator.respond(request).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // A connection that breaks is the client's affair, or a fault that was asked for.
            let _ = connection.await;
        });
    }

    async fn respond(self: &Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
            return Ok(Reply::error(413, "the request is too large or broken").whole());
        };
        let body: Bytes = body.to_bytes();
        let response = self.handle(Request::from_parts(head, body)).await;
        match response.extensions().get::<Dropped>() {
            Some(Dropped) => Err(io::ErrorKind::ConnectionReset.into()),
            None => Ok(response),
        }
    }
}
