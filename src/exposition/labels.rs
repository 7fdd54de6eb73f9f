//! Label pairs that are escaped once and written many times.

use super::buffer::{Padded, TextBuffer};

/// Escaped label pairs as they are between the braces of a sample: `a="1",b="2"`.
///
/// Only [`Labels`] and [`LabelArena`] make one, so nothing unescaped is ever written.
#[derive(Clone, Copy, Debug)]
pub struct EscapedLabels<'a>(Padded<'a>);

impl<'a> EscapedLabels<'a> {
    /// No labels at all.
    pub const EMPTY: EscapedLabels<'static> = EscapedLabels(Padded::new(&[], 0));

    /// The escaped text, in UTF-8.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0.text()
    }

    /// The text, for copying.
    pub(super) const fn padded(self) -> Padded<'a> {
        self.0
    }

    /// The pairs after the first `count` bytes, which must end with a pair's comma.
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        Self(self.0.skip(count))
    }
}

/// Builds one set of label pairs. A label with an empty value is left out, which is the same to Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(String);

impl Labels {
    /// No labels yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a label. `name` must be a valid label name; every name in use is in the catalogue.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let first = self.0.is_empty();
        push_label(&mut self.0, first, name, value);
        self
    }

    /// The pairs, for writing.
    pub fn escaped(&self) -> EscapedLabels<'_> {
        EscapedLabels(Padded::new(self.0.as_bytes(), self.0.len()))
    }
}

/// Many sets of label pairs in one allocation, found by their index.
#[derive(Clone, Debug, Default)]
pub struct LabelArena {
    text: String,
    ends: Vec<usize>,
}

impl LabelArena {
    /// An arena with space for `sets` sets of `bytes` in all.
    pub fn with_capacity(bytes: usize, sets: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(sets),
        }
    }

    /// How many bytes all sets take.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Adds a set made of `pairs`. Sets are numbered from 0 in the order in which they are added.
    pub fn push<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) {
        let mut first = true;
        for (name, value) in pairs {
            first = push_label(&mut self.text, first, name, value);
        }
        self.ends.push(self.text.len());
    }

    /// Adds a set made of `first`, which is not empty, and `last`. Returns the offset of each pair of `last`
    /// in the set, for [`EscapedLabels::skip`].
    #[expect(clippy::arithmetic_side_effects, reason = "The text grows.")]
    pub fn push_with_offsets<'p, const N: usize>(
        &mut self,
        first: impl IntoIterator<Item = (&'p str, &'p str)>,
        last: [(&'p str, &'p str); N],
    ) -> [usize; N] {
        let start = self.text.len();
        self.push_prefix(first);
        self.ends.pop();
        let mut is_first_pair = true;
        let offsets = last.map(|(name, value)| {
            let offset = self.text.len() - start;
            let follows = !is_first_pair;
            is_first_pair = push_label(&mut self.text, is_first_pair, name, value);
            // A pair that follows another starts after the comma.
            offset + usize::from(follows && self.text.len() > start + offset)
        });
        self.ends.push(self.text.len());
        offsets
    }

    /// As [`Self::push`], but with a comma after each pair, for a set that is written before others.
    pub fn push_prefix<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) {
        for (name, value) in pairs {
            if !push_label(&mut self.text, true, name, value) {
                self.text.push(',');
            }
        }
        self.ends.push(self.text.len());
    }

    /// Adds a pair with a comma before it, which is written after others.
    pub fn push_suffix(&mut self, (name, value): (&str, &str)) {
        push_label(&mut self.text, false, name, value);
        self.ends.push(self.text.len());
    }

    /// Frees reserved memory that is not used.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// The set at index `number`; no labels when there is no such set.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A set ends after the one before it."
    )]
    pub fn get(&self, number: usize) -> EscapedLabels<'_> {
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let end = self.ends.get(number).copied();
        match (start, end) {
            // The next sets follow: they may be copied along.
            (Some(start), Some(end)) => EscapedLabels(Padded::new(
                self.text.as_bytes().get(start..).unwrap_or_default(),
                end - start,
            )),
            _ => EscapedLabels::EMPTY,
        }
    }
}

/// A destination for labels.
pub(super) trait LabelSink {
    /// Appends `text`.
    fn add(&mut self, text: &str);
}

impl LabelSink for String {
    fn add(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl LabelSink for TextBuffer {
    fn add(&mut self, text: &str) {
        self.push(text.as_bytes());
    }
}

/// Appends `name="value"`, after a comma unless it is the first, and returns whether the next one is still
/// the first.
pub(super) fn push_label(out: &mut impl LabelSink, first: bool, name: &str, value: &str) -> bool {
    if value.is_empty() {
        return first;
    }
    if !first {
        out.add(",");
    }
    out.add(name);
    out.add("=\"");
    let mut rest = value;
    while let Some(at) = memchr::memchr3(b'\\', b'"', b'\n', rest.as_bytes()) {
        let (plain, special) = rest.split_at(at);
        out.add(plain);
        out.add(match special.as_bytes().first() {
            Some(b'\\') => "\\\\",
            Some(b'"') => "\\\"",
            _ => "\\n",
        });
        // The three characters that are escaped are one byte long each.
        rest = special.get(1..).unwrap_or_default();
    }
    out.add(rest);
    out.add("\"");
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<'a> EscapedLabels<'a> {
        fn text(self) -> &'a str {
            std::str::from_utf8(self.as_bytes()).unwrap()
        }
    }

    #[test]
    fn the_three_special_characters_are_escaped_and_nothing_else() {
        let labels = Labels::new().with("a", "q\" b\\ n\n r\r t\t é 会議室");
        assert_eq!(
            labels.escaped().text(),
            "a=\"q\\\" b\\\\ n\\n r\r t\t é 会議室\""
        );
    }

    #[test]
    fn an_empty_value_is_left_out() {
        let labels = Labels::new()
            .with("a", "")
            .with("b", "1")
            .with("c", "")
            .with("d", "2");
        assert_eq!(labels.escaped().text(), "b=\"1\",d=\"2\"");
    }

    #[test]
    fn an_arena_gives_each_set_back() {
        let mut arena = LabelArena::default();
        arena.push([("a", "1"), ("b", "2")]);
        arena.push([("a", "")]);
        arena.push([("c", "\"")]);
        assert_eq!(arena.get(0).text(), "a=\"1\",b=\"2\"");
        assert_eq!(arena.get(1).text(), "");
        assert_eq!(arena.get(2).text(), "c=\"\\\"\"");
        arena.push_prefix([("d", "1"), ("e", ""), ("f", "2")]);
        assert_eq!(arena.get(3).text(), "d=\"1\",f=\"2\",");
        assert!(arena.get(4).as_bytes().is_empty());
    }
}
