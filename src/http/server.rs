//! Sockets: listening, connections, and an end that finishes what was begun.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use super::Exporter;
use super::body::Answer;

/// How long a client may take to send the head of a request. The time that a kept connection is idle
/// counts too, so it is longer than people's scrape intervals.
const HEADER_LIMIT: Duration = Duration::from_secs(150);
/// How long accepting rests when the system has no descriptors left.
const ACCEPT_REST: Duration = Duration::from_millis(100);
/// How long what was begun may take to finish at the end.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// Sockets that clients can connect to.
#[derive(Debug)]
pub struct Listeners(Vec<TcpListener>);

/// An address can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {reason}; choose another address with --web.listen-address")]
pub struct ListenError {
    address: String,
    reason: String,
}

impl Listeners {
    /// Listens on `addresses`: `host:port`, or `:port` for all of the machine's addresses.
    ///
    /// # Errors
    /// When one of them can't be listened on; then none is.
    pub async fn bind(addresses: &[String]) -> Result<Self, ListenError> {
        let mut listeners = Vec::new();
        for address in addresses {
            let bound = match address.strip_prefix(':') {
                // Both protocols where the machine has both, else the old one.
                Some(port) => match TcpListener::bind(format!("[::]:{port}")).await {
                    Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
                        TcpListener::bind(format!("0.0.0.0:{port}")).await
                    }
                    bound => bound,
                },
                None => TcpListener::bind(address.as_str()).await,
            };
            listeners.push(bound.map_err(|error| ListenError {
                address: address.clone(),
                reason: match error.kind() {
                    std::io::ErrorKind::AddrInUse => "it is in use".to_owned(),
                    _ => error.to_string(),
                },
            })?);
        }
        Ok(Self(listeners))
    }

    /// The addresses, with the ports that the system chose where 0 was asked for.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.0
            .iter()
            .filter_map(|it| it.local_addr().ok())
            .collect()
    }
}

/// Serves until `shutdown` resolves, then finishes what was begun.
pub async fn serve(
    exporter: Arc<Exporter>,
    listeners: Listeners,
    shutdown: impl Future<Output = ()>,
) {
    let connections = Arc::new(GracefulShutdown::new());
    let accepting: Vec<_> = listeners
        .0
        .into_iter()
        .map(|it| tokio::spawn(accept(it, exporter.clone(), connections.clone())))
        .collect();
    shutdown.await;
    for task in accepting {
        task.abort();
        // Its share of the connections goes with it.
        let _ = task.await;
    }
    let Some(connections) = Arc::into_inner(connections) else {
        return;
    };
    if tokio::time::timeout(DRAIN_LIMIT, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            limit_seconds = DRAIN_LIMIT.as_secs(),
            "some connections did not end in time"
        );
    }
}

async fn accept(
    listener: TcpListener,
    exporter: Arc<Exporter>,
    connections: Arc<GracefulShutdown>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => connect(stream, &exporter, &connections),
            Err(error) => {
                tracing::warn!(%error, "can't accept a connection");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}

fn connect(stream: TcpStream, exporter: &Arc<Exporter>, connections: &GracefulShutdown) {
    // Without it the end of an answer may wait for an acknowledgement; it fails only on a connection
    // that is gone.
    let _ = stream.set_nodelay(true);
    let exporter = exporter.clone();
    let service = service_fn(move |request| {
        let exporter = exporter.clone();
        async move { Answer::Ok(exporter.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that goes away in the middle is no news.
        if let Err(error) = connection.await {
            tracing::trace!(%error, "a connection broke");
        }
    });
}
