//! One gzip member, assembled from pieces that were compressed separately.
//!
//! Several members in a row are valid gzip too, and Prometheus reads them, but some clients stop after
//! the first, some of them without an error. So the pieces' deflate blocks are joined
//! within one member, and only its checksum is computed, from those of the pieces.

use super::deflate::{Checksum, Deflater};

/// The fixed header: deflate, no name, no time, an unknown system.
pub const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The end of a gzip member: the compressed `tail` and the trailer. `before` is the checksum of everything
/// before the tail.
pub fn finish_gzip(before: Checksum, tail: &[u8]) -> Vec<u8> {
    let mut end = Vec::with_capacity((tail.len() / 4).saturating_add(64));
    let last = Deflater::new().append_last(tail, &mut end);
    trailer(before.then(last), &mut end);
    end
}

/// As [`finish_gzip`], for a tail that is sent once: it is stored uncompressed, because compressing it costs
/// more than sending it.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "A length of what is in memory, and a ten-thousandth of it."
)]
pub fn finish_gzip_stored(before: Checksum, tail: &[u8]) -> Vec<u8> {
    /// The format's longest block of this kind.
    const MAX_STORED_BLOCK: usize = 0xffff;

    let mut end = Vec::with_capacity(tail.len() + tail.len() / MAX_STORED_BLOCK * 5 + 16);
    let mut rest = tail;
    loop {
        let (block, after) = rest
            .split_at_checked(MAX_STORED_BLOCK)
            .unwrap_or((rest, &[]));
        let last = after.is_empty();
        let length = block.len() as u16;
        end.push(u8::from(last));
        end.extend_from_slice(&length.to_le_bytes());
        end.extend_from_slice(&(!length).to_le_bytes());
        end.extend_from_slice(block);
        rest = after;
        if last {
            break;
        }
    }
    trailer(before.then(Checksum::of(tail)), &mut end);
    end
}

fn trailer(whole: Checksum, out: &mut Vec<u8>) {
    out.extend_from_slice(&whole.crc.to_le_bytes());
    // The format stores the size modulo 2^32.
    out.extend_from_slice(&(whole.length as u32).to_le_bytes());
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
            tail in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), Just(vec![b'x'; 0xffff]), Just(vec![b'x'; 200_000])],
        ) {
            let mut deflater = Deflater::new();
            let mut before = Checksum::default();
            let mut start = GZIP_HEADER.to_vec();
            for piece in &pieces {
                before = before.then(deflater.append(piece, &mut start));
            }
            for end in [finish_gzip(before, &tail), finish_gzip_stored(before, &tail)] {
            let bytes = [start.clone(), end].concat();

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
}
