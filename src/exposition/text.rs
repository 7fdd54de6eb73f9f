//! The text format: headers, samples and values.

use super::Fragment;

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
pub fn write_header(out: &mut Vec<u8>, name: &str, kind: Kind, help: &str) {
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
        out.extend_from_slice(part.as_bytes());
    }
}

/// Writes the samples of one family.
#[derive(Debug)]
pub struct Samples<'a> {
    out: &'a mut Vec<u8>,
    name: &'a str,
}

impl<'a> Samples<'a> {
    /// Samples of the family `name`, appended to `out`.
    pub fn new(out: &'a mut Vec<u8>, name: &'a str) -> Self {
        Self { out, name }
    }

    /// One sample, with the labels of `place` and then those of `more`.
    pub fn write(&mut self, place: Fragment<'_>, more: Fragment<'_>, value: f64) {
        let (place, more) = (place.as_str().as_bytes(), more.as_str().as_bytes());
        // One reservation a sample: the writes below then never grow the buffer.
        self.out
            .reserve(self.name.len() + place.len() + more.len() + 40);
        self.out.extend_from_slice(self.name.as_bytes());
        if !place.is_empty() || !more.is_empty() {
            self.out.push(b'{');
            self.out.extend_from_slice(place);
            if !place.is_empty() && !more.is_empty() {
                self.out.push(b',');
            }
            self.out.extend_from_slice(more);
            self.out.push(b'}');
        }
        self.out.push(b' ');
        write_value(self.out, value);
        self.out.push(b'\n');
    }
}

/// Writes a value so that reading it back gives the same number: whole numbers without a fraction,
/// everything else as short as it can be.
pub fn write_value(out: &mut Vec<u8>, value: f64) {
    /// Every whole number up to here has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;

    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if value.trunc() == value
        && value.abs() <= EXACT
        && !(value == 0.0 && value.is_sign_negative())
    {
        // In range, so that the conversion is exact.
        out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
    } else {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Labels;
    use super::*;

    fn text(value: f64) -> String {
        let mut out = Vec::new();
        write_value(&mut out, value);
        String::from_utf8(out).unwrap()
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
        let mut out = Vec::new();
        Samples::new(&mut out, "up").write(Fragment::EMPTY, Fragment::EMPTY, 1.0);
        assert_eq!(out, b"up 1\n");
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
            let mut out = Vec::new();
            Samples::new(&mut out, "density_x").write(labels.fragment(), Fragment::EMPTY, value);
            let (name, read, number) = parse(std::str::from_utf8(&out).unwrap());

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
