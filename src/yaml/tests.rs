//! Mistakes in the form of a file, each with its place and message.

use rstest::rstest;
use serde::Deserialize;

use super::document::read;
use super::node::Node;
use super::scalar::{Scalar, Value, boolean};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    flag: Value<bool>,
    items: Node<Vec<Node<File>>>,
}

fn error(text: &str) -> String {
    let read = read::<File>("a.yml", text, Some("name its place"));
    read.err().map_or_else(String::new, |it| it.to_string())
}

#[rstest]
#[case("flog: true", "1: flog: unknown key; did you mean flag?")]
#[case("a: 1", "1: a: unknown key; the keys here are flag, items")]
#[case("a:\n  b: 1", "1: a: unknown key; the keys here are flag, items")]
#[case("token: 1", "1: token: unknown key; name its place")]
#[case("\"a\": 1", "1: a: unknown key; the keys here are flag, items")]
#[case("a:\n", "1: has an unknown key; the keys here are flag, items")]
#[case("a: # b\n", "1: has an unknown key; the keys here are flag, items")]
#[case(
    "a:\nflag: yes",
    "1: has an unknown key; the keys here are flag, items"
)]
#[case("{ a }", "1: has an unknown key; the keys here are flag, items")]
#[case("a b: 1", "1: has an unknown key; the keys here are flag, items")]
#[case(
    "<<: { flag: true }",
    "1: has an unknown key; the keys here are flag, items"
)]
#[case(
    "items:\n- items:\n  - a: 1",
    "3: items[0].items[0].a: unknown key; the keys here are flag, items"
)]
#[case("flag: true\nflag: false", "2: flag: given twice; remove one of them")]
#[case(
    "items: [{ flag: true, flag: false }]",
    "1: items[0].flag: given twice; remove one of them"
)]
#[case("flag: [true]", "1: flag: is a list; write one value")]
#[case("flag: { a: b }", "1: flag: is a map of keys; write one value")]
#[case(
    "items: a",
    "1: items: is no list; write one, each item after a dash or between [ and ]"
)]
#[case(
    "- a",
    "1: a list stands where keys are expected; write them as key: value"
)]
#[case(
    "items: [-5]",
    "1: items[0]: one value stands where keys are expected; write them as key: value"
)]
#[case(
    "? [a]\n: b",
    "1: can't be used at column 3; a key must be a word: write key: value"
)]
#[case("flag: !!bool true", "1: a tag (!name) can't be used here; remove it")]
#[case("items:\n- !a {}", "2: a tag (!name) can't be used here; remove it")]
#[case("!a flag: true", "1: a tag (!name) can't be used here; remove it")]
#[case(
    "flag: *a",
    "1: an alias (*name) can't be used here; write the value out"
)]
#[case(
    "flag: &a true\nitems: [{ flag: *a }]",
    "2: an alias (*name) can't be used here; write the value out"
)]
#[case(
    "flag: true\n---\nflag: true",
    "3: a second document begins here; keep one, without a --- line"
)]
#[case(
    "flag: 'a",
    "1: not YAML at column 7: unclosed quote; correct the syntax and check again"
)]
fn a_mistake_has_its_place(#[case] text: &str, #[case] expected: &str) {
    let message = error(text);
    assert_eq!(message, format!("a.yml:{expected}"), "{text}");
}

#[test]
fn what_stands_without_quotes_is_read_by_the_core_schema() {
    for (text, expected) in [
        ("true", Scalar::Boolean(true)),
        ("FALSE", Scalar::Boolean(false)),
        ("yes", Scalar::Text("yes".to_owned())),
        ("'true'", Scalar::Text("true".to_owned())),
        ("on", Scalar::Text("on".to_owned())),
        ("~", Scalar::Null),
        ("", Scalar::Null),
        ("'~'", Scalar::Text("~".to_owned())),
        ("'5'", Scalar::Text("5".to_owned())),
        ("-5", Scalar::Number("-5".to_owned())),
        ("1.50", Scalar::Number("1.5".to_owned())),
        ("1e3", Scalar::Number("1000".to_owned())),
        ("1_000", Scalar::Text("1_000".to_owned())),
        (
            "18446744073709551616",
            Scalar::Number("18446744073709552000".to_owned()),
        ),
    ] {
        let file = read::<File>("a.yml", &format!("flag: {text}"), None).unwrap();
        let file = file.value.unwrap();
        let found = &file.flag.value;
        assert!(*found == expected, "{text}");
        let is_boolean = matches!(found, Scalar::Boolean(_));
        assert_eq!(boolean(found).is_ok(), is_boolean, "{text}");
    }
}

#[test]
fn a_file_of_nothing_has_no_value() {
    for text in ["", "# a\n", "~", "---\n", "\u{feff}"] {
        let file = read::<File>("a.yml", text, None).unwrap();
        assert!(file.value.is_none(), "{text:?}");
    }
    let file = read::<File>("a.yml", "\u{feff}flag: true", None).unwrap();
    assert!(file.value.unwrap().flag.is_given());
}
