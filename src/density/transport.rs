//! What the client needs from the network: sending one request and receiving its answer as it arrives.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;

use super::Code;

/// The bytes of an answer as they arrive.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Sends requests. An implementation must not follow redirects, retry, or have a timeout.
pub trait Transport: Send + Sync {
    /// Sends `request`; the answer is ready when its head has arrived.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<BodyStream>, TransportError>>;
}

/// A request or its answer did not get through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made.
    #[error("can't connect: {0}")]
    Connect(String),
    /// The host's name could not be resolved.
    #[error("can't resolve the host's name: {0}")]
    Dns(String),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}; check api_url, ca_file and the machine's clock")]
    Tls(String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Reset(String),
    /// The answer is no HTTP, or its body is not encoded as it says.
    #[error("the answer's encoding is broken: {0}")]
    Encoding(String),
    /// The request can't be made at all. Nothing was sent.
    #[error("the request can't be made: {0}")]
    Request(String),
}

impl TransportError {
    /// Whether it may go away within seconds.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            TransportError::Connect(_) | TransportError::Dns(_) | TransportError::Reset(_)
        )
    }

    /// The code that such a failed request is counted under; none when no request was sent.
    pub fn code(&self) -> Option<Code> {
        Some(match self {
            TransportError::Connect(_) => Code::Connect,
            TransportError::Dns(_) => Code::Dns,
            TransportError::Tls(_) => Code::Tls,
            TransportError::Reset(_) => Code::Reset,
            TransportError::Encoding(_) => Code::Decode,
            TransportError::Request(_) => return None,
        })
    }
}
