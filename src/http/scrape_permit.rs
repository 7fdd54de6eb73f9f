//! Leave to have one scrape in flight.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

/// A permit that is released with its last clone, or taken away before.
///
/// It is also an extension of the response, by which the connection that sends it knows the permit.
#[derive(Clone, Debug)]
pub(super) struct ScrapePermit(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl ScrapePermit {
    pub(super) fn new(permit: OwnedSemaphorePermit) -> Self {
        Self(Arc::new(Mutex::new(Some(permit))))
    }

    /// Takes the permit away, for another scrape.
    pub(super) fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.permit().take()
    }

    /// Whether it was not taken away.
    pub(super) fn is_held(&self) -> bool {
        self.permit().is_some()
    }

    fn permit(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
