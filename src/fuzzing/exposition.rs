//! The encoder: whatever the labels and the value of a sample are, they can be parsed again.

use std::collections::BTreeMap;

use crate::exposition::{
    LabelArena, Labels, LinePrefix, LineSuffix, LineTemplate, Samples, TextBuffer,
};

use super::input::Input;
use super::text_format::{Sample, read_sample};

/// Samples written in every possible way, one after the other.
pub(super) fn exposition(data: &[u8]) {
    let mut input = Input::new(data);
    // Earlier contents of the buffer must not be visible.
    let mut out = TextBuffer::new();
    out.push(&[b'x'; 300][..input.byte().into()]);
    out.clear();
    let mut expected = Vec::new();
    while !input.is_empty() && expected.len() < 64 {
        write(&mut input, &mut out, &mut expected);
    }
    let text = std::str::from_utf8(out.as_slice()).expect("text");
    let mut lines = text.split_terminator('\n');
    for sample in &expected {
        let line = lines.next().expect("a line for each sample");
        let read = read_sample(line);
        let is_same = read.value.to_bits() == sample.value.to_bits()
            || read.value.is_nan() && sample.value.is_nan();
        assert!(is_same, "{read:?} for {sample:?}");
        assert_eq!(
            (read.name, read.labels),
            (sample.name.clone(), sample.labels.clone())
        );
    }
    assert_eq!(lines.next(), None);
}

type Pairs = Vec<(String, String)>;

fn write(input: &mut Input<'_>, out: &mut TextBuffer, expected: &mut Vec<Sample>) {
    let way = input.byte() % 6;
    let place = pairs(input, "p");
    let more = pairs(input, "m");
    let value = input.number();
    let name = format!("density_{}", word(input));
    let mut expect = |pairs: &[&Pairs], value: f64| {
        let all = pairs.iter().copied().flatten().cloned();
        expected.push(Sample {
            name: name.clone(),
            labels: all
                .filter(|it| !it.1.is_empty())
                .collect::<BTreeMap<_, _>>(),
            value,
        });
    };
    let (at, suffix) = (
        labels(&place),
        LineSuffix::new(labels(&more).escaped(), value),
    );
    let prefix = LinePrefix::new(&name);
    let mut samples = Samples::new(out, &prefix);
    match way {
        0 => {
            samples.write(at.escaped(), value);
            expect(&[&place], value);
        }
        1 => {
            samples.write_suffixed(at.escaped(), &suffix);
            expect(&[&place, &more], value);
        }
        2 => {
            let bare = LineSuffix::new(Labels::new().escaped(), 1.0);
            let lines = LineTemplate::new(&prefix, [suffix.clone(), bare, suffix]);
            samples.write_lines(at.escaped(), &lines);
            expect(&[&place, &more], value);
            expect(&[&place], 1.0);
            expect(&[&place, &more], value);
        }
        3 => {
            let mut arena = LabelArena::default();
            arena.push_prefix(borrowed(&place));
            arena.push([("own", "1")]);
            samples.write_fragments([arena.get(0), arena.get(1)], &suffix);
            let own = vec![("own".to_owned(), "1".to_owned())];
            expect(&[&place, &own, &more], value);
        }
        4 => {
            samples.write_pairs(borrowed(&place).chain(borrowed(&more)), value);
            expect(&[&place, &more], value);
        }
        _ => {
            // A set between others: bytes that are copied along with it must not be visible.
            let mut arena = LabelArena::with_capacity(64, 3);
            arena.push(borrowed(&more));
            let own = [("own", "ø\"")];
            let [before] = arena.push_with_offsets(borrowed(&place), own);
            arena.push(borrowed(&more));
            samples.write(arena.get(1), value);
            samples.write_suffixed(arena.get(1).skip(before), &suffix);
            samples.write_suffixed(arena.get(2), &LineSuffix::new(arena.get(3), value));
            let own = vec![("own".to_owned(), "ø\"".to_owned())];
            expect(&[&place, &own], value);
            expect(&[&own, &more], value);
            expect(&[&more], value);
        }
    }
}

fn labels(pairs: &Pairs) -> Labels {
    borrowed(pairs).fold(Labels::new(), |labels, (name, value)| {
        labels.with(name, value)
    })
}

fn borrowed(pairs: &Pairs) -> impl Iterator<Item = (&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

/// At most seven pairs, whose names are different ones and begin with `first`.
fn pairs(input: &mut Input<'_>, first: &str) -> Pairs {
    let count = input.byte() % 8;
    let pair = |number| (format!("{first}{number}_{}", word(input)), input.text());
    (0..count).map(pair).collect()
}

/// At most 31 characters that are valid in a name.
fn word(input: &mut Input<'_>) -> String {
    const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789__";

    let length = input.byte() % 32;
    let letters = input.bytes(length.into()).iter();
    letters
        .map(|it| char::from(LETTERS[usize::from(it & 63)]))
        .collect()
}
