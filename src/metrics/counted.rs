//! Whether anything was counted since.

use crate::sync::{AtomicU64, Ordering};

/// Rises with whatever is counted. Whoever looks at it before reading what was counted, and finds the
/// same later, has read what there is.
#[derive(Debug, Default)]
pub(super) struct Counted(AtomicU64);

impl Counted {
    /// To be called after something was counted, so that whoever sees it rise sees what was counted.
    pub(super) fn rise(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// How often it has risen.
    pub(super) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}
