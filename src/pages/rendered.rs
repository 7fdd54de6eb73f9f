//! One view of one organization as compressed text, in chunks that are made again only where they
//! changed.
//!
//! A chunk is a run of rows. Where it ends depends on the rows themselves and not on their numbers, so
//! that a row that comes or goes changes the chunk that it is in and no other.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::exposition::{
    Checksum, CombinableChecksum, Deflated, Deflater, LinePrefix, Samples, TextBuffer,
};
use crate::metrics::{Subject, View};
use crate::snapshot::Snapshot;

/// How many samples a chunk has, about: few enough that one that changed costs little, and enough that
/// cutting them apart does not make the page much larger.
const SAMPLES: usize = 64;

/// A view, rendered and compressed.
#[derive(Debug)]
pub(super) struct Rendered {
    /// All of it.
    pub(super) whole: Deflated,
    chunks: Vec<Chunk>,
    /// Which rows it shows, and of which data.
    rows: u64,
    data: u64,
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    /// One past its last row.
    rows_to: usize,
    /// One past its last block.
    blocks_to: usize,
    link: CombinableChecksum,
    /// Of its text; two texts of one length with the same hash and checksum are taken for the same.
    hash: u64,
}

/// How much was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Views of which anything was looked at again.
    pub views: u64,
    /// Chunks whose text was made.
    pub rendered: u64,
    /// Chunks that were compressed.
    pub compressed: u64,
    /// Bytes of text that were made.
    pub text_bytes: u64,
}

/// What rendering needs and keeps from one time to the next: a fresh buffer costs more than what is
/// written into it.
#[derive(Debug, Default)]
pub(super) struct Tools {
    deflater: Deflater,
    buffer: TextBuffer,
    /// The same as long as the chunks are compared.
    hasher: RandomState,
    pub(super) work: Work,
}

/// What there was before.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) rendered: &'a Rendered,
    /// The data that the collectors had.
    pub(super) snapshot: &'a Snapshot,
    /// Whether that is the data that it was rendered from.
    pub(super) is_of_it: bool,
}

impl Rendered {
    /// Renders `view` of `subject`, whose rows are version `rows` and whose data is version `data`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A length of what is in memory, and a 64-bit count, which does not come to its end."
    )]
    pub(super) fn new(
        tools: &mut Tools,
        view: &View,
        subject: &Subject<'_>,
        (rows, data): (u64, u64),
        before: Option<Before<'_>>,
    ) -> Self {
        let old = before.map(|it| it.rendered);
        tools.work.views += 1;
        let mut making = Making {
            tools,
            prefix: LinePrefix::new(view.family.name),
            old,
            writer: view.writer(subject),
            blocks: Vec::with_capacity(old.map_or(0, |it| it.whole.blocks.len() + (16 << 10))),
            chunks: Vec::with_capacity(old.map_or(0, |it| it.chunks.len())),
            checksum: Checksum::default(),
        };
        let same_rows = before.filter(|it| it.is_of_it && it.rendered.rows == rows);
        let changed = same_rows.and_then(|it| view.changed(it.snapshot, subject.snapshot));
        match (old, changed) {
            (Some(old), Some(changed)) => {
                let is_changed = |it: u32| changed.get(it as usize) != Some(&false);
                for (number, range) in old.ranges() {
                    let readings = subject.readings(view.table, range.clone());
                    match readings.is_none_or(|mut it| it.any(is_changed)) {
                        true => making.render(range, |_| Some(number)),
                        false => making.copy(number, range.end),
                    }
                }
            }
            _ => {
                let known = old.map(Rendered::by_text).unwrap_or_default();
                let cuts = cuts(making.tools, view, subject);
                let starts = std::iter::once(0).chain(cuts.iter().copied());
                for (start, end) in starts.zip(cuts.iter().copied()) {
                    making.render(start..end, |text| known.get(&text).copied());
                }
            }
        }
        making.end(rows, data)
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
            .map(|it| (it.hash, it.link.checksum().length));
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

    /// The data that it shows.
    pub(super) fn data(&self) -> u64 {
        self.data
    }
}

/// A view while it is rendered.
struct Making<'m, 's> {
    tools: &'m mut Tools,
    prefix: LinePrefix,
    old: Option<&'m Rendered>,
    writer: Box<crate::metrics::Write<'s>>,
    blocks: Vec<u8>,
    chunks: Vec<Chunk>,
    checksum: Checksum,
}

impl Making<'_, '_> {
    /// Renders the rows of `range`; compresses their text, unless it is that of the old chunk that
    /// `same` gives for its hash and length.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A 64-bit count does not come to its end."
    )]
    fn render(&mut self, range: Range<usize>, same: impl FnOnce((u64, u64)) -> Option<usize>) {
        let rows_to = range.end;
        let Tools {
            deflater,
            buffer,
            hasher,
            work,
        } = &mut *self.tools;
        buffer.clear();
        (self.writer)(range, &mut Samples::new(buffer, &self.prefix));
        work.rendered += 1;
        work.text_bytes += buffer.len() as u64;
        let hash = hasher.hash_one(buffer.as_slice());
        let old = self.old.and_then(|old| {
            let number = same((hash, buffer.len() as u64))?;
            let chunk = old.chunks.get(number)?;
            let same =
                chunk.hash == hash && chunk.link.checksum() == Checksum::of(buffer.as_slice());
            same.then_some(number)
        });
        if let Some(number) = old {
            self.copy(number, rows_to);
            return;
        }
        let checksum = match buffer.is_empty() {
            true => Checksum::default(),
            false => {
                work.compressed += 1;
                deflater.append(buffer.as_slice(), &mut self.blocks)
            }
        };
        self.add(Chunk {
            rows_to,
            blocks_to: self.blocks.len(),
            link: CombinableChecksum::new(checksum),
            hash,
        });
    }

    /// Takes over a chunk that did not change.
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
        self.checksum = chunk.link.after(self.checksum);
        self.chunks.push(chunk);
    }

    fn end(mut self, rows: u64, data: u64) -> Rendered {
        self.blocks.shrink_to_fit();
        self.chunks.shrink_to_fit();
        Rendered {
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

/// Where the chunks end, as numbers of rows.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Numbers of rows that are in memory, and a chunk begins at or before its last row."
)]
fn cuts(tools: &Tools, view: &View, subject: &Subject<'_>) -> Vec<usize> {
    let rows = subject.rows(view.table);
    let usual = (SAMPLES / view.samples.max(1)).max(1);
    let mut cuts = Vec::with_capacity(rows / usual + 1);
    let mut start = 0;
    for row in 0..rows {
        let length = row + 1 - start;
        let is_cut = || {
            let identity = subject.identity(view.table, row);
            let hash = tools.hasher.hash_one(identity.as_bytes());
            (hash as usize).is_multiple_of(usual)
        };
        if row + 1 == rows || length >= usual * 4 || (length >= usual / 4 && is_cut()) {
            cuts.push(row + 1);
            start = row + 1;
        }
    }
    cuts
}
