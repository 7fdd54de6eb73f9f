//! The transport over the network: HTTPS, and plain HTTP where the configuration allows it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use url::Url;

use super::transport::{BodyStream, Transport, TransportError};

/// Sends requests over pooled connections.
#[derive(Clone, Debug)]
pub struct HttpsTransport(reqwest::Client);

/// The transport can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum HttpsError {
    /// The file of certificate authorities can't be read.
    #[error("can't read ca_file {}: {reason}", .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The proxy's URL can't be used.
    #[error("can't use proxy_url: {0}")]
    Proxy(String),
    /// The system's certificate authorities or the TLS library can't be used.
    #[error("can't set up TLS: {0}")]
    Tls(String),
}

/// Which proxy requests go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyMode<'a> {
    /// The one that `HTTPS_PROXY` and similar variables name.
    Environment,
    /// None, whatever the environment says: for this machine, which a proxy can't reach.
    Direct,
    /// This proxy.
    Proxy(&'a Url),
}

/// A running exporter whose health is checked, without a proxy.
#[derive(Debug, Default)]
pub struct Peer {
    /// Its certificate is not verified, because it is on this machine.
    pub is_trusted: bool,
    /// The client certificate and its key, as PEM.
    pub identity: Option<Vec<u8>>,
}

impl HttpsTransport {
    /// A transport to a running exporter, for a health check.
    ///
    /// # Errors
    /// When the identity or the system's TLS setup can't be used.
    pub fn to_peer(peer: &Peer) -> Result<Self, HttpsError> {
        let tls = |error: reqwest::Error| HttpsError::Tls(innermost(&error));
        let mut builder = builder()
            .no_proxy()
            // With HTTP/2 the library says less of why a server ends a handshake.
            .http1_only()
            .tls_danger_accept_invalid_certs(peer.is_trusted);
        if let Some(pem) = &peer.identity {
            builder = builder.identity(reqwest::Identity::from_pem(pem).map_err(tls)?);
        }
        builder.build().map(Self).map_err(tls)
    }

    /// A transport that trusts the system's certificate authorities and those of `ca_file`, and uses
    /// `proxy_mode`.
    ///
    /// # Errors
    /// When `ca_file`, the proxy's URL or the system's TLS setup can't be used.
    pub fn new(ca_file: Option<&Path>, proxy_mode: ProxyMode<'_>) -> Result<Self, HttpsError> {
        let mut builder = builder();
        if let Some(path) = ca_file {
            let unreadable = |reason: String| HttpsError::CaFile {
                path: path.to_owned(),
                reason,
            };
            let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|error| unreadable(innermost(&error)))?;
            builder = builder.tls_certs_merge(certificates);
        }
        match proxy_mode {
            ProxyMode::Environment => {}
            ProxyMode::Direct => builder = builder.no_proxy(),
            ProxyMode::Proxy(url) => {
                let proxy = reqwest::Proxy::all(url.clone())
                    .map_err(|error| HttpsError::Proxy(innermost(&error)))?;
                builder = builder.proxy(proxy);
            }
        }
        builder
            .build()
            .map(Self)
            .map_err(|error| HttpsError::Tls(innermost(&error)))
    }
}

fn builder() -> reqwest::ClientBuilder {
    // Fails only when a provider is installed already, which is then used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("density-exporter/", env!("CARGO_PKG_VERSION")))
        // Credentials stay with the configured host; a redirect is an error with that in it.
        .redirect(reqwest::redirect::Policy::none())
        // Retrying is the client's, within the budget.
        .retry(reqwest::retry::never())
}

impl Transport for HttpsTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<BodyStream>, TransportError>> {
        async move {
            let request = reqwest::Request::try_from(request)
                .map_err(|error| TransportError::Request(innermost(&error)))?;
            let answer = self.0.execute(request).await.map_err(|it| classify(&it))?;
            let answer: http::Response<reqwest::Body> = answer.into();
            let (head, body) = answer.into_parts();
            let body = http_body_util::BodyDataStream::new(body);
            let body: BodyStream = Box::pin(body.map(|it| it.map_err(|error| classify(&error))));
            Ok(http::Response::from_parts(head, body))
        }
        .boxed()
    }
}

/// What the library's error means. The library nests errors; the innermost says what happened.
fn classify(error: &reqwest::Error) -> TransportError {
    let reason = innermost(error);
    // Of the body: its chunks, or what it is compressed with. Of the head: whatever makes it no HTTP.
    let is_encoding = |it: &(dyn std::error::Error + 'static)| {
        use std::io::ErrorKind::{InvalidData, InvalidInput};
        let kind = it.downcast_ref().map(std::io::Error::kind);
        kind.is_some_and(|it| matches!(it, InvalidData | InvalidInput))
            || it.downcast_ref().is_some_and(hyper::Error::is_parse)
    };
    if causes(error).any(|it| it.is::<rustls::Error>()) {
        TransportError::Tls(reason)
    } else if error.is_builder() {
        TransportError::Request(reason)
    } else if error.is_connect() {
        // The library's own type for it is private.
        if causes(error).any(|it| it.to_string().contains("dns error")) {
            TransportError::Dns(reason)
        } else {
            TransportError::Connect(reason)
        }
    } else if causes(error).any(is_encoding) {
        TransportError::Encoding(reason)
    } else {
        TransportError::Reset(reason)
    }
}

/// An error and what caused it, the innermost last.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        // An I/O error hides what it wraps from `source`.
        match error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
        {
            Some(wrapped) => Some(wrapped as &(dyn std::error::Error + 'static)),
            None => error.source(),
        }
    })
}

/// The words of the innermost cause: the outer ones repeat the URL.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}
