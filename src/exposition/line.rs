//! Parts of sample lines that are prepared once and written many times.

use super::buffer::{Padded, PaddedText};
use super::value::write_value;
use super::{EscapedLabels, TextBuffer};

/// The start of a sample line with labels: the name of its family and a brace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePrefix(PaddedText);

impl LinePrefix {
    /// The prefix of the family `name`.
    pub fn new(name: &str) -> Self {
        let mut text = Vec::with_capacity(name.len().saturating_add(256));
        text.extend_from_slice(name.as_bytes());
        text.push(b'{');
        Self(PaddedText::new(text))
    }

    pub(super) fn padded(&self) -> Padded<'_> {
        self.0.padded()
    }
}

/// The end of a sample line, prepared for many lines: more labels, the value and the line feed.
#[derive(Clone, Debug)]
pub struct LineSuffix(PaddedText);

impl LineSuffix {
    /// A suffix with the labels `more` and a value.
    pub fn new(more: EscapedLabels<'_>, value: f64) -> Self {
        let mut suffix = TextBuffer::new();
        if !more.as_bytes().is_empty() {
            suffix.push(b",");
            suffix.push(more.as_bytes());
        }
        suffix.push(b"} ");
        write_value(&mut suffix, value);
        suffix.push(b"\n");
        Self(PaddedText::new(suffix.into_vec()))
    }

    pub(super) fn padded(&self) -> Padded<'_> {
        self.0.padded()
    }

    /// The suffix after `labels`: without its comma when there are none.
    pub(super) fn after(&self, labels: Padded<'_>) -> Padded<'_> {
        let all = self.0.padded();
        match all.text().first() {
            Some(b',') if labels.len() == 0 => all.skip(1),
            _ => all,
        }
    }
}

/// Consecutive lines that start with the same labels, prepared for many sets of labels: what is between two
/// of them is always the same and is copied in one piece.
#[derive(Clone, Debug)]
pub struct LineTemplate<const N: usize> {
    pub(super) suffixes: [LineSuffix; N],
    /// The start of the first line.
    pub(super) prefix: LinePrefix,
    /// The suffixes, each with the prefix of the line that follows it.
    pub(super) between: [PaddedText; N],
    /// The length of all of it.
    pub(super) length: usize,
}

impl<const N: usize> LineTemplate<N> {
    /// Lines of the family of `prefix` that end with `suffixes`.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn new(prefix: &LinePrefix, suffixes: [LineSuffix; N]) -> Self {
        let mut number = 0;
        let between = suffixes.each_ref().map(|suffix| {
            number += 1;
            let mut text = suffix.0.padded().text().to_vec();
            if number < N {
                text.extend_from_slice(prefix.padded().text());
            }
            PaddedText::new(text)
        });
        let length = between.iter().map(|it| it.padded().len()).sum::<usize>();
        Self {
            length: prefix.padded().len() + length,
            suffixes,
            prefix: prefix.clone(),
            between,
        }
    }
}
