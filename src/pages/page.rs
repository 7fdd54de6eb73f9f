//! A whole page, ready to be sent with gzip or without.

use std::sync::Arc;

use bytes::Bytes;

use crate::exposition::{Checksum, Deflated, GZIP_HEADER, Inflater, finish_gzip_stored};

/// The part of a page that several pages share: views with the headers of their families.
#[derive(Debug, Default)]
pub struct PageBody {
    pieces: Vec<Deflated>,
    checksum: Checksum,
    /// The compressed length of the pieces in bytes.
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

/// A whole page: a shared body, the self metrics of its collectors, and a trailer that is written for each
/// scrape.
#[derive(Debug)]
pub struct Page {
    body: Arc<PageBody>,
    self_metrics: Deflated,
    trailer: Vec<u8>,
}

/// The parts of a body to send, and their length in bytes.
pub type SizedParts<I> = (I, u64);

impl Page {
    /// `body`, then `self_metrics`, then `trailer`.
    pub fn new(body: Arc<PageBody>, self_metrics: Deflated, trailer: Vec<u8>) -> Self {
        Self {
            body,
            self_metrics,
            trailer,
        }
    }

    /// The page as one gzip member. Several in a row are valid gzip too, and Prometheus reads them; but
    /// some clients stop after the first, some of them without an error.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn into_gzip(self) -> SizedParts<impl Iterator<Item = std::io::Result<Bytes>> + Send> {
        let before = self.body.checksum.then(self.self_metrics.checksum);
        let end = finish_gzip_stored(before, &self.trailer);
        let blocks = self.body.blocks + self.self_metrics.blocks.len() as u64;
        let length = GZIP_HEADER.len() as u64 + blocks + end.len() as u64;
        let body = self.body;
        let pieces = (0..).map_while(move |number| Some(body.pieces.get(number)?.blocks.clone()));
        let parts = std::iter::once(Bytes::from_static(&GZIP_HEADER))
            .chain(pieces)
            .chain([self.self_metrics.blocks, end.into()]);
        (parts.map(Ok), length)
    }

    /// The page's text, some bytes at a time, so that it is never in memory as a whole.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what was in memory."
    )]
    pub fn into_text(self) -> SizedParts<impl Iterator<Item = std::io::Result<Bytes>> + Send> {
        let length = self.body.checksum.length
            + self.self_metrics.checksum.length
            + self.trailer.len() as u64;
        let body = self.body;
        let pieces = (0..)
            .map_while(move |number| body.pieces.get(number).cloned())
            .chain([self.self_metrics])
            .flat_map(Inflater::new)
            .map(|it| it.map_err(std::io::Error::other));
        (pieces.chain([Ok(Bytes::from(self.trailer))]), length)
    }
}
