//! A text buffer made for appending many short strings fast, and for being reused.

use std::io;

/// The longest copy of a fixed length. Such a copy is a few instructions, while one of any length is a call,
/// which for strings as short as labels costs more than the copying.
const WIDTH: usize = 192;

/// A buffer of text that keeps its memory, and the bytes in it, when it is cleared.
#[derive(Clone, Debug, Default)]
pub struct TextBuffer {
    /// Longer than the text: bytes after it are unused.
    bytes: Vec<u8>,
    length: usize,
}

/// Reserved space at the end of a buffer. It is a type of its own, so that the position of the next write
/// stays in a register.
#[derive(Debug)]
pub(super) struct SpareCapacity<'b> {
    bytes: &'b mut [u8],
    length: usize,
}

/// A text followed by at least [`WIDTH`] other bytes, which may be copied along with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Padded<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl<'a> Padded<'a> {
    /// The first `length` of `bytes`. When too few bytes follow them, copying takes longer.
    pub(super) const fn new(bytes: &'a [u8], length: usize) -> Self {
        Self { bytes, length }
    }

    /// The text.
    pub(super) fn text(self) -> &'a [u8] {
        self.bytes.get(..self.length).unwrap_or(self.bytes)
    }

    /// Its length in bytes.
    pub(super) const fn len(self) -> usize {
        self.length
    }

    /// The text without its first `count` bytes.
    pub(super) fn skip(self, count: usize) -> Self {
        Self {
            bytes: self.bytes.get(count..).unwrap_or_default(),
            length: self.length.saturating_sub(count),
        }
    }
}

/// An owned text that can be copied fast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PaddedText {
    bytes: Vec<u8>,
    length: usize,
}

impl PaddedText {
    /// `text`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A length of what is in memory, and a width."
    )]
    pub(super) fn new(mut text: Vec<u8>) -> Self {
        let length = text.len();
        text.resize(length + WIDTH, 0);
        Self {
            bytes: text,
            length,
        }
    }

    /// The text, for copying.
    pub(super) fn padded(&self) -> Padded<'_> {
        Padded::new(&self.bytes, self.length)
    }
}

impl TextBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty buffer with space for `bytes` of text.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: vec![0; bytes.saturating_add(WIDTH)],
            length: 0,
        }
    }

    /// The text.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Removes the text and keeps the memory.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Removes what follows the first `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// The text with its memory.
    pub fn into_vec(mut self) -> Vec<u8> {
        self.bytes.truncate(self.length);
        self.bytes
    }

    /// Appends `text`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn push(&mut self, text: &[u8]) {
        self.reserve(text.len());
        let end = self.length + text.len();
        if let Some(free) = self.bytes.get_mut(self.length..end) {
            free.copy_from_slice(text);
            self.length = end;
        }
    }

    /// Reserves space for `more` bytes and the [`WIDTH`] after them that copying may overwrite.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    fn reserve(&mut self, more: usize) {
        let needed = self.length + more + WIDTH;
        if needed > self.bytes.len() {
            self.grow(needed);
        }
    }

    #[cold]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    fn grow(&mut self, needed: usize) {
        self.bytes.resize(needed.max(self.bytes.len() * 2), 0);
    }

    /// Appends what `write` writes, which must be at most `max` bytes; the rest is left out.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub(super) fn append(&mut self, max: usize, write: impl FnOnce(&mut SpareCapacity<'_>)) {
        self.reserve(max);
        let mut spare = SpareCapacity {
            bytes: self.bytes.get_mut(self.length..).unwrap_or_default(),
            length: 0,
        };
        write(&mut spare);
        let written = spare.length.min(spare.bytes.len());
        self.length += written;
    }
}

impl SpareCapacity<'_> {
    /// Writes `text`.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub(super) fn push(&mut self, text: Padded<'_>) {
        let to = self.bytes.get_mut(self.length..).unwrap_or_default();
        // Few lengths, because a mispredicted branch costs more than copying a few bytes too many.
        let copied = match text.length {
            0..=32 => copy::<32>(text.bytes, to),
            33..=64 => copy::<64>(text.bytes, to),
            65..=128 => copy::<128>(text.bytes, to),
            129..=WIDTH => copy::<WIDTH>(text.bytes, to),
            _ => None,
        };
        if copied.is_none() {
            copy_any(text, to);
        }
        self.length += text.length;
    }

    /// Writes `text`, which is short and need not be padded.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub(super) fn push_short(&mut self, text: &[u8]) {
        let to = self.bytes.get_mut(self.length..).unwrap_or_default();
        if let Some(to) = to.get_mut(..text.len()) {
            let copied = match text.len() {
                4..=7 => copy_ends::<4>(text, to),
                8..=16 => copy_ends::<8>(text, to),
                _ => None,
            };
            if copied.is_none() {
                to.copy_from_slice(text);
            }
        }
        self.length += text.len();
    }
}

/// Copies a text of `END` to twice as many bytes to a slice of the same length: its beginning and its end,
/// which may overlap.
#[inline(always)]
fn copy_ends<const END: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
    *to.first_chunk_mut::<END>()? = *from.first_chunk::<END>()?;
    *to.last_chunk_mut::<END>()? = *from.last_chunk::<END>()?;
    Some(())
}

/// Copies a text that is long or not padded enough.
#[cold]
fn copy_any(text: Padded<'_>, to: &mut [u8]) {
    if let (Some(from), Some(to)) = (text.bytes.get(..text.length), to.get_mut(..text.length)) {
        to.copy_from_slice(from);
    }
}

/// Copies `WIDE` bytes if there are as many.
#[inline(always)]
fn copy<const WIDE: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
    *to.first_chunk_mut::<WIDE>()? = *from.first_chunk::<WIDE>()?;
    Some(())
}

impl io::Write for TextBuffer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.push(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let of = |most| prop::collection::vec(any::<u8>(), 0..most);
        prop_oneof![of(20), of(300)]
    }

    proptest! {
        /// However strings are appended, the text is all of them.
        #[test]
        fn the_text_is_all_of_its_pieces(
            pieces in prop::collection::vec((piece(), 0..4usize), 0..20),
            reused in 0..500usize,
        ) {
            let mut buffer = TextBuffer::new();
            buffer.push(&vec![b'x'; reused]);
            buffer.clear();
            let mut expected = Vec::new();
            for (piece, way) in &pieces {
                expected.extend_from_slice(piece);
                match way {
                    0 => buffer.push(piece),
                    1 => buffer.append(piece.len(), |spare| {
                        spare.push(PaddedText::new(piece.clone()).padded());
                    }),
                    2 => buffer.append(piece.len(), |spare| spare.push_short(piece)),
                    // Without padding.
                    _ => buffer.append(piece.len(), |spare| spare.push(Padded::new(piece, piece.len()))),
                }
                prop_assert_eq!(buffer.as_slice(), &expected);
            }
            prop_assert_eq!(buffer.into_vec(), expected);
        }
    }
}
