//! Repairs text that is not valid: bytes that are not UTF-8, and escapes of lone surrogates. They must spoil
//! only the text that they are in, not the whole answer.

/// Replaces the bytes of `arrived` that are not UTF-8 by question marks, and returns how many bytes are text
/// then: without a character at the end that has arrived in part, unless the answer is `whole`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Places and lengths within the bytes."
)]
pub(super) fn replace_invalid_utf8(arrived: &mut [u8], whole: bool) -> usize {
    let mut start = 0;
    while let Some(rest) = arrived.get_mut(start..) {
        let Err(error) = std::str::from_utf8(rest) else {
            break;
        };
        let bad = error.valid_up_to();
        let length = match error.error_len() {
            Some(length) => length,
            None if whole => rest.len() - bad,
            None => return start + bad,
        };
        if let Some(bad) = rest.get_mut(bad..bad + length) {
            bad.fill(b'?');
        }
        start += bad + length;
    }
    arrived.len()
}

/// The JSON of one entry with a replacement character for each `\u` escape of a lone surrogate; none when
/// there is no `\u` escape.
pub(super) fn replace_lone_surrogates(json: &str) -> Option<String> {
    json.contains("\\u").then(|| repair_escapes(json))
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "A length of two characters."
)]
fn repair_escapes(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.push_str(before);
        let length = match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                repaired.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            // Any escape of one character; a backslash at the very end is no escape.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        repaired.push_str(escape);
        rest = after;
    }
    repaired.push_str(rest);
    repaired
}

/// The UTF-16 code code_unit of the `\u` escape at the start of `text`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all_are = digits.bytes().all(|it| it.is_ascii_hexdigit());
    all_are.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_lone_surrogates_are_replaced() {
        let cases = [
            (r#""\ud83d\ude00 \u00e9""#, r#""\ud83d\ude00 \u00e9""#),
            (r#""\ud83d x""#, r#""\ufffd x""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\u00"#, r#""\u00"#),
        ];
        for (json, expected) in cases {
            assert_eq!(replace_lone_surrogates(json).unwrap(), expected);
        }
    }

    #[test]
    fn a_character_may_arrive_in_parts() {
        let mut arrived = b"a\xffb\xe2\x82".to_vec();
        assert_eq!(replace_invalid_utf8(&mut arrived, false), 3);
        assert_eq!(arrived, b"a?b\xe2\x82");
        arrived.push(0xac);
        assert_eq!(replace_invalid_utf8(&mut arrived, false), 6);
        arrived.pop();
        assert_eq!(replace_invalid_utf8(&mut arrived, true), 5);
        assert_eq!(arrived, b"a?b??");
    }

    proptest! {
        /// Valid text stays as it is; JSON that is invalid only in its text can be decoded afterwards.
        #[test]
        fn text_stays_as_it_is(text in any::<String>(), units in prop::collection::vec(any::<u16>(), 0..9)) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(replace_lone_surrogates(&json).unwrap_or(json.clone()), json);
            let escapes: String = units.iter().map(|it| format!("\\u{it:04x}")).collect();
            let json = format!("\"{escapes}\"");
            let read: Result<String, _> = serde_json::from_str(&replace_lone_surrogates(&json).unwrap_or(json));
            prop_assert_eq!(read.unwrap(), String::from_utf16_lossy(&units));
        }
    }
}
