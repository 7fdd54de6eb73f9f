//! Writes the sample lines of a metric family.

use super::labels::push_label;
use super::value::{MAX_VALUE_LENGTH, push_value, write_value};
use super::{EscapedLabels, LinePrefix, LineSuffix, LineTemplate, TextBuffer};

/// Writes the samples of one family.
#[derive(Debug)]
pub struct Samples<'a> {
    out: &'a mut TextBuffer,
    prefix: &'a LinePrefix,
}

impl<'a> Samples<'a> {
    /// Appends samples of the family of `prefix` to `out`.
    pub fn new(out: &'a mut TextBuffer, prefix: &'a LinePrefix) -> Self {
        Self { out, prefix }
    }

    /// Writes one sample with `labels` and a prepared suffix.
    #[inline]
    pub fn write_suffixed(&mut self, labels: EscapedLabels<'_>, suffix: &LineSuffix) {
        self.write_fragments([labels], suffix);
    }

    /// Writes the samples of `template`, which is of this family, each with `labels`.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn write_lines<const N: usize>(
        &mut self,
        labels: EscapedLabels<'_>,
        template: &LineTemplate<N>,
    ) {
        debug_assert_eq!(*self.prefix, template.prefix);
        let labels = labels.padded();
        if labels.len() == 0 {
            for suffix in &template.suffixes {
                self.write_suffixed(EscapedLabels::EMPTY, suffix);
            }
            return;
        }
        self.out
            .append(labels.len() * N + template.length, |spare| {
                spare.push(template.prefix.padded());
                for between in &template.between {
                    spare.push(labels);
                    spare.push(between.padded());
                }
            });
    }

    /// As [`Self::write_suffixed`], with labels in several fragments. Every fragment but the last must end
    /// with a comma or be empty.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn write_fragments<const N: usize>(
        &mut self,
        fragments: [EscapedLabels<'_>; N],
        suffix: &LineSuffix,
    ) {
        let prefix = self.prefix.padded();
        let length: usize = fragments.iter().map(|it| it.padded().len()).sum();
        let suffix = match fragments.last() {
            Some(last) => suffix.after(last.padded()),
            None => suffix.padded(),
        };
        self.out
            .append(prefix.len() + length + suffix.len(), |spare| {
                spare.push(prefix);
                for fragment in fragments {
                    spare.push(fragment.padded());
                }
                spare.push(suffix);
            });
    }

    /// Writes one sample with `labels`.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn write(&mut self, labels: EscapedLabels<'_>, value: f64) {
        let (prefix, labels) = (self.prefix.padded(), labels.padded());
        if labels.len() > 0 {
            let max = prefix.len() + labels.len() + MAX_VALUE_LENGTH + 3;
            self.out.append(max, |spare| {
                spare.push(prefix);
                spare.push(labels);
                spare.push_short(b"} ");
                push_value(spare, value);
                spare.push_short(b"\n");
            });
            return;
        }
        let name = prefix.text().split_last().map_or(&[][..], |(_, name)| name);
        self.out.push(name);
        self.out.push(b" ");
        write_value(self.out, value);
        self.out.push(b"\n");
    }

    /// Writes one sample with labels that no other line has. A label with an empty value is left out.
    pub fn write_pairs<'p>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        value: f64,
    ) {
        self.out.push(self.prefix.padded().text());
        let mut first = true;
        for (name, value) in pairs {
            first = push_label(self.out, first, name, value);
        }
        self.out.push(b"} ");
        write_value(self.out, value);
        self.out.push(b"\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Labels;
    use super::*;

    #[test]
    fn a_sample_without_labels_has_no_braces() {
        let mut out = TextBuffer::new();
        Samples::new(&mut out, &LinePrefix::new("up")).write(EscapedLabels::EMPTY, 1.0);
        assert_eq!(out.as_slice(), b"up 1\n");
    }

    #[test]
    fn a_template_gives_the_same_lines_as_its_suffixes() {
        let prefix = LinePrefix::new("density_x");
        let labels = Labels::new().with("z", "1");
        let suffixes = [(&labels, 0.0), (&Labels::new(), 1.5), (&labels, 1.0)];
        let suffixes = suffixes.map(|(it, value)| LineSuffix::new(it.escaped(), value));
        let lines = LineTemplate::new(&prefix, suffixes.clone());
        for place in ["", "short", &"long ".repeat(100)] {
            let place = Labels::new().with("place", place);
            let mut ways = [TextBuffer::new(), TextBuffer::new()];
            let [together, apart] = &mut ways;
            Samples::new(together, &prefix).write_lines(place.escaped(), &lines);
            for suffix in &suffixes {
                Samples::new(apart, &prefix).write_suffixed(place.escaped(), suffix);
            }
            assert_eq!(ways[0].as_slice(), ways[1].as_slice());
        }
    }

    /// Reads one sample line back as the format's description says, not as our writer writes.
    fn parse(line: &str) -> (String, Vec<(String, String)>, f64) {
        let mut characters = line.chars().peekable();
        let mut name = String::new();
        while let Some(c) = characters.next_if(|c| !matches!(c, '{' | ' ')) {
            name.push(c);
        }
        let mut labels = Vec::new();
        if characters.next_if_eq(&'{').is_some() {
            loop {
                let mut label = String::new();
                while let Some(c) = characters.next_if(|c| *c != '=') {
                    label.push(c);
                }
                assert_eq!(
                    (characters.next(), characters.next()),
                    (Some('='), Some('"'))
                );
                let mut value = String::new();
                loop {
                    match characters.next().expect("a label value ends") {
                        '"' => break,
                        '\\' => value.push(match characters.next().expect("an escape ends") {
                            'n' => '\n',
                            other => other,
                        }),
                        other => value.push(other),
                    }
                }
                labels.push((label, value));
                match characters.next() {
                    Some(',') => {}
                    Some('}') => break,
                    other => panic!("{other:?} after a label"),
                }
            }
        }
        assert_eq!(characters.next(), Some(' '));
        let rest: String = characters.collect();
        let number = match rest.strip_suffix('\n').expect("a line ends") {
            "+Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            finite => finite.parse().unwrap(),
        };
        (name, labels, number)
    }

    proptest! {
        #[test]
        fn any_labels_and_any_value_survive(
            values in prop::collection::vec(any::<String>(), 0..4),
            bits in any::<u64>(),
        ) {
            let value = f64::from_bits(bits);
            let names = ["building", "floor", "space", "space_id"];
            let labels = values
                .iter()
                .zip(names)
                .fold(Labels::new(), |labels, (value, name)| labels.with(name, value));
            let mut ways = [TextBuffer::new(), TextBuffer::new(), TextBuffer::new()];
            let [written, prepared, labelled] = &mut ways;
            let prefix = LinePrefix::new("density_x");
            Samples::new(written, &prefix).write(labels.escaped(), value);
            // The first label belongs to the place, the others to the suffix.
            let place = values.iter().zip(names).take(1);
            let place = place.fold(Labels::new(), |labels, (value, name)| labels.with(name, value));
            let more = values.iter().zip(names).skip(1);
            let more = more.fold(Labels::new(), |labels, (value, name)| labels.with(name, value));
            let suffix = LineSuffix::new(more.escaped(), value);
            Samples::new(prepared, &prefix).write_suffixed(place.escaped(), &suffix);
            let pairs = names.iter().zip(&values).map(|(name, value)| (*name, value.as_str()));
            Samples::new(labelled, &prefix).write_pairs(pairs, value);
            for out in ways {
            let text = String::from_utf8(out.into_vec()).unwrap().replace("density_x{}", "density_x");
            let (name, read, number) = parse(&text);

            prop_assert_eq!(name, "density_x");
            let expected: Vec<(String, String)> = names
                .iter()
                .zip(&values)
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.to_string(), value.clone()))
                .collect();
            prop_assert_eq!(read, expected);
            if value.is_nan() {
                prop_assert!(number.is_nan());
            } else {
                prop_assert_eq!(number.to_bits(), value.to_bits());
            }
            }
        }
    }
}
