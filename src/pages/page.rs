//! A whole page, to be sent with gzip or without.

use bytes::Bytes;

use crate::exposition::{Deflated, Inflater, Member, member};

/// A whole page: chunks that others share, and its own tail.
#[derive(Debug)]
pub struct Page {
    pieces: Vec<Deflated>,
    tail: Vec<u8>,
}

impl Page {
    /// A page of chunks followed by `tail`.
    pub fn new(pieces: Vec<Deflated>, tail: Vec<u8>) -> Self {
        Self { pieces, tail }
    }

    /// The page as one gzip member.
    pub fn gzip(&self) -> Member {
        member(&self.pieces, &self.tail)
    }

    /// How many bytes of text the page has.
    pub fn length(&self) -> u64 {
        let pieces: u64 = self.pieces.iter().map(|it| it.length).sum();
        pieces + self.tail.len() as u64
    }

    /// The page's text, some at a time: it is never held whole.
    pub fn into_text(self) -> impl Iterator<Item = std::io::Result<Bytes>> + Send {
        let pieces = self
            .pieces
            .into_iter()
            .flat_map(Inflater::new)
            .map(|it| it.map_err(std::io::Error::other));
        pieces.chain(std::iter::once(Ok(Bytes::from(self.tail))))
    }
}
