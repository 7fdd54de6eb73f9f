//! The text format: headers, samples and values.

use super::Fragment;
use super::buffer::{Padded, PaddedText, Room, TextBuffer};
use super::labels::push_label;

/// The type of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Goes up only.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
}

impl Kind {
    /// As it stands in a `# TYPE` line.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// Writes the two lines that begin a family. `help` must be without line breaks and backslashes,
/// which a test of the catalogue asserts.
pub fn write_header(out: &mut TextBuffer, name: &str, kind: Kind, help: &str) {
    for part in [
        "# HELP ",
        name,
        " ",
        help,
        "\n# TYPE ",
        name,
        " ",
        kind.name(),
        "\n",
    ] {
        out.push(part.as_bytes());
    }
}

/// Writes the samples of one family.
#[derive(Debug)]
pub struct Samples<'a> {
    out: &'a mut TextBuffer,
    opening: &'a Opening,
}

/// What begins a line with labels: the name of its family and a brace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening(PaddedText);

impl Opening {
    /// Of the family `name`.
    pub fn new(name: &str) -> Self {
        let mut text = Vec::with_capacity(name.len().saturating_add(256));
        text.extend_from_slice(name.as_bytes());
        text.push(b'{');
        Self(PaddedText::new(text))
    }

    fn padded(&self) -> Padded<'_> {
        self.0.padded()
    }
}

/// What follows the labels of a place on many lines: more labels, the value, the line's end.
#[derive(Clone, Debug)]
pub struct Ending(PaddedText);

impl Ending {
    /// The labels `more` and a value.
    pub fn new(more: Fragment<'_>, value: f64) -> Self {
        let mut ending = TextBuffer::new();
        if !more.as_bytes().is_empty() {
            ending.push(b",");
            ending.push(more.as_bytes());
        }
        ending.push(b"} ");
        write_value(&mut ending, value);
        ending.push(b"\n");
        Self(PaddedText::new(ending.into_vec()))
    }

    /// What follows a place: without a comma if there is nothing before it.
    fn behind(&self, place: Padded<'_>) -> Padded<'_> {
        let all = self.0.padded();
        match all.text().first() {
            Some(b',') if place.len() == 0 => all.skip(1),
            _ => all,
        }
    }
}

/// Lines that follow each other and carry the labels of the same place: between two places stands what
/// is always the same, which is copied in one piece.
#[derive(Clone, Debug)]
pub struct Lines<const N: usize> {
    endings: [Ending; N],
    /// What begins the first line.
    opening: Opening,
    /// The endings, each with the beginning of the line that follows it.
    behind: [PaddedText; N],
    /// How long all of it is.
    length: usize,
}

impl<const N: usize> Lines<N> {
    /// Lines of the family of `opening`, which end so.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn new(opening: &Opening, endings: [Ending; N]) -> Self {
        let mut number = 0;
        let behind = endings.each_ref().map(|ending| {
            number += 1;
            let mut text = ending.0.padded().text().to_vec();
            if number < N {
                text.extend_from_slice(opening.padded().text());
            }
            PaddedText::new(text)
        });
        let length = behind.iter().map(|it| it.padded().len()).sum::<usize>();
        Self {
            length: opening.padded().len() + length,
            endings,
            opening: opening.clone(),
            behind,
        }
    }
}

impl<'a> Samples<'a> {
    /// Samples of the family of `opening`, appended to `out`.
    pub fn new(out: &'a mut TextBuffer, opening: &'a Opening) -> Self {
        Self { out, opening }
    }

    /// One sample with the labels of `place`, and the rest as it was prepared.
    #[inline]
    pub fn prepared(&mut self, place: Fragment<'_>, ending: &Ending) {
        self.pieces([place], ending);
    }

