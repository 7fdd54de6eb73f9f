//! Deflate in pieces, and the gzip member that is assembled from them.

use std::io::Read;

use crate::exposition::{
    Checksum, CombinableChecksum, Deflated, Deflater, GZIP_HEADER, Inflater, finish_gzip,
    finish_gzip_stored,
};

use super::input::Input;

/// The longest piece: several steps of the inflater.
const MAX_PIECE: usize = 140_000;

/// Each piece inflates to its original bytes, and all of them in one member to all of those, whatever was
/// compressed before with the same tables.
pub(super) fn compression(data: &[u8]) {
    let mut input = Input::new(data);
    let mut deflater = Deflater::new();
    let mut member = GZIP_HEADER.to_vec();
    let mut expected = Vec::new();
    let (mut before, mut combined) = (Checksum::default(), Checksum::default());
    let is_stored = input.byte() & 1 == 1;
    // Each piece: its length, how often its bytes repeat (two bytes each), and its bytes.
    for _ in 0..input.byte() % 8 {
        let text = piece(&mut input);
        let piece = deflater.compress(&text);
        member.extend_from_slice(&piece.blocks);
        before = before.then(piece.checksum);
        combined = CombinableChecksum::new(piece.checksum).after(combined);
        expected.extend_from_slice(&text);
        inflates_to(piece, &text);
    }
    assert_eq!(combined, before);
    assert_eq!(Checksum::of(&expected), before);
    let tail = piece(&mut input);
    member.extend(match is_stored {
        true => finish_gzip_stored(before, &tail),
        false => finish_gzip(before, &tail),
    });
    expected.extend_from_slice(&tail);

    // Reads the first member only.
    let mut decoder = flate2::bufread::GzDecoder::new(member.as_slice());
    let mut read = Vec::new();
    let result = decoder.read_to_end(&mut read);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(read, expected);
    assert!(decoder.into_inner().is_empty(), "bytes behind the member");
}

fn piece(input: &mut Input<'_>) -> Vec<u8> {
    let length = usize::from(input.byte()) << (input.byte() % 4);
    let repeat = usize::from(input.byte()) >> (input.byte() % 8);
    let bytes = input.bytes(length);
    // Repetitions differ in one byte, or they would be trivial for the compressor.
    let mut text = Vec::new();
    for round in 0..=repeat {
        text.extend_from_slice(bytes);
        text.push(round as u8);
    }
    text.truncate(MAX_PIECE);
    text
}

fn inflates_to(piece: Deflated, text: &[u8]) {
    assert_eq!(piece.checksum, Checksum::of(text));
    let mut rest = text;
    for step in Inflater::new(piece) {
        let step = step.expect("what was compressed can be read");
        let (expected, behind) = rest.split_at(step.len());
        assert_eq!(step, expected);
        rest = behind;
    }
    assert!(rest.is_empty(), "{} bytes are missing", rest.len());
}
