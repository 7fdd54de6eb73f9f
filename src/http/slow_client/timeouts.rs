//! How long a client may take.

use std::time::Duration;

/// How long a client may take, for each thing that it does.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Timeouts {
    /// For the TLS handshake.
    pub(in crate::http) handshake: Duration,
    /// From the first byte of a request to the end of its headers.
    pub(in crate::http) header_read: Duration,
    /// Without a request.
    pub(in crate::http) idle: Duration,
    /// Without taking a byte of a response.
    pub(in crate::http) write: Duration,
    /// For the whole of a response: a client that takes longer gets a page that nobody waits for any
    /// more, of data that was replaced and stays in memory for this client alone.
    pub(in crate::http) response: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            header_read: Duration::from_secs(10),
            idle: Duration::from_secs(150),
            write: Duration::from_secs(60),
            response: Duration::from_secs(120),
        }
    }
}
