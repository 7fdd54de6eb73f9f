//! Text that is not text: bytes that are not UTF-8, and escapes of half a character. They spoil the
//! text that they stand in and not the whole entry.

/// The JSON of one entry, with question marks for bytes that are not UTF-8 and a replacement
/// character for each `\u` escape that is half of a pair.
pub(super) fn mended(json: &[u8]) -> String {
    let mut text = String::with_capacity(json.len());
    for chunk in json.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    if text.contains("\\u") {
        mend_escapes(&text)
    } else {
        text
    }
}

fn mend_escapes(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                mended.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            // An escape of one character, whichever it is; a backslash at the very end is none.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        mended.push_str(escape);
        rest = after;
    }
    mended.push_str(rest);
    mended
}

/// The number of the `\u` escape that `text` begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all_are = digits.bytes().all(|it| it.is_ascii_hexdigit());
    all_are.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_is_no_text_is_replaced() {
        let cases: [(&[u8], &str); 7] = [
            (b"{\"a\": \"\xff\xc3\"}", "{\"a\": \"??\"}"),
            (b"\"\\ud83d\\ude00 \\u00e9\"", "\"\\ud83d\\ude00 \\u00e9\""),
            (b"\"\\ud83d x\"", "\"\\ufffd x\""),
            (b"\"\\ude00\\ud83d\"", "\"\\ufffd\\ufffd\""),
            (b"\"\\\\ud83d\"", "\"\\\\ud83d\""),
            (b"\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""),
            (b"\"\\u00", "\"\\u00"),
        ];
        for (json, expected) in cases {
            assert_eq!(mended(json), expected);
        }
    }

    proptest! {
        /// What is text stays what it is; what is JSON but for its text can be read then.
        #[test]
        fn text_stays_as_it_is(text in any::<String>(), units in prop::collection::vec(any::<u16>(), 0..9)) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(mended(json.as_bytes()), json);
            let escapes: String = units.iter().map(|it| format!("\\u{it:04x}")).collect();
            let read: Result<String, _> = serde_json::from_str(&mended(format!("\"{escapes}\"").as_bytes()));
            prop_assert_eq!(read.unwrap(), String::from_utf16_lossy(&units));
        }
    }
}
