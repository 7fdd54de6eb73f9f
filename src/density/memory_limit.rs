//! One limit on the memory that all answers being decoded use together.

use std::sync::Arc;

use crate::sync::{AtomicU64, Ordering};

/// A limit in bytes that all answers being decoded share.
#[derive(Debug)]
pub struct MemoryLimit {
    limit: AtomicU64,
    reserved: AtomicU64,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl MemoryLimit {
    /// A limit of `bytes`.
    pub fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            limit: AtomicU64::new(bytes),
            reserved: AtomicU64::new(0),
        })
    }

    /// The limit in bytes.
    pub fn bytes(&self) -> u64 {
        self.limit.load(Ordering::Acquire)
    }

    /// Changes the limit. Existing reservations above it stay; nothing more can be reserved until enough is
    /// released.
    pub fn set_bytes(&self, bytes: u64) {
        self.limit.store(bytes, Ordering::Release);
    }

    /// Bytes that can still be reserved.
    pub fn available(&self) -> u64 {
        self.bytes()
            .saturating_sub(self.reserved.load(Ordering::Acquire))
    }

    fn reserve(&self, bytes: u64) -> Result<(), TooLarge> {
        let limit = self.bytes();
        self.reserved
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |reserved| {
                reserved.checked_add(bytes).filter(|it| *it <= limit)
            })
            .map(|_| ())
            .map_err(|_| TooLarge)
    }

    fn release(&self, bytes: u64) {
        self.reserved.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// The part of the limit that one answer has reserved. It is released on drop.
#[derive(Debug)]
pub(super) struct MemoryReservation {
    limit: Arc<MemoryLimit>,
    bytes: u64,
}

impl MemoryReservation {
    /// An empty reservation.
    pub(super) fn new(limit: Arc<MemoryLimit>) -> Self {
        Self { limit, bytes: 0 }
    }

    /// Resizes the reservation to `bytes`. When the limit does not allow it, the reservation stays as it is.
    pub(super) fn resize(&mut self, bytes: usize) -> Result<(), TooLarge> {
        let bytes = bytes as u64;
        match bytes.checked_sub(self.bytes) {
            Some(more) => self.limit.reserve(more)?,
            None => self.limit.release(self.bytes.abs_diff(bytes)),
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for MemoryReservation {
    fn drop(&mut self) {
        self.limit.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_share_the_limit_and_release_what_they_reserved() {
        let limit = MemoryLimit::new(1000);
        let mut first = MemoryReservation::new(limit.clone());
        first.resize(800).unwrap();
        let mut second = MemoryReservation::new(limit.clone());
        assert_eq!(second.resize(300), Err(TooLarge));
        assert_eq!(limit.available(), 200);
        first.resize(500).unwrap();
        assert_eq!(second.resize(300), Ok(()));
        assert_eq!(limit.available(), 200);
        drop(first);
        assert_eq!(limit.available(), 700);
        drop(second);
        assert_eq!(limit.available(), 1000);
    }

    #[test]
    fn a_smaller_limit_keeps_reservations_and_allows_no_more() {
        let limit = MemoryLimit::new(1000);
        let mut first = MemoryReservation::new(limit.clone());
        first.resize(800).unwrap();
        limit.set_bytes(500);
        let mut second = MemoryReservation::new(limit.clone());
        assert_eq!((second.resize(1), limit.available()), (Err(TooLarge), 0));
        drop(first);
        assert_eq!((second.resize(500), limit.available()), (Ok(()), 0));
        limit.set_bytes(1000);
        assert_eq!(limit.available(), 500);
    }
}
