//! Where every receiver's notifications arrive, in this process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpListener;

/// One notification, as Alertmanager sends it to a webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub receiver: String,
    pub status: Status,
    pub alerts: Vec<Alert>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Firing,
    Resolved,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Alert {
    pub status: Status,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

impl Alert {
    pub fn name(&self) -> &str {
        self.label("alertname")
    }

    /// The value of a label, empty without it, as Prometheus has it.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

impl Notification {
    /// The alerts of one name that are told to be over.
    pub fn resolved<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Alert> {
        let over = |it: &&Alert| it.status == Status::Resolved;
        self.alerts
            .iter()
            .filter(over)
            .filter(move |it| it.name() == name)
    }

    /// Who is told what, on one line: `pager firing: FloorOffline`, or with numbers where alerts of
    /// one name are told together. What has resolved among alerts that still fire is marked.
    pub fn line(&self) -> String {
        let mut counts = BTreeMap::<_, usize>::new();
        for alert in &self.alerts {
            let name = alert.name().trim_start_matches("Density");
            *counts.entry((alert.status, name)).or_default() += 1;
        }
        let all: Vec<String> = counts
            .into_iter()
            .map(|((status, name), count)| {
                let number = match count {
                    1 => String::new(),
                    more => format!("{more} "),
                };
                let mark = if status == self.status {
                    ""
                } else {
                    " resolved"
                };
                format!("{number}{name}{mark}")
            })
            .collect();
        let status = match self.status {
            Status::Firing => "firing",
            Status::Resolved => "resolved",
        };
        format!("{} {status}: {}", self.receiver, all.join(", "))
    }
}

/// A server that keeps what it is sent, in order.
pub struct Webhook {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Notification>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Webhook {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::default();
        runtime.spawn(serve(listener, Arc::clone(&received)));
        Self {
            address,
            received,
            _runtime: runtime,
        }
    }

    pub fn received(&self) -> Vec<Notification> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, received: Arc<Mutex<Vec<Notification>>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let received = Arc::clone(&received);
        let service = service_fn(move |request| keep(request, Arc::clone(&received)));
        // A connection that ends with Alertmanager is no failure.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn keep(
    request: Request<Incoming>,
    received: Arc<Mutex<Vec<Notification>>>,
) -> Result<Response<Empty<Bytes>>, hyper::Error> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let notification: Notification = serde_json::from_slice(&body).unwrap();
    assert!(path.starts_with(&format!("/{}/", notification.receiver)));
    received.lock().unwrap().push(notification);
    Ok(Response::new(Empty::new()))
}
