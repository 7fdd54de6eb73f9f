//! One bound on the memory that all answers being read hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapMut;

/// Bytes that may be held, shared by everyone who reads answers.
#[derive(Debug)]
pub struct Memory {
    left: AtomicU64,
}

/// The bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Memory {
    /// A bound of `bytes`.
    pub fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicU64::new(bytes),
        })
    }

    /// Bytes that nobody holds.
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Acquire)
    }

    fn take(&self, bytes: u64) -> Result<(), TooLarge> {
        self.left
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                left.checked_sub(bytes)
            })
            .map(|_| ())
            .map_err(|_| TooLarge)
    }

    fn give_back(&self, bytes: u64) {
        self.left.fetch_add(bytes, Ordering::AcqRel);
    }
}

/// An answer being read. What it holds is given back when it is dropped: to the bound and, because it
/// is mapped by itself, to the system. The heap would keep it, and with it what lies around it.
#[derive(Debug)]
pub(super) struct HeldAnswer {
    mapped: Option<MmapMut>,
    length: usize,
    memory: Arc<Memory>,
}

/// The first buffer's size; each after it is twice as large.
const FIRST: usize = 64 << 10;

impl HeldAnswer {
    /// An answer of which nothing has been read.
    pub(super) fn new(memory: Arc<Memory>) -> Self {
        Self {
            mapped: None,
            length: 0,
            memory,
        }
    }

    /// Makes room for an answer that announces `length` bytes. An answer may announce anything, and
    /// what one holds the others lack, so it is believed up to a mebibyte.
    pub(super) fn expect(&mut self, length: u64) {
        const BELIEVED: u64 = 1 << 20;
        if let Ok(length) = usize::try_from(length.min(BELIEVED)) {
            // Growing as bytes arrive does it too, in more steps.
            let _ = self.grow(length);
        }
    }

    /// Adds what has arrived.
    pub(super) fn extend(&mut self, more: &[u8]) -> Result<(), TooLarge> {
        let needed = self.length.checked_add(more.len()).ok_or(TooLarge)?;
        if needed > self.capacity() {
            let twice = self.capacity().saturating_mul(2).max(FIRST);
            self.grow(needed.max(twice))
                .or_else(|_| self.grow(needed))?;
        }
        if let Some(free) = self
            .mapped
            .as_deref_mut()
            .and_then(|it| it.get_mut(self.length..needed))
        {
            free.copy_from_slice(more);
            self.length = needed;
        }
        Ok(())
    }

    /// What has been read.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        let mapped = self.mapped.as_deref_mut();
        mapped
            .and_then(|it| it.get_mut(..self.length))
            .unwrap_or_default()
    }

    fn capacity(&self) -> usize {
        self.mapped.as_ref().map_or(0, |it| it.len())
    }

    /// While bytes are moved both the old and the new buffer are held, so both are taken.
    fn grow(&mut self, capacity: usize) -> Result<(), TooLarge> {
        if capacity <= self.capacity() {
            return Ok(());
        }
        self.memory.take(capacity as u64)?;
        let Ok(mut larger) = MmapMut::map_anon(capacity) else {
            self.memory.give_back(capacity as u64);
            return Err(TooLarge);
        };
        let read = self.bytes_mut();
        if let Some(start) = larger.get_mut(..read.len()) {
            start.copy_from_slice(read);
        }
        let old = self.mapped.replace(larger);
        self.memory.give_back(old.map_or(0, |it| it.len() as u64));
        Ok(())
    }
}

impl Drop for HeldAnswer {
    fn drop(&mut self) {
        let held = self.capacity() as u64;
        // Before it is given back: what others may take must be there.
        self.mapped = None;
        self.memory.give_back(held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_beyond_the_bound_fails_and_gives_everything_back() {
        let memory = Memory::new(1_000_000);
        let mut answer = HeldAnswer::new(memory.clone());
        answer.expect(1 << 40);
        let mut read = 0;
        while answer.extend(&[b'x'; 100]).is_ok() {
            read += 100;
        }
        // The old and the new buffer are held at once while growing.
        assert!((300_000..=1_000_000).contains(&read), "{read}");
        assert_eq!(answer.bytes_mut().len(), read);
        drop(answer);
        assert_eq!(memory.left(), 1_000_000);
    }

    #[test]
    fn what_is_announced_is_not_taken_from_the_others() {
        let memory = Memory::new(256 << 20);
        let mut answer = HeldAnswer::new(memory.clone());
        answer.expect(u64::MAX);
        assert_eq!(memory.left(), 255 << 20);
    }

    #[test]
    fn answers_share_the_bound() {
        let memory = Memory::new(1000);
        let mut first = HeldAnswer::new(memory.clone());
        first.expect(800);
        assert_eq!(memory.left(), 200);
        let mut second = HeldAnswer::new(memory.clone());
        assert_eq!(second.extend(&[0; 300]), Err(TooLarge));
        drop(first);
        assert_eq!(second.extend(&[0; 300]), Ok(()));
    }
}
