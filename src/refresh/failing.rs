//! The ongoing failure of a collector.

use std::mem::Discriminant;
use std::sync::Arc;

use crate::clock::Instant;
use crate::density::ErrorKind;

/// Since when a collector has been failing, and the error of its last refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// When the first of these failures was recorded.
    pub since: Instant,
    /// The text of the last error, which contains nothing of an answer and no secret.
    pub error: Arc<str>,
    /// The kind of the error that was logged last.
    pub(super) logged: Discriminant<ErrorKind>,
}
