//! Sockets: listening, accepting, and draining at the end.
//!
//! This is neither `axum::serve` nor the crate axum-server: both serve the router well, but neither bounds a
//! client that sends its headers byte by byte, rests with a connection or never takes its response
//! (`slow_client`), reads new certificates and cuts of TLS for the next handshake without a restart, tells a
//! client that speaks plain HTTP to a TLS port, leaves descriptors for calls to the API, or drains for a
//! bounded time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::connection::Serving;
use super::exporter::Exporter;
use super::router::router;
use super::slow_client::Timeouts;
use super::web_config::WatchedWebConfig;

/// How long accepting pauses when the system has no descriptors left.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);
/// How long requests in flight may take to finish after the shutdown began.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

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

/// Serves until `shutdown` resolves, then finishes the requests in flight. Of more than `max_connections`
/// the last ones wait to be accepted.
pub async fn serve(
    exporter: Arc<Exporter>,
    web: WatchedWebConfig,
    listeners: Listeners,
    max_connections: usize,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = tokio::sync::watch::channel(());
    let serving = Serving {
        large_responses: exporter.large_responses.clone(),
        router: router(exporter, web.clone()),
        web,
        timeouts: Timeouts::default(),
        stopping,
    };
    let connections = Arc::new(GracefulShutdown::new());
    let permits = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
    let accepting: Vec<_> = listeners
        .0
        .into_iter()
        .map(|it| {
            let permits = permits.clone();
            tokio::spawn(accept(it, serving.clone(), connections.clone(), permits))
        })
        .collect();
    drop(serving);
    shutdown.await;
    for task in accepting {
        task.abort();
        // Its share of the connections goes with it.
        let _ = task.await;
    }
    drop(stop);
    let Some(connections) = Arc::into_inner(connections) else {
        return;
    };
    if tokio::time::timeout(DRAIN_TIMEOUT, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            limit_seconds = DRAIN_TIMEOUT.as_secs(),
            "some connections did not end in time"
        );
    }
}

async fn accept(
    listener: TcpListener,
    serving: Serving,
    connections: Arc<GracefulShutdown>,
    permits: Arc<Semaphore>,
) {
    // Fails only when the semaphore is closed, which it never is.
    while let Ok(permit) = permits.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = serving.clone().serve(stream, connections.watcher());
                tokio::spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "can't accept a connection");
                tokio::time::sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
}
