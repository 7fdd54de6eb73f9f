//! The large responses that are being sent: how many there may be, and which of them stalls.
//!
//! Each of them holds what its page is made of, which may have been replaced long ago, and what it is
//! decompressed with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::guard::SlowClientGuard;
use crate::http::scrape_permit::ScrapePermit;

/// So many are sent at once. Clients that take a page in a second or two don't come near it.
const MOST: usize = 100;
/// A client that has taken nothing for so long stalls: one on a slow line takes something more often.
const STALLED_AFTER: Duration = Duration::from_millis(250);

/// The large responses that are being sent; clones share them.
#[derive(Clone, Debug)]
pub(in crate::http) struct LargeResponses(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    most: usize,
    next_number: u64,
    in_flight: Vec<InFlight>,
}

#[derive(Debug)]
struct InFlight {
    number: u64,
    guard: SlowClientGuard,
    /// Of a scrape.
    permit: Option<ScrapePermit>,
}

impl Default for LargeResponses {
    fn default() -> Self {
        Self::at_most(MOST)
    }
}

impl LargeResponses {
    pub(super) fn at_most(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            most,
            next_number: 0,
            in_flight: Vec::new(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more response is sent on the connection of `guard`. When it is one too many, the connection is
    /// closed that has taken nothing for the longest.
    pub(super) fn begin(
        &self,
        guard: &SlowClientGuard,
        permit: Option<ScrapePermit>,
    ) -> LargeResponse {
        let mut inner = self.inner();
        if inner.in_flight.len() >= inner.most {
            inner.disconnect_slowest();
        }
        let number = inner.next_number;
        inner.next_number = inner.next_number.wrapping_add(1);
        inner.in_flight.push(InFlight {
            number,
            guard: guard.clone(),
            permit,
        });
        drop(inner);
        guard.large_response_began(number);
        LargeResponse {
            all: self.clone(),
            guard: guard.clone(),
            number,
        }
    }

    /// The permit of the scrape whose client has taken nothing for the longest, if that is long enough. Its
    /// response goes on being sent without one.
    pub(in crate::http) fn take_stalled_permit(&self) -> Option<OwnedSemaphorePermit> {
        let inner = self.inner();
        let scrapes = inner.in_flight.iter().filter_map(|it| {
            let permit = it.permit.as_ref().filter(|it| it.is_held())?;
            Some((it.guard.last_write(), permit))
        });
        let (last_write, permit) = scrapes.min_by_key(|it| it.0)?;
        if last_write.elapsed() < STALLED_AFTER {
            return None;
        }
        permit.take()
    }
}

impl Inner {
    fn disconnect_slowest(&mut self) {
        let all = self.in_flight.iter().enumerate();
        let slowest = all.min_by_key(|(_, it)| it.guard.last_write());
        if let Some((place, _)) = slowest {
            self.in_flight.swap_remove(place).guard.abort();
            tracing::debug!(
                "too many responses are sent to slow clients; one of them is disconnected"
            );
        }
    }
}

/// A large response that is being sent until this is dropped.
#[derive(Debug)]
pub(super) struct LargeResponse {
    all: LargeResponses,
    guard: SlowClientGuard,
    number: u64,
}

impl LargeResponse {
    /// There was room for more of it.
    pub(super) fn progressed(&self) {
        self.guard.response_progressed();
    }
}

impl Drop for LargeResponse {
    fn drop(&mut self) {
        let number = self.number;
        self.all.inner().in_flight.retain(|it| it.number != number);
        self.guard.large_response_ended(number);
    }
}
