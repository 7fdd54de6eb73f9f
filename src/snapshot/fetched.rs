//! Data of one collector with its version and age.

use std::sync::Arc;

use crate::clock::Instant;

/// Data with the time at which it was requested.
#[derive(Debug)]
pub struct Fetched<T> {
    /// The data.
    pub data: Arc<T>,
    /// Changes when the data does: equal versions of one organization's collector are equal data.
    pub version: u64,
    /// When the refresh that fetched it started: the data is at least as new as that.
    pub requested_at: Instant,
}

// Not derived: the data is shared, so it need not be cloneable itself.
impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            version: self.version,
            requested_at: self.requested_at,
        }
    }
}
