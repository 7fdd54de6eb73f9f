//! Answers of any shape, whole and in pieces.

use proptest::prelude::*;

use super::super::json::first_value;
use super::*;

/// Takes each entry as text.
#[derive(Default)]
struct Taken(Vec<String>);

impl Entries for Taken {
    type Output = Vec<String>;

    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        _: &mut Rejections,
    ) -> serde_json::Result<usize> {
        // Skipped first, as endpoints do with unknown fields: a truncated number is then another kind of
        // error than one that is decoded.
        let (raw, length) = first_value::<&serde_json::value::RawValue>(json)?;
        let value: serde_json::Value = serde_json::from_str(raw.get())?;
        self.0.push(format!("{}={value}", key.unwrap_or("-")));
        Ok(length)
    }

    fn heap_size(&self) -> usize {
        self.0.iter().map(String::len).sum()
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.0)
    }
}

fn read_in_pieces<'p>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
) -> Result<(Vec<String>, Rejections), String> {
    let mut decoder = AnswerDecoder::new(Taken::default());
    for piece in pieces {
        decoder.push(piece);
        decoder.advance().map_err(|it| it.0)?;
    }
    let read = decoder.finish().map_err(|it| it.0)?;
    Ok((read.entries, read.rejections))
}

fn keys(text: &str) -> Result<Vec<String>, String> {
    read_in_pieces([text.as_bytes()]).map(|it| it.0)
}

