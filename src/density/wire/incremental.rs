//! What every decoder of an answer has in common: it is fed as the answer arrives.

use super::super::rejection::Rejections;

/// Decodes one answer as it arrives.
pub(in super::super) trait Decoder: Send + 'static {
    /// The decoded answer.
    type Output: Send + 'static;

    /// Appends bytes that have arrived, without decoding them.
    fn push(&mut self, bytes: &[u8]);

    /// How many bytes are buffered and not decoded.
    fn buffered(&self) -> usize;

    /// Bytes of heap that are in use, and that will be while `more` bytes are pushed.
    fn heap_size_with(&self, more: usize) -> usize;

    /// Decodes every entry that has arrived completely. This may take long.
    fn advance(&mut self) -> Result<(), DecodeError>;

    /// Decodes the rest of an answer that has arrived completely. This may take long.
    fn finish(self) -> Result<Self::Output, DecodeError>;
}

/// Bytes of heap that `buffer` uses while `more` bytes are appended: when it grows, both allocations exist.
pub(super) fn heap_size_with_more(buffer: &Vec<u8>, more: usize) -> usize {
    let needed = buffer.len().saturating_add(more);
    if needed <= buffer.capacity() {
        return buffer.capacity();
    }
    let larger = needed.max(buffer.capacity().saturating_mul(2));
    buffer.capacity().saturating_add(larger)
}

/// Why an answer can't be decoded as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct DecodeError(pub(in super::super) String);

/// The entries of an answer that could be decoded, and those that were rejected.
#[derive(Debug)]
pub(in super::super) struct Decoded<T> {
    pub(in super::super) entries: T,
    pub(in super::super) rejections: Rejections,
}
