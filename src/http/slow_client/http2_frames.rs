//! Where one frame of HTTP/2 ends and the next begins: whether a client has begun something that it did not
//! end. What the frames say is left to the library.

/// What a client sends before its first frame, in bytes.
const PREFACE: usize = 24;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// Follows the bytes that a client sends.
#[derive(Debug)]
pub(in crate::http) struct Frames {
    /// Bytes of the preface or of a frame's contents that are still to come.
    left: usize,
    head: [u8; 9],
    /// How much of `head` has come.
    filled: usize,
    /// The headers of a request go on in another frame.
    headers_go_on: bool,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            left: PREFACE,
            head: [0; 9],
            filled: 0,
            headers_go_on: false,
        }
    }
}

impl Frames {
    /// Takes what has come.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Never more than is left is passed, and as many bytes are filled as a head has."
    )]
    pub(in crate::http) fn advance(&mut self, mut bytes: &[u8]) {
        while let Some((byte, rest)) = bytes.split_first() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                self.left -= passed;
                bytes = bytes.get(passed..).unwrap_or_default();
                continue;
            }
            if let Some(place) = self.head.get_mut(self.filled) {
                *place = *byte;
            }
            self.filled += 1;
            bytes = rest;
            if self.filled == self.head.len() {
                let [a, b, c, kind, flags, ..] = self.head;
                self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
                self.filled = 0;
                if kind == HEADERS || kind == CONTINUATION {
                    self.headers_go_on = flags & END_HEADERS == 0;
                }
            }
        }
    }

    /// Whether nothing that was begun is unfinished.
    pub(in crate::http) fn is_between(&self) -> bool {
        self.left == 0 && self.filled == 0 && !self.headers_go_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, contents: &[u8]) -> Vec<u8> {
        let length = u8::try_from(contents.len()).unwrap();
        [&[0, 0, length, kind, flags, 0, 0, 0, 1], contents].concat()
    }

    #[test]
    fn what_is_begun_ends_with_its_last_byte_however_it_is_cut() {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        let messages = [
            [preface, frame(4, 0, &[])].concat(),
            frame(HEADERS, END_HEADERS | 1, b"headers"),
            [
                frame(HEADERS, 1, b"headers"),
                frame(CONTINUATION, 0, b"go on"),
                frame(CONTINUATION, END_HEADERS, b"and end"),
            ]
            .concat(),
            frame(6, 0, &[0; 8]),
        ];
        for piece in [1, 2, 3, 7, 1000] {
            let mut frames = Frames::default();
            for message in &messages {
                let (last, before) = message.split_last().unwrap();
                for bytes in before.chunks(piece) {
                    frames.advance(bytes);
                    let ends_in_preface = message.len() == 33 && frames.left == 0;
                    assert!(!frames.is_between() || ends_in_preface);
                }
                frames.advance(&[*last]);
                assert!(frames.is_between());
            }
        }
    }
}
