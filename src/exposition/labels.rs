//! Label pairs that are escaped once and written many times.

use super::buffer::{Padded, TextBuffer};

/// Label pairs as they stand between the braces of a sample, escaped: `a="1",b="2"`.
///
/// Only [`Labels`] and [`LabelArena`] make one, so that what is written with it is always escaped.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a>(Padded<'a>);

impl<'a> Fragment<'a> {
    /// No labels at all.
    pub const EMPTY: Fragment<'static> = Fragment(Padded::new(&[], 0));

    /// The escaped text, in UTF-8.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0.text()
    }

    /// To be copied.
    pub(super) const fn padded(self) -> Padded<'a> {
        self.0
    }

    /// The pairs behind the first `count` bytes, which must end with a pair's comma.
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        Self(self.0.skip(count))
    }
}

/// Builds one set of label pairs. A label with an empty value is left out, for that is what an empty
/// value means to Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(String);

impl Labels {
    /// No labels yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a label. `name` must be a valid label name: all of ours stand in the catalogue.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let first = self.0.is_empty();
        push_label(&mut self.0, first, name, value);
        self
    }

    /// The pairs, to be written.
    pub fn fragment(&self) -> Fragment<'_> {
        Fragment(Padded::new(self.0.as_bytes(), self.0.len()))
    }
}

/// Many sets of label pairs in one allocation, found by their number.
#[derive(Clone, Debug, Default)]
pub struct LabelArena {
    text: String,
    ends: Vec<usize>,
}

impl LabelArena {
    /// Room for so many sets that take so many bytes.
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

    /// Adds a set made of `pairs`: sets are numbered from 0 as they are added.
    pub fn push<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) {
        let mut first = true;
        for (name, value) in pairs {
            first = push_label(&mut self.text, first, name, value);
        }
        self.ends.push(self.text.len());
    }

    /// Adds a set made of `place`, which is not empty, and `own`. Returns for each pair of `own` how much of
    /// the set stands before it.
    #[expect(clippy::arithmetic_side_effects, reason = "The text grows.")]
    pub fn push_own<'p, const N: usize>(
        &mut self,
        place: impl IntoIterator<Item = (&'p str, &'p str)>,
        own: [(&'p str, &'p str); N],
    ) -> [usize; N] {
        let start = self.text.len();
        self.push_open(place);
        self.ends.pop();
        let mut first = true;
        let before = own.map(|(name, value)| {
            let before = self.text.len() - start;
            let is_first = first;
            first = push_label(&mut self.text, first, name, value);
            // A pair that follows another begins behind their comma.
            before + usize::from(!is_first && self.text.len() > start + before)
        });
        self.ends.push(self.text.len());
        before
    }

    /// As [`Self::push`], each pair with a comma behind it, for pairs that others follow.
    pub fn push_open<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) {
        for (name, value) in pairs {
            if !push_label(&mut self.text, true, name, value) {
                self.text.push(',');
            }
        }
        self.ends.push(self.text.len());
    }

    /// Adds a pair with a comma before it, which follows others.
    pub fn push_following(&mut self, (name, value): (&str, &str)) {
        push_label(&mut self.text, false, name, value);
        self.ends.push(self.text.len());
    }

    /// Gives back what was reserved and is not used.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Set `number`; no labels where there is no such set.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "A set ends behind the one before it."
    )]
    pub fn get(&self, number: usize) -> Fragment<'_> {
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let end = self.ends.get(number).copied();
        match (start, end) {
            // What follows are the next sets: they may be copied along.
            (Some(start), Some(end)) => Fragment(Padded::new(
                self.text.as_bytes().get(start..).unwrap_or_default(),
                end - start,
            )),
            _ => Fragment::EMPTY,
        }
    }
}

/// What labels are written into.
pub(super) trait Sink {
    /// Appends `text`.
    fn add(&mut self, text: &str);
}

impl Sink for String {
    fn add(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for TextBuffer {
    fn add(&mut self, text: &str) {
        self.push(text.as_bytes());
    }
}

/// Appends `name="value"`, behind a comma unless it is the first, and says whether the next one is
/// still the first.
pub(super) fn push_label(out: &mut impl Sink, first: bool, name: &str, value: &str) -> bool {
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

    impl<'a> Fragment<'a> {
        fn text(self) -> &'a str {
            std::str::from_utf8(self.as_bytes()).unwrap()
        }
    }

    #[test]
    fn the_three_special_characters_are_escaped_and_nothing_else() {
        let labels = Labels::new().with("a", "q\" b\\ n\n r\r t\t é 会議室");
        assert_eq!(
            labels.fragment().text(),
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
        assert_eq!(labels.fragment().text(), "b=\"1\",d=\"2\"");
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
        arena.push_open([("d", "1"), ("e", ""), ("f", "2")]);
        assert_eq!(arena.get(3).text(), "d=\"1\",f=\"2\",");
        assert!(arena.get(4).as_bytes().is_empty());
    }
}