#[test]
fn answers_come_bare_or_wrapped_as_maps_or_lists() {
    for text in [
        r#"{"a": 1, "b": {}}"#,
        r#"{"data": {"a": 1, "b": {}}}"#,
        r#"{"result": {"a": 1, "b": {}}, "next": null}"#,
        r#"{"next": false, "x": [1], "data": {"a": 1, "b": {}}, "code": 1, "message": ""}"#,
    ] {
        assert_eq!(keys(text).unwrap(), ["a=1", "b={}"], "{text}");
    }
    for text in [
        "[1, {}]",
        r#"{"data": [1, {}]}"#,
        r#"{"next": null, "results": [1, {}]}"#,
    ] {
        assert_eq!(keys(text).unwrap(), ["-=1", "-={}"], "{text}");
    }
    assert_eq!(keys("{}").unwrap(), [""; 0]);
    assert_eq!(keys(r#"{"data": [], "next": ""}"#).unwrap(), [""; 0]);
}

#[test]
fn what_is_not_an_answer_says_so_without_repeating_it() {
    let cases = [
        ("", "it ends in the middle (byte 0)"),
        ("[{\"a\": 1}, {\"Ann", "it ends in the middle (byte 16)"),
        ("[1, 2", "it ends in the middle (byte 5)"),
        ("<html>Ann</html>", "it is not JSON (byte 0)"),
        ("[1 2]", "it is not JSON (byte 3)"),
        ("[1,]", "it is not JSON (byte 3)"),
        ("[{\"a\":\n1,,}]", "it is not JSON (byte 9)"),
        ("[1}", "it is not JSON (byte 2)"),
        ("{1: 2}", "it is not JSON (byte 1)"),
        ("[] []", "it is not JSON (byte 3)"),
        ("\"Ann\"", "it is neither a map nor a list"),
        ("{\"data\": \"Ann\"}", "it wraps neither a map nor a list"),
        (
            "{\"code\": 500, \"message\": \"Ann\"}",
            "it is an error's text, though its status is a success",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(keys(text).unwrap_err(), expected, "{text}");
    }
    for next in ["\"https://x/?page=2\"", "2", "{}"] {
        assert!(keys(&format!(r#"{{"results": [], "next": {next}}}"#)).is_err());
    }
}

#[test]
fn bytes_that_are_not_text_spoil_only_their_own_text() {
    let (read, _) = read_in_pieces([b"{\"a\": \"\xff\xc3\", \"b\": 2}".as_slice()]).unwrap();
    assert_eq!(read, ["a=\"??\"", "b=2"]);
}

#[test]
fn a_key_that_is_no_text_costs_only_its_own_entry() {
    let found = keys(r#"{"\ud800": 1, "a\u00e9\n": 2}"#).unwrap();
    assert_eq!(found, ["=1", "a\u{e9}\n=2"]);
}

#[test]
fn depth_costs_no_stack_and_only_its_own_entry() {
    let depth = 200_000;
    let text = format!("[{}{}, 2]", "[".repeat(depth), "]".repeat(depth));
    let (read, rejections) = read_in_pieces(text.as_bytes().chunks(50_000)).unwrap();
    assert_eq!(
        (read.as_slice(), rejections.total()),
        (["-=2".to_owned()].as_slice(), 1)
    );
}

#[test]
fn only_the_incomplete_entry_is_in_memory_and_not_the_answer() {
    let mut decoder = AnswerDecoder::new(Taken::default());
    decoder.push(b"[");
    for _ in 0..1000 {
        decoder.push(b"{\"a\": \"0123456789\"},");
        decoder.advance().unwrap();
        assert!(decoder.buffered() < 30, "{}", decoder.buffered());
        decoder.entries.take();
    }
    assert!(
        decoder.heap_size_with(0) < 200,
        "{}",
        decoder.heap_size_with(0)
    );
}

#[test]
fn an_answer_may_be_cut_anywhere() {
    let text = r#"{"next": null, "data": [{"n": -1.5e+3, "t": "\u00e9\\é", "b": [true, null, false]}, -2.5E1, "x"], "code": 1.5}"#;
    let whole = keys(text).unwrap();
    for cut in 0..text.len() {
        let (one, two) = text.as_bytes().split_at(cut);
        assert_eq!(read_in_pieces([one, two]).unwrap().0, whole, "cut at {cut}");
    }
}

#[test]
fn a_word_that_goes_on_in_the_next_piece_is_none() {
    for text in [
        "true\0",
        "[null1, 2]",
        "{\"a\": falsef}",
        "{\"next\": nullx}",
    ] {
        let whole = keys(text).unwrap_err();
        for cut in 0..text.len() {
            let (one, two) = text.as_bytes().split_at(cut);
            let pieces = read_in_pieces([one, two]).unwrap_err();
            assert_eq!(pieces, whole, "{text:?} cut at {cut}");
        }
    }
}

proptest! {
    /// An answer decodes to the same however it arrives.
    #[test]
    fn an_answer_decodes_to_the_same_however_it_arrives(
        entries in prop::collection::vec(
            prop_oneof!["-?[1-9][0-9]{0,3}(\\.5)?", Just("true".to_owned()), Just("null".to_owned()),
                Just("[1, {\"}\": \"\\\"\"}]".to_owned()), Just("{\"x\": \"é]\", \"y\": [[]]}".to_owned())],
            0..6,
        ),
        wrapping in 0..4usize,
        cuts in prop::collection::vec(0..200usize, 0..12),
    ) {
        let list = format!("[{}]", entries.join(" , "));
        let map: Vec<String> = entries.iter().enumerate().map(|(n, it)| format!("\"k{n}\" :{it}")).collect();
        let text = match wrapping {
            0 => list,
            1 => format!(" {{ {} }} ", map.join(",")),
            2 => format!("{{\"data\": {list}, \"next\": null}}"),
            _ => format!("{{\"next\": null, \"results\" : {{{}}} }}", map.join(",")),
        };
        let mut cuts: Vec<usize> = cuts.into_iter().map(|it| it % (text.len() + 1)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|it| &text.as_bytes()[it[0]..it[1]]);
        let (read, rejections) = read_in_pieces(pieces).unwrap();
        prop_assert_eq!(rejections.total(), 0);
        prop_assert_eq!(read.len(), entries.len());
        prop_assert_eq!(read, keys(&text).unwrap());
    }

    /// Whatever arrives, nothing panics, and pieces fail where the whole does.
    #[test]
    fn any_text_is_survived(text in r#"[\[\]{}",: 01tnul\\é-]{0,40}"#, cut in 0..41usize) {
        let bytes = text.as_bytes();
        let (one, two) = bytes.split_at(cut.min(bytes.len()));
        let pieces = read_in_pieces([one, two]);
        let whole = read_in_pieces([bytes]);
        prop_assert_eq!(pieces.map(|it| it.0), whole.map(|it| it.0));
    }
}
