//! Label pairs that are escaped once and written many times.

/// Label pairs as they stand between the braces of a sample, escaped: `a="1",b="2"`.
///
/// Only [`Labels`] and [`LabelArena`] make one, so that what is written with it is always escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fragment<'a>(&'a str);

impl<'a> Fragment<'a> {
    /// No labels at all.
    pub const EMPTY: Fragment<'static> = Fragment("");

    /// The escaped text.
    pub const fn as_str(self) -> &'a str {
        self.0
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
        Fragment(&self.0)
    }
}

/// Many sets of label pairs in one allocation, found by their number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelArena {
    text: String,
    ends: Vec<usize>,
}

impl LabelArena {
    /// Adds a set made of `pairs` and returns nothing: sets are numbered from 0 as they are added.
    pub fn push<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) {
        let mut first = true;
        for (name, value) in pairs {
            first = push_label(&mut self.text, first, name, value);
        }
        self.ends.push(self.text.len());
    }

    /// Gives back what was reserved and is not used.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Set `number`; no labels where there is no such set.
    pub fn get(&self, number: usize) -> Fragment<'_> {
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let end = self.ends.get(number).copied();
        match (start, end) {
            (Some(start), Some(end)) => Fragment(self.text.get(start..end).unwrap_or_default()),
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

impl Sink for Vec<u8> {
    fn add(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
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
    let special = |it: &u8| matches!(it, b'\\' | b'"' | b'\n');
    while let Some(at) = rest.as_bytes().iter().position(special) {
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

    #[test]
    fn the_three_special_characters_are_escaped_and_nothing_else() {
        let labels = Labels::new().with("a", "q\" b\\ n\n r\r t\t é 会議室");
        assert_eq!(
            labels.fragment().as_str(),
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
        assert_eq!(labels.fragment().as_str(), "b=\"1\",d=\"2\"");
    }

    #[test]
    fn an_arena_gives_each_set_back() {
        let mut arena = LabelArena::default();
        arena.push([("a", "1"), ("b", "2")]);
        arena.push([("a", "")]);
        arena.push([("c", "\"")]);
        assert_eq!(arena.get(0).as_str(), "a=\"1\",b=\"2\"");
        assert_eq!(arena.get(1).as_str(), "");
        assert_eq!(arena.get(2).as_str(), "c=\"\\\"\"");
        assert_eq!(arena.get(3), Fragment::EMPTY);
    }
}
