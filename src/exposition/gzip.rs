//! One gzip member, put together from pieces that were compressed apart.
//!
//! Several members in a row are valid gzip too, and Prometheus reads them; but some clients stop
//! after the first, some without a word. So the pieces' deflate blocks are joined within one member,
//! and only its checksum is computed anew, from the pieces' checksums.

use bytes::Bytes;

use super::{Deflated, Deflater};

/// The fixed header: deflate, no name, no time, an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The parts of one gzip member in their order, to be written one after the other.
#[derive(Debug)]
pub struct Member {
    /// Header, blocks, last blocks and trailer.
    pub parts: Vec<Bytes>,
    /// The sum of their lengths.
    pub length: u64,
}

/// One gzip member of `pieces` followed by `tail`, which is compressed here and ends the stream.
pub fn member<'a>(pieces: impl IntoIterator<Item = &'a Deflated>, tail: &[u8]) -> Member {
    let mut parts = vec![Bytes::from_static(&HEADER)];
    let mut checksum = crc32fast::Hasher::new();
    let mut size = 0u64;
    let mut add = |piece: &Deflated| {
        parts.push(piece.blocks.clone());
        checksum.combine(&crc32fast::Hasher::new_with_initial_len(
            piece.crc,
            piece.length,
        ));
        size = size.wrapping_add(piece.length);
    };
    pieces.into_iter().for_each(&mut add);
    add(&Deflater::new().last(tail));
    let mut trailer = Vec::with_capacity(8);
    trailer.extend_from_slice(&checksum.finalize().to_le_bytes());
    // The format stores the size modulo 2^32.
    trailer.extend_from_slice(&(size as u32).to_le_bytes());
    parts.push(trailer.into());
    let length = parts.iter().map(|part| part.len() as u64).sum();
    Member { parts, length }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// `GzDecoder` reads the first member only: all must be in it.
        #[test]
        fn the_first_member_holds_everything(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 0..6),
            tail in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut deflater = Deflater::new();
            let deflated: Vec<Deflated> = pieces.iter().map(|it| deflater.piece(it)).collect();
            let member = member(&deflated, &tail);
            let bytes = member.parts.concat();
            prop_assert_eq!(member.length, bytes.len() as u64);

            let mut read = Vec::new();
            let mut decoder = flate2::bufread::GzDecoder::new(bytes.as_slice());
            decoder.read_to_end(&mut read).unwrap();
            let mut expected = pieces.concat();
            expected.extend_from_slice(&tail);
            prop_assert_eq!(read, expected);
            prop_assert!(decoder.into_inner().is_empty(), "bytes after the member");
        }
    }
}
