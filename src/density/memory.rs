//! One bound on the memory that all answers being read hold together.

use std::sync::Arc;

use crate::sync::{AtomicU64, Ordering};

/// Bytes that may be held, shared by everyone who reads answers.
#[derive(Debug)]
pub struct Memory {
    bound: AtomicU64,
    held: AtomicU64,
}

/// The bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Memory {
    /// A bound of `bytes`.
    pub fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            bound: AtomicU64::new(bytes),
            held: AtomicU64::new(0),
        })
    }

    /// Bytes that may be held at the most.
    pub fn bound(&self) -> u64 {
        self.bound.load(Ordering::Acquire)
    }

    /// Changes the bound. What is held above it stays; nothing more is held until there is room.
    pub fn set_bound(&self, bytes: u64) {
        self.bound.store(bytes, Ordering::Release);
    }

    /// Bytes that may still be held.
    pub fn left(&self) -> u64 {
        self.bound()
            .saturating_sub(self.held.load(Ordering::Acquire))
    }

    fn take(&self, bytes: u64) -> Result<(), TooLarge> {
        let bound = self.bound();
        self.held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
                held.checked_add(bytes).filter(|it| *it <= bound)
            })
            .map(|_| ())
            .map_err(|_| TooLarge)
    }

    fn give_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// What one answer holds of the bound. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: Arc<Memory>,
    taken: u64,
}

impl Share {
    /// Nothing yet.
    pub(super) fn new(memory: Arc<Memory>) -> Self {
        Self { memory, taken: 0 }
    }

    /// Says that the answer holds `bytes` now. When there are not as many left it holds what it held.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), TooLarge> {
        let bytes = bytes as u64;
        match bytes.checked_sub(self.taken) {
            Some(more) => self.memory.take(more)?,
            None => self.memory.give_back(self.taken.abs_diff(bytes)),
        }
        self.taken = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.give_back(self.taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_share_the_bound_and_give_back_what_they_held() {
        let memory = Memory::new(1000);
        let mut first = Share::new(memory.clone());
        first.hold(800).unwrap();
        let mut second = Share::new(memory.clone());
        assert_eq!(second.hold(300), Err(TooLarge));
        assert_eq!(memory.left(), 200);
        first.hold(500).unwrap();
        assert_eq!(second.hold(300), Ok(()));
        assert_eq!(memory.left(), 200);
        drop(first);
        assert_eq!(memory.left(), 700);
        drop(second);
        assert_eq!(memory.left(), 1000);
    }

    #[test]
    fn a_bound_that_shrinks_takes_nothing_away_and_lets_nothing_more_in() {
        let memory = Memory::new(1000);
        let mut first = Share::new(memory.clone());
        first.hold(800).unwrap();
        memory.set_bound(500);
        let mut second = Share::new(memory.clone());
        assert_eq!((second.hold(1), memory.left()), (Err(TooLarge), 0));
        drop(first);
        assert_eq!((second.hold(500), memory.left()), (Ok(()), 0));
        memory.set_bound(1000);
        assert_eq!(memory.left(), 500);
    }
}
