//! One view of one organization as compressed text, in chunks that are rendered again only where they
//! have changed.
//!
//! A chunk is a range of rows. Content-defined chunking: its end depends on the rows themselves and not on
//! their indices, so that a row that comes or goes changes the chunk that it is in and no other.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::exposition::{
    Checksum, CombinableChecksum, Deflated, Deflater, LinePrefix, Samples, TextBuffer,
};
use crate::metrics::{View, ViewContext};
use crate::snapshot::Snapshot;

/// The approximate number of samples in a chunk: few enough that rendering one is cheap, and enough that
/// compressing them separately does not make the page much larger.
const SAMPLES_PER_CHUNK: usize = 64;

/// A view, rendered and compressed.
#[derive(Debug)]
pub(super) struct RenderedView {
    /// The whole view.
    pub(super) whole: Deflated,
    chunks: Vec<Chunk>,
    /// The versions of its rows and of its data.
    rows: u64,
    data: u64,
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    /// One past its last row.
    rows_to: usize,
    /// One past its last block.
    blocks_to: usize,
    checksum: CombinableChecksum,
    /// The hash of its text. Two texts with the same length, hash and checksum are taken to be the same.
    hash: u64,
}

/// How much has been rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenderStats {
    /// Views that were rendered again, at least in part.
    pub views: u64,
    /// Chunks whose text was written.
    pub rendered: u64,
    /// Chunks that were compressed.
    pub compressed: u64,
    /// Bytes of text that were written.
    pub text_bytes: u64,
}

/// What is reused from one rendering to the next: allocating a buffer costs more than writing to it.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    deflater: Deflater,
    buffer: TextBuffer,
    /// The same for all chunks that are compared.
    hasher: RandomState,
    pub(super) stats: RenderStats,
}

/// The previous version of a view.
#[derive(Clone, Copy)]
pub(super) struct Previous<'a> {
    pub(super) view: &'a RenderedView,
    /// The previous data.
    pub(super) snapshot: &'a Snapshot,
    /// Whether the view was rendered from that data.
    pub(super) is_source: bool,
}

impl RenderedView {
    /// Renders `view` of `context`, whose rows are version `rows` and whose data is version `data`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A length of what is in memory, and a 64-bit count, which does not come to its end."
    )]
    pub(super) fn new(
        scratch: &mut Scratch,
        view: &View,
        context: &ViewContext<'_>,
        (rows, data): (u64, u64),
        previous: Option<Previous<'_>>,
    ) -> Self {
        let old = previous.map(|it| it.view);
        scratch.stats.views += 1;
        let mut rendering = Rendering {
            scratch,
            prefix: LinePrefix::new(view.family.name),
            old,
            writer: view.writer(context),
            blocks: Vec::with_capacity(old.map_or(0, |it| it.whole.blocks.len() + (16 << 10))),
            chunks: Vec::with_capacity(old.map_or(0, |it| it.chunks.len())),
            checksum: Checksum::default(),
        };
        let same_rows = previous.filter(|it| it.is_source && it.view.rows == rows);
        let changed = same_rows.and_then(|it| view.changed(it.snapshot, context.snapshot));
        match (old, changed) {
            (Some(old), Some(changed)) => {
                let is_changed = |it: u32| changed.get(it as usize) != Some(&false);
                for (number, range) in old.ranges() {
                    let readings = context.readings(view.table, range.clone());
                    match readings.is_none_or(|mut it| it.any(is_changed)) {
                        true => rendering.render(range, |_| Some(number)),
                        false => rendering.copy(number, range.end),
                    }
                }
            }
            _ => {
                let by_text = old.map(RenderedView::by_text).unwrap_or_default();
                let ends = chunk_ends(rendering.scratch, view, context);
                let starts = std::iter::once(0).chain(ends.iter().copied());
                for (start, end) in starts.zip(ends.iter().copied()) {
                    rendering.render(start..end, |text| by_text.get(&text).copied());
                }
            }
        }
        rendering.finish(rows, data)
    }

    fn ranges(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let mut start = 0;
        self.chunks.iter().enumerate().map(move |(number, chunk)| {
            let range = start..chunk.rows_to;
            start = chunk.rows_to;
            (number, range)
        })
    }

    fn by_text(&self) -> HashMap<(u64, u64), usize> {
        let texts = self
            .chunks
            .iter()
            .map(|it| (it.hash, it.checksum.checksum().length));
        texts.zip(0..).collect()
    }

    fn blocks_of(&self, number: usize) -> &[u8] {
        let start = match number.checked_sub(1) {
            Some(before) => self.chunks.get(before).map_or(0, |it| it.blocks_to),
            None => 0,
        };
        let end = self.chunks.get(number).map_or(0, |it| it.blocks_to);
        self.whole.blocks.get(start..end).unwrap_or_default()
    }

    /// The version of its data.
    pub(super) fn data(&self) -> u64 {
        self.data
    }
}

