//! Values read from the input of a fuzzer.

/// Unstructured input from which values are read; when no bytes are left, values are zero and empty.
pub(super) struct Input<'d>(&'d [u8]);

impl<'d> Input<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self(data)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// `count` bytes, or as many as are left.
    pub(super) fn bytes(&mut self, count: usize) -> &'d [u8] {
        let (bytes, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// A text of at most 255 bytes with its length before it; what is not UTF-8 in it is replaced.
    pub(super) fn text(&mut self) -> String {
        let length = self.byte();
        String::from_utf8_lossy(self.bytes(length.into())).into_owned()
    }

    /// A number from its bits.
    pub(super) fn number(&mut self) -> f64 {
        let mut bits = [0; 8];
        for (bit, byte) in bits.iter_mut().zip(self.bytes(8)) {
            *bit = *byte;
        }
        f64::from_le_bytes(bits)
    }
}

/// `data` in pieces. The first line gives their lengths, which repeat from the first: `A` is one byte, `B`
/// two, and so on. When it is empty, there is one piece.
pub(super) fn pieces(data: &[u8]) -> Vec<&[u8]> {
    let end = data.iter().position(|it| *it == b'\n');
    let (lengths, mut rest) = data.split_at(end.unwrap_or(data.len()));
    rest = rest.get(1..).unwrap_or_default();
    if lengths.is_empty() {
        return vec![rest];
    }
    let mut pieces = Vec::new();
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let length = lengths.next().map_or(64, |it| usize::from(it & 0x3f));
        // Zero-length pieces must not repeat for ever.
        let length = if length == 0 { 64 } else { length };
        let (piece, behind) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}