    /// The samples that `lines`, of this family, were prepared for, all with the labels of `place`.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn lines<const N: usize>(&mut self, place: Fragment<'_>, lines: &Lines<N>) {
        debug_assert_eq!(*self.opening, lines.opening);
        let place = place.padded();
        if place.len() == 0 {
            for ending in &lines.endings {
                self.prepared(Fragment::EMPTY, ending);
            }
            return;
        }
        self.out.append(place.len() * N + lines.length, |room| {
            room.push(lines.opening.padded());
            for behind in &lines.behind {
                room.push(place);
                room.push(behind.padded());
            }
        });
    }

    /// As [`Self::prepared`], with labels in several pieces. A piece that another follows must end with
    /// a comma or be empty.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn pieces<const N: usize>(&mut self, pieces: [Fragment<'_>; N], ending: &Ending) {
        let open = self.opening.padded();
        let labels: usize = pieces.iter().map(|it| it.padded().len()).sum();
        let ending = match pieces.last() {
            Some(last) => ending.behind(last.padded()),
            None => ending.0.padded(),
        };
        self.out.append(open.len() + labels + ending.len(), |room| {
            room.push(open);
            for piece in pieces {
                room.push(piece.padded());
            }
            room.push(ending);
        });
    }

    /// One sample with the labels of `place`.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub fn write(&mut self, place: Fragment<'_>, value: f64) {
        let (open, place) = (self.opening.padded(), place.padded());
        if place.len() > 0 {
            let most = open.len() + place.len() + LONGEST_VALUE + 3;
            self.out.append(most, |room| {
                room.push(open);
                room.push(place);
                room.push_short(b"} ");
                push_value(room, value);
                room.push_short(b"\n");
            });
            return;
        }
        let name = open.text().split_last().map_or(&[][..], |(_, name)| name);
        self.out.push(name);
        self.out.push(b" ");
        write_value(self.out, value);
        self.out.push(b"\n");
    }

    /// One sample with labels that stand on no other line. A label with an empty value is left out.
    pub fn labelled<'p>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        value: f64,
    ) {
        self.out.push(self.opening.padded().text());
        let mut first = true;
        for (name, value) in pairs {
            first = push_label(self.out, first, name, value);
        }
        self.out.push(b"} ");
        write_value(self.out, value);
        self.out.push(b"\n");
    }
}

/// No value is longer in bytes: a float takes 24, a whole number 20.
const LONGEST_VALUE: usize = 24;

/// Writes a value so that reading it back gives the same number: whole numbers without a fraction,
/// everything else as short as it can be.
pub fn write_value(out: &mut TextBuffer, value: f64) {
    out.append(LONGEST_VALUE, |room| push_value(room, value));
}

#[inline]
fn push_value(room: &mut Room<'_>, value: f64) {
    /// Every whole number up to here has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;

    // What is not whole, not finite or too large comes back as another number, and a negative zero with
    // other bits.
    let whole = value as i64;
    if (whole as f64).to_bits() == value.to_bits() && value.abs() <= EXACT {
        match u8::try_from(whole) {
            Ok(digit @ 0..=9) => room.push_short(&[b'0' | digit]),
            _ => room.push_short(itoa::Buffer::new().format(whole).as_bytes()),
        }
    } else if value.is_nan() {
        room.push_short(b"NaN");
    } else if value.is_infinite() {
        room.push_short(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else {
        room.push_short(ryu::Buffer::new().format_finite(value).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Labels;
    use super::*;

    fn text(value: f64) -> String {
        let mut out = TextBuffer::new();
        write_value(&mut out, value);
        String::from_utf8(out.into_vec()).unwrap()
    }

    #[test]
    fn values_look_as_people_expect() {
        let looks = [
            (0.0, "0"),
            (-0.0, "-0.0"),
            (1.0, "1"),
            (0.25, "0.25"),
            (1_764_000_000.0, "1764000000"),
            (1e300, "1e300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, expected) in looks {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn a_sample_without_labels_has_no_braces() {
        let mut out = TextBuffer::new();
        Samples::new(&mut out, &Opening::new("up")).write(Fragment::EMPTY, 1.0);
        assert_eq!(out.as_slice(), b"up 1\n");
    }

    #[test]
    fn lines_are_what_their_endings_are_one_by_one() {
        let opening = Opening::new("density_x");
        let labels = Labels::new().with("z", "1");
        let endings = [(&labels, 0.0), (&Labels::new(), 1.5), (&labels, 1.0)];
        let endings = endings.map(|(it, value)| Ending::new(it.fragment(), value));
        let lines = Lines::new(&opening, endings.clone());
        for place in ["", "short", &"long ".repeat(100)] {
            let place = Labels::new().with("place", place);
            let mut ways = [TextBuffer::new(), TextBuffer::new()];
            let [together, apart] = &mut ways;
            Samples::new(together, &opening).lines(place.fragment(), &lines);
            for ending in &endings {
                Samples::new(apart, &opening).prepared(place.fragment(), ending);
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
            let opening = Opening::new("density_x");
            Samples::new(written, &opening).write(labels.fragment(), value);
            // The first label belongs to the place, the others to the ending.
            let place = values.iter().zip(names).take(1);
            let place = place.fold(Labels::new(), |labels, (value, name)| labels.with(name, value));
            let more = values.iter().zip(names).skip(1);
            let more = more.fold(Labels::new(), |labels, (value, name)| labels.with(name, value));
            let ending = Ending::new(more.fragment(), value);
            Samples::new(prepared, &opening).prepared(place.fragment(), &ending);
            let pairs = names.iter().zip(&values).map(|(name, value)| (*name, value.as_str()));
            Samples::new(labelled, &opening).labelled(pairs, value);
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
