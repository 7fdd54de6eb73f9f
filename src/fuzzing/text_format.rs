//! A parser of the text format 0.0.4, written from its description and not from our writer. It panics when
//! Prometheus could not read a page.

use std::collections::{BTreeMap, HashSet};

/// One sample.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
}

/// The samples of a page. Families must have their two header lines once, before their samples and
/// together, and no series may be on it twice.
pub(super) fn read_page(text: &str) -> Vec<Sample> {
    let mut families = HashSet::new();
    let mut series = HashSet::new();
    let mut family = "";
    let mut samples = Vec::new();
    assert!(text.is_empty() || text.ends_with('\n'));
    let mut lines = text.split_terminator('\n');
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap_or_default();
            assert!(families.insert(family), "{family} comes twice");
            let kind = lines.next().and_then(|it| it.strip_prefix("# TYPE "));
            let kind = kind.and_then(|it| it.strip_prefix(family));
            assert!(matches!(kind, Some(" gauge" | " counter" | " histogram")));
            continue;
        }
        let sample = read_sample(line);
        assert_eq!(sample.name, family);
        let is_new = series.insert((family, sample.labels.clone()));
        assert!(is_new, "twice: {sample:?}");
        samples.push(sample);
    }
    samples
}

/// A line without its end.
pub(super) fn read_sample(line: &str) -> Sample {
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let end = line.find(|it| !is_of_name(it)).unwrap_or(line.len());
    let (name, mut rest) = line.split_at(end);
    assert!(
        name.starts_with(|it: char| it.is_ascii_alphabetic()),
        "{line}"
    );
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            if let Some(behind) = rest.strip_prefix('}') {
                rest = behind;
                break;
            }
            let (label, value, behind) = read_label(rest);
            assert!(!value.is_empty(), "an empty label says nothing: {line}");
            assert!(labels.insert(label, value).is_none(), "twice: {line}");
            rest = match behind.strip_prefix(',') {
                Some(next) => {
                    assert!(!next.starts_with('}'), "{line}");
                    next
                }
                None => behind,
            };
            assert!(rest.len() < behind.len() || rest.starts_with('}'), "{line}");
        }
    }
    let value = rest.strip_prefix(' ').expect("a space and a value");
    let value = match value {
        "NaN" => f64::NAN,
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        finite => {
            let number: f64 = finite.parse().expect("a number");
            assert!(number.is_finite(), "{line}");
            number
        }
    };
    Sample {
        name: name.to_owned(),
        labels,
        value,
    }
}

/// `name="value"`, and what follows it.
fn read_label(text: &str) -> (String, String, &str) {
    let (name, rest) = text.split_once("=\"").expect("a label and its value");
    let is_of_name = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    assert!(!name.is_empty() && name.bytes().all(is_of_name), "{text}");
    assert!(!name.starts_with(|it: char| it.is_ascii_digit()), "{text}");
    let mut value = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let behind = rest.get(at..).and_then(|it| it.strip_prefix('"'));
                return (name.to_owned(), value, behind.unwrap_or_default());
            }
            '\\' => value.push(match letters.next() {
                Some((_, 'n')) => '\n',
                Some((_, plain @ ('"' | '\\'))) => plain,
                other => panic!("no escape: {other:?} in {text}"),
            }),
            plain => value.push(plain),
        }
    }
    panic!("a label without end: {text}");
}
