//! The transport over the network: HTTPS, and plain HTTP where the configuration allows it.

use std::error::Error as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use url::Url;

use super::transport::{BodyStream, Transport, TransportError};

/// Sends requests with connections that are kept and shared.
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

impl HttpsTransport {
    /// A transport that trusts the system's certificate authorities and those of `ca_file`, and goes
    /// through `proxy_url`, else through what `HTTPS_PROXY` and its like say.
    ///
    /// # Errors
    /// When `ca_file`, `proxy_url` or the system's TLS setup can't be used.
    pub fn new(ca_file: Option<&Path>, proxy_url: Option<&Url>) -> Result<Self, HttpsError> {
        // Fails only when one is installed already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("density-exporter/", env!("CARGO_PKG_VERSION")))
            // Credentials stay with the configured host; a redirect is an error with that in it.
            .redirect(reqwest::redirect::Policy::none())
            // Retrying is the client's, within the budget.
            .retry(reqwest::retry::never());
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
        if let Some(url) = proxy_url {
            let proxy = reqwest::Proxy::all(url.clone())
                .map_err(|error| HttpsError::Proxy(innermost(&error)))?;
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map(Self)
            .map_err(|error| HttpsError::Tls(innermost(&error)))
    }
}

impl Transport for HttpsTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<BodyStream>, TransportError>> {
        async move {
            let request = reqwest::Request::try_from(request)
                .map_err(|error| TransportError::Request(innermost(&error)))?;
            let answer = self.0.execute(request).await.map_err(|it| meaning(&it))?;
            let answer: http::Response<reqwest::Body> = answer.into();
            let (head, body) = answer.into_parts();
            let body = http_body_util::BodyDataStream::new(body);
            let body: BodyStream = Box::pin(body.map(|it| it.map_err(|error| meaning(&error))));
            Ok(http::Response::from_parts(head, body))
        }
        .boxed()
    }
}

/// What the library's error means. The library nests errors; the innermost says what happened.
fn meaning(error: &reqwest::Error) -> TransportError {
    let reason = innermost(error);
    let mut in_tls = false;
    let mut kind = None;
    let mut at: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(cause) = at {
        in_tls |= cause.is::<rustls::Error>();
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            kind = Some(io.kind());
            // An I/O error hides what it wraps from `source`.
            in_tls |= io.get_ref().is_some_and(|it| it.is::<rustls::Error>());
        }
        if error.is_connect() && cause.to_string().contains("dns error") {
            return TransportError::Dns(reason);
        }
        at = cause.source();
    }
    if in_tls {
        TransportError::Tls(reason)
    } else if error.is_builder() {
        TransportError::Request(reason)
    } else if error.is_connect() {
        TransportError::Connect(reason)
    } else if error.is_decode()
        && matches!(
            kind,
            Some(std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput)
        )
    {
        TransportError::Encoding(reason)
    } else {
        TransportError::Reset(reason)
    }
}

/// The words of the innermost cause: the outer ones repeat the URL.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(cause) = at.source() {
        at = cause;
    }
    at.to_string()
}
