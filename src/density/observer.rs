//! What the client tells whoever counts.

use std::time::{Duration, SystemTime};

use super::{Code, Endpoint, Reason};

/// Is told what one organization's client does, as it happens. Must not block.
pub trait Observer: Send + Sync {
    /// A request was sent and ended with `code` after `duration`, its answer read.
    fn request_ended(&self, endpoint: Endpoint, code: Code, duration: Duration);

    /// A request that failed is sent again.
    fn retried(&self, endpoint: Endpoint);

    /// `count` entries of an answer were dropped for `reason`.
    fn entries_rejected(&self, endpoint: Endpoint, reason: Reason, count: u64);

    /// A new OAuth token was issued, which ends at `expiry`, where the API says when.
    fn token_issued(&self, expiry: Option<SystemTime>);
}