/// A rendering in progress.
struct Rendering<'m, 's> {
    scratch: &'m mut Scratch,
    prefix: LinePrefix,
    old: Option<&'m RenderedView>,
    writer: Box<crate::metrics::RowWriter<'s>>,
    blocks: Vec<u8>,
    chunks: Vec<Chunk>,
    checksum: Checksum,
}

impl Rendering<'_, '_> {
    /// Renders the rows of `range` and compresses their text, unless it is the text of the old chunk that
    /// `same` returns for its hash and length.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A 64-bit count does not come to its end."
    )]
    fn render(&mut self, range: Range<usize>, same: impl FnOnce((u64, u64)) -> Option<usize>) {
        let rows_to = range.end;
        let Scratch {
            deflater,
            buffer,
            hasher,
            stats,
        } = &mut *self.scratch;
        buffer.clear();
        (self.writer)(range, &mut Samples::new(buffer, &self.prefix));
        stats.rendered += 1;
        stats.text_bytes += buffer.len() as u64;
        let hash = hasher.hash_one(buffer.as_slice());
        let old = self.old.and_then(|old| {
            let number = same((hash, buffer.len() as u64))?;
            let chunk = old.chunks.get(number)?;
            let same =
                chunk.hash == hash && chunk.checksum.checksum() == Checksum::of(buffer.as_slice());
            same.then_some(number)
        });
        if let Some(number) = old {
            self.copy(number, rows_to);
            return;
        }
        let checksum = match buffer.is_empty() {
            true => Checksum::default(),
            false => {
                stats.compressed += 1;
                deflater.append(buffer.as_slice(), &mut self.blocks)
            }
        };
        self.add(Chunk {
            rows_to,
            blocks_to: self.blocks.len(),
            checksum: CombinableChecksum::new(checksum),
            hash,
        });
    }

    /// Copies an unchanged chunk.
    fn copy(&mut self, number: usize, rows_to: usize) {
        let old = self.old.and_then(|it| Some((it, it.chunks.get(number)?)));
        let Some((old, chunk)) = old else {
            return;
        };
        self.blocks.extend_from_slice(old.blocks_of(number));
        self.add(Chunk {
            rows_to,
            blocks_to: self.blocks.len(),
            ..*chunk
        });
    }

    fn add(&mut self, chunk: Chunk) {
        self.checksum = chunk.checksum.after(self.checksum);
        self.chunks.push(chunk);
    }

    fn finish(mut self, rows: u64, data: u64) -> RenderedView {
        self.blocks.shrink_to_fit();
        self.chunks.shrink_to_fit();
        RenderedView {
            whole: Deflated {
                blocks: self.blocks.into(),
                checksum: self.checksum,
            },
            chunks: self.chunks,
            rows,
            data,
        }
    }
}

/// The ends of the chunks, as indices of rows.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Numbers of rows that are in memory, and a chunk begins at or before its last row."
)]
fn chunk_ends(scratch: &Scratch, view: &View, context: &ViewContext<'_>) -> Vec<usize> {
    let rows = context.rows(view.table);
    let usual = (SAMPLES_PER_CHUNK / view.samples.max(1)).max(1);
    let mut ends = Vec::with_capacity(rows / usual + 1);
    let mut start = 0;
    for row in 0..rows {
        let length = row + 1 - start;
        let is_end = || {
            let identity = context.identity(view.table, row);
            let hash = scratch.hasher.hash_one(identity.as_bytes());
            (hash as usize).is_multiple_of(usual)
        };
        if row + 1 == rows || length >= usual * 4 || (length >= usual / 4 && is_end()) {
            ends.push(row + 1);
            start = row + 1;
        }
    }
    ends
}
