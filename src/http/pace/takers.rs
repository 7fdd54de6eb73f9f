//! The large answers that clients are taking: how many there may be.
//!
//! A scrape's slot is free when its page is ready, so slots do not limit these. But each of them holds
//! what the page is made of, which may have been replaced long ago, and what it is decompressed with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Pace;

/// So many are taken at once. No one who takes a page in a second or two comes near it.
const MOST: usize = 100;

/// The large answers that are being taken; clones share them.
#[derive(Clone, Debug)]
pub(in crate::http) struct Takers(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    most: usize,
    next: u64,
    taking: Vec<(u64, Pace)>,
}

impl Default for Takers {
    fn default() -> Self {
        Self::at_most(MOST)
    }
}

impl Takers {
    pub(super) fn at_most(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            most,
            next: 0,
            taking: Vec::new(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more answer is taken on the connection of `pace`. When it is one too many, the connection is
    /// cut that has taken nothing for the longest.
    pub(super) fn begin(&self, pace: &Pace) -> Taking {
        let mut inner = self.inner();
        if inner.taking.len() >= inner.most {
            let slowest = inner.taking.iter().enumerate();
            let slowest = slowest.min_by_key(|(_, (_, pace))| pace.last_took());
            if let Some((place, _)) = slowest {
                inner.taking.swap_remove(place).1.cut();
                tracing::debug!("too many answers are taken slowly; one of them is cut off");
            }
        }
        let number = inner.next;
        inner.next = inner.next.wrapping_add(1);
        inner.taking.push((number, pace.clone()));
        drop(inner);
        pace.takes(number);
        Taking {
            takers: self.clone(),
            pace: pace.clone(),
            number,
        }
    }
}

/// A large answer that is being taken until this is dropped.
#[derive(Debug)]
pub(super) struct Taking {
    takers: Takers,
    pace: Pace,
    number: u64,
}

impl Taking {
    /// There was room for more of it.
    pub(super) fn goes_on(&self) {
        self.pace.took();
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        let number = self.number;
        self.takers.inner().taking.retain(|(it, _)| *it != number);
        self.pace.taken(number);
    }
}
