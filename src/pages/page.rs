//! A whole page, to be sent with gzip or without.

use std::sync::Arc;

use bytes::Bytes;

use crate::exposition::{Checksum, Deflated, GZIP_HEADER, Inflater, finish_gzip_stored};

/// The part of a page that others share: views with the headers of their families.
#[derive(Debug, Default)]
pub struct PageBody {
    pieces: Vec<Deflated>,
    checksum: Checksum,
    /// How many bytes the pieces have.
    blocks: u64,
}

impl PageBody {
    pub(super) fn new(pieces: Vec<Deflated>) -> Self {
        Self {
            checksum: pieces
                .iter()
                .fold(Checksum::default(), |sum, it| sum.then(it.checksum)),
            blocks: pieces.iter().map(|it| it.blocks.len() as u64).sum(),
            pieces,
        }
    }
}

/// A whole page: views that others share, what its collectors say, and an end of its own.
#[derive(Debug)]
pub struct Page {
    body: Arc<PageBody>,
    collectors: Deflated,
    end: Vec<u8>,
}

/// Bytes to be sent, part by part, and how many they are.
pub type Parts<I> = (I, u64);

impl Page {
    /// `body`, then `collectors`, then `end`.
    pub fn new(body: Arc<PageBody>, collectors: Deflated, end: Vec<u8>) -> Self {
        Self {
            body,
            collectors,
            end,
        }
    }

    /// The page as one gzip member. Several in a row are valid gzip too, and Prometheus reads them; but
    /// some clients stop after the first, some without a word.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn into_gzip(self) -> Parts<impl Iterator<Item = std::io::Result<Bytes>> + Send> {
        let before = self.body.checksum.then(self.collectors.checksum);
        let end = finish_gzip_stored(before, &self.end);
        let blocks = self.body.blocks + self.collectors.blocks.len() as u64;
        let length = GZIP_HEADER.len() as u64 + blocks + end.len() as u64;
        let body = self.body;
        let pieces = (0..).map_while(move |number| Some(body.pieces.get(number)?.blocks.clone()));
        let parts = std::iter::once(Bytes::from_static(&GZIP_HEADER))
            .chain(pieces)
            .chain([self.collectors.blocks, end.into()]);
        (parts.map(Ok), length)
    }

    /// The page's text, some at a time: it is never held whole.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what was in memory."
    )]
    pub fn into_text(self) -> Parts<impl Iterator<Item = std::io::Result<Bytes>> + Send> {
        let length =
            self.body.checksum.length + self.collectors.checksum.length + self.end.len() as u64;
        let body = self.body;
        let pieces = (0..)
            .map_while(move |number| body.pieces.get(number).cloned())
            .chain([self.collectors])
            .flat_map(Inflater::new)
            .map(|it| it.map_err(std::io::Error::other));
        (pieces.chain([Ok(Bytes::from(self.end))]), length)
    }
}
