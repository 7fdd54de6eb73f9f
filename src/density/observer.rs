//! The interface through which the client reports what it does.

use std::time::{Duration, SystemTime};

use super::{Code, Endpoint, RejectionReason};

/// Receives what one organization's client does, as it happens. Must not block.
pub trait Observer: Send + Sync {
    /// A request was sent and ended with `code` after `duration`, including the time to decode its answer.
    fn request_ended(&self, endpoint: Endpoint, code: Code, duration: Duration);

    /// A request that failed is sent again.
    fn retried(&self, endpoint: Endpoint);

    /// `count` entries of an answer were dropped for `reason`.
    fn entries_rejected(&self, endpoint: Endpoint, reason: RejectionReason, count: u64);

    /// A new OAuth token was issued, which expires at `expiry`, when the API says so.
    fn token_issued(&self, expiry: Option<SystemTime>);
}
