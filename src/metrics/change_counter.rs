//! Detects whether any metric has changed since it was read.

use crate::sync::{AtomicU64, Ordering};

/// A counter of changes to other metrics. A reader that takes its value before reading them and finds the
/// same value later has read their current values.
#[derive(Debug, Default)]
pub(super) struct ChangeCounter(AtomicU64);

impl ChangeCounter {
    /// Must be called after a change, so that a reader that sees the new value sees the change.
    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// How many changes there were.
    pub(super) fn value(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}
