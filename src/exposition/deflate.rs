//! Deflate in pieces that can be concatenated in any order.

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// The checksum and length of bytes before compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    /// Their CRC-32.
    pub crc: u32,
    /// How many bytes there are.
    pub length: u64,
}

impl Checksum {
    /// The checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            crc: crc32fast::hash(bytes),
            length: bytes.len() as u64,
        }
    }

    /// The checksum of the bytes of `self` followed by those of `next`.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self {
            // Takes a microsecond; crc32fast takes ten times as long.
            crc: zlib_rs::crc32::crc32_combine(self.crc, next.crc, next.length),
            length: self.length.wrapping_add(next.length),
        }
    }
}

/// A checksum prepared for being combined with others, which then takes a few nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CombinableChecksum {
    checksum: Checksum,
    /// The precomputed effect of appending this many bytes on the CRC of those before.
    shift: u32,
}

impl CombinableChecksum {
    /// Prepares `checksum`.
    pub fn new(checksum: Checksum) -> Self {
        Self {
            checksum,
            shift: zlib_rs::crc32::crc32_combine_gen(checksum.length),
        }
    }

    /// The checksum itself.
    pub const fn checksum(self) -> Checksum {
        self.checksum
    }

    /// The checksum of the bytes of `before` followed by those of `self`.
    #[must_use]
    pub fn after(self, before: Checksum) -> Checksum {
        let Checksum { crc, length } = self.checksum;
        Checksum {
            crc: zlib_rs::crc32::crc32_combine_op(before.crc, crc, self.shift),
            length: before.length.wrapping_add(length),
        }
    }
}

/// Deflate blocks that end on a byte boundary and refer to nothing outside themselves, so that pieces in any
/// order make one stream.
#[derive(Clone, Debug, Default)]
pub struct Deflated {
    /// The blocks; none of them is marked as the last of a stream.
    pub blocks: Bytes,
    /// The checksum of the bytes that they inflate to.
    pub checksum: Checksum,
}

/// Compresses one piece after another and keeps its tables between them.
#[derive(Debug)]
pub struct Deflater {
    compress: Compress,
}

impl Default for Deflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Deflater {
    /// Compresses at level 1: most scrapes come over a local network, and level 6 costs more than four times
    /// as much.
    pub fn new() -> Self {
        Self {
            compress: Compress::new(Compression::fast(), false),
        }
    }

    /// Compresses `bytes` to a piece that others may follow.
    pub fn compress(&mut self, bytes: &[u8]) -> Deflated {
        let mut blocks = Vec::new();
        let checksum = self.append(bytes, &mut blocks);
        Deflated {
            blocks: blocks.into(),
            checksum,
        }
    }

    /// Appends the blocks of a piece that others may follow.
    pub fn append(&mut self, bytes: &[u8], blocks: &mut Vec<u8>) -> Checksum {
        self.run(bytes, blocks, FlushCompress::Full);
        Checksum::of(bytes)
    }

    /// Appends the last blocks of a stream.
    pub fn append_last(&mut self, bytes: &[u8], blocks: &mut Vec<u8>) -> Checksum {
        self.run(bytes, blocks, FlushCompress::Finish);
        Checksum::of(bytes)
    }

    #[allow(
        clippy::expect_used,
        reason = "deflate of bytes in memory fails only when it is called after its stream ended, \
                  and every call here starts with a reset"
    )]
    fn run(&mut self, mut bytes: &[u8], blocks: &mut Vec<u8>, flush: FlushCompress) {
        self.compress.reset();
        loop {
            blocks.reserve(1024);
            let before = self.compress.total_in();
            let status = self
                .compress
                .compress_vec(bytes, blocks, flush)
                .expect("deflate of bytes in memory");
            let read = usize::try_from(self.compress.total_in().saturating_sub(before))
                .unwrap_or(usize::MAX);
            bytes = bytes.get(read..).unwrap_or_default();
            // Spare capacity after a call means that there was nothing more to write.
            let has_spare = blocks.len() < blocks.capacity();
            if status == Status::StreamEnd || (bytes.is_empty() && has_spare) {
                return;
            }
        }
    }
}

/// Inflates a piece some bytes at a time, so that a large piece is never in memory as a whole.
#[derive(Debug)]
pub struct Inflater {
    piece: Deflated,
    decompress: Decompress,
}

/// How many bytes are inflated at a time.
const INFLATE_STEP: usize = 64 << 10;

impl Inflater {
    /// Starts with the first byte of `piece`.
    pub fn new(piece: Deflated) -> Self {
        Self {
            piece,
            decompress: Decompress::new(false),
        }
    }

    /// The next bytes; none at the end.
    fn step(&mut self) -> Result<Option<Bytes>, flate2::DecompressError> {
        let read = self.decompress.total_in();
        let rest = usize::try_from(read)
            .ok()
            .and_then(|it| self.piece.blocks.get(it..));
        let rest = rest.unwrap_or_default();
        let left = self
            .piece
            .checksum
            .length
            .saturating_sub(self.decompress.total_out());
        if left == 0 {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(
            usize::try_from(left)
                .unwrap_or(INFLATE_STEP)
                .min(INFLATE_STEP),
        );
        self.decompress
            .decompress_vec(rest, &mut bytes, FlushDecompress::Sync)?;
        // Blocks that end too early would yield empty bytes for ever.
        Ok(Some(Bytes::from(bytes)).filter(|it| !it.is_empty()))
    }
}

impl Iterator for Inflater {
    type Item = Result<Bytes, flate2::DecompressError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn checksums_of_parts_make_that_of_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..300usize) {
            let (one, two) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(Checksum::of(one).then(Checksum::of(two)), Checksum::of(&bytes));
            prop_assert_eq!(CombinableChecksum::new(Checksum::of(two)).after(Checksum::of(one)), Checksum::of(&bytes));
        }

        #[test]
        fn a_piece_inflates_to_what_it_was(bytes in prop::collection::vec(any::<u8>(), 0..5000), repeat in 1usize..50) {
            let bytes = bytes.repeat(repeat);
            let piece = Deflater::new().compress(&bytes);
            prop_assert_eq!(piece.checksum.length, bytes.len() as u64);
            let parts: Result<Vec<Bytes>, _> = Inflater::new(piece).collect();
            let parts = parts.unwrap();
            prop_assert!(parts.iter().all(|it| it.len() <= INFLATE_STEP));
            prop_assert_eq!(parts.concat(), bytes);
        }
    }
}
