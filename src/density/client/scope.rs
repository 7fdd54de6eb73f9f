//! What a refresh requests, and the time that it has.

use crate::clock::Instant;
use crate::snapshot::SharedStr;

/// The time that a refresh has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it started.
    pub started_at: Instant,
    /// Nothing is sent or waited for after this.
    pub deadline: Instant,
}

/// What is requested.
#[derive(Clone, Debug)]
pub enum Scope {
    /// The whole portfolio in one call.
    Everything,
    /// These spaces, in batches.
    Spaces {
        /// The ids, each once.
        ids: Vec<SharedStr>,
        /// How many per call; at least 1.
        batch_size: usize,
    },
}
