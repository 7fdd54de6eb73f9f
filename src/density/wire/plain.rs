//! A fast path for objects of plain fields: texts without escapes, whole numbers and booleans, which is what
//! nearly every live entry consists of.
//!
//! It may give up on anything, because serde_json then decodes the object from its start; what it does decode
//! must be the same as what serde_json decodes.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "Places in a text that is in memory, and a few bytes on from there."
)]

use super::field::Field;
use super::json::skip_space;

/// The fields of an object.
pub(in super::super) trait Fields<'a>: Default {
    /// The slot for the value of the field `name`; none for a field that is not used.
    fn field(&mut self, name: &str) -> Option<&mut Field<'a>>;
}

/// Defines the fields of a live entry, each of them a [`Field`] of that name, for this fast path and for
/// serde_json.
macro_rules! entry_fields {
    ($(#[$meta:meta])* $entry:ident { $($field:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default, serde::Deserialize, PartialEq)]
        #[serde(default)]
        pub(in super::super) struct $entry<'a> {
            $(#[serde(borrow)] $field: $crate::density::wire::field::Field<'a>,)+
        }

        impl<'a> $crate::density::wire::plain::Fields<'a> for $entry<'a> {
            fn field(&mut self, name: &str) -> Option<&mut $crate::density::wire::field::Field<'a>> {
                match name {
                    $(stringify!($field) => Some(&mut self.$field),)+
                    _ => None,
                }
            }
        }
    };
}

pub(super) use entry_fields;

/// The object at the start of `json`, and its length. None when it is not plain or not complete.
pub(super) fn plain_object<'a, F: Fields<'a>>(json: &'a str) -> Option<(F, usize)> {
    let bytes = json.as_bytes();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut fields = F::default();
    let mut at = skip_space(json, 1);
    loop {
        let (name, end) = plain_text(json, at)?;
        at = skip_space(json, end);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        let (value, end) = plain_value(json, skip_space(json, at + 1))?;
        if let Some(field) = fields.field(name) {
            // A duplicate field is an error.
            if field.is_present() {
                return None;
            }
            *field = value;
        }
        at = skip_space(json, end);
        match bytes.get(at)? {
            b',' => at = skip_space(json, at + 1),
            b'}' => return Some((fields, at + 1)),
            _ => return None,
        }
    }
}

fn plain_value(json: &str, at: usize) -> Option<(Field<'_>, usize)> {
    let rest = json.as_bytes().get(at..)?;
    match rest.first()? {
        b'"' => plain_text(json, at).map(|(text, end)| (Field::Text(text.into()), end)),
        b'0'..=b'9' => {
            whole_number(rest).map(|(number, length)| (Field::Number(number), at + length))
        }
        b't' if rest.starts_with(b"true") => Some((Field::Boolean(true), at + 4)),
        b'f' if rest.starts_with(b"false") => Some((Field::Boolean(false), at + 5)),
        b'n' if rest.starts_with(b"null") => Some((Field::Null, at + 4)),
        _ => None,
    }
}

/// The whole number at the start of `digits`, and its length. None when it may continue, has a fraction, or
/// has more digits than a float can represent.
fn whole_number(digits: &[u8]) -> Option<(f64, usize)> {
    const MAX_DIGITS: usize = 15;

    let length = digits
        .iter()
        .take(MAX_DIGITS + 1)
        .take_while(|it| it.is_ascii_digit())
        .count();
    let ends = matches!(
        digits.get(length),
        Some(b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t')
    );
    let begins_with_zero = length > 1 && digits.first() == Some(&b'0');
    if length > MAX_DIGITS || !ends || begins_with_zero {
        return None;
    }
    let number = digits.iter().take(length).fold(0u64, |number, digit| {
        number.wrapping_mul(10).wrapping_add(u64::from(digit & 0xF))
    });
    Some((number as f64, length))
}

/// The text that starts with the quotation mark at `at`, and its end. None when it has escapes or does not
/// end.
pub(super) fn plain_text(json: &str, at: usize) -> Option<(&str, usize)> {
    let bytes = json.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let start = at + 1;
    let mut end = start;
    loop {
        let rest = bytes.get(end..)?;
        match rest.first_chunk::<8>() {
            Some(eight) => match first_special(*eight) {
                8 => end += 8,
                before => {
                    end += before;
                    break;
                }
            },
            None => {
                end += rest.iter().position(|it| is_special(*it))?;
                break;
            }
        }
    }
    match bytes.get(end) {
        Some(b'"') => Some((json.get(start..end)?, end + 1)),
        _ => None,
    }
}

/// Whether a byte ends a text or makes it no plain one.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// How many bytes come before the first special one. All eight are tested at once, because most of an answer
/// is text.
fn first_special(eight: [u8; 8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;

    let word = u64::from_le_bytes(eight);
    // The highest bit of each byte that is less than `limit`; also of some bytes after one.
    let less = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word & HIGHS;
    let is = |byte: u8| less(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    let special = is(b'"') | is(b'\\') | less(word, 0x20);
    special.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::json::first_object;
    use super::*;

    entry_fields! { Pair { a, longer_name } }

    fn plain(json: &str) -> Option<(Pair<'_>, usize)> {
        plain_object(json)
    }

    #[test]
    fn plain_objects_are_read() {
        let object = r#"{"a":"text of any length, é","b" : null, "longer_name": 42 } and more"#;
        let (pair, length) = plain(object).unwrap();
        assert_eq!(pair.a, Field::Text("text of any length, é".into()));
        assert_eq!(pair.longer_name, Field::Number(42.0));
        assert_eq!(&object[length..], " and more");
        for value in ["true", "false", "null", "0", "999999999999999", r#""""#] {
            let object = format!(r#"{{"a":{value}}}"#);
            assert!(plain(&object).is_some(), "{object}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_library() {
        for object in [
            "{}",
            "[]",
            r#"{"a":1"#,
            r#"{"a":1"#,
            r#"{"a":tru"#,
            r#"{"a":"1"#,
            r#"{"a":01}"#,
            r#"{"a":1.5}"#,
            r#"{"a":-1}"#,
            r#"{"a":1e3}"#,
            r#"{"a":1234567890123456}"#,
            r#"{"a":"\n"}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,}"#,
            r#"{"a":[1]}"#,
            r#"{"a":1]"#,
            r#"{a:1}"#,
        ] {
            assert_eq!(plain(object), None, "{object}");
        }
    }

    /// Text that is an object of the usual fields, or nearly is one.
    fn nearly_an_object() -> impl Strategy<Value = String> {
        let name = prop_oneof![
            4 => Just(r#""a""#.to_owned()),
            4 => Just(r#""longer_name""#.to_owned()),
            1 => r#""[a-z\\"]{0,12}""#,
            1 => Just(r#""\u0061""#.to_owned()),
        ];
        let value = prop_oneof![
            r#""[ -~é]{0,20}""#,
            r#""[a-z]{0,20}""#,
            "[0-9]{1,18}",
            "-?[0-9]{1,3}(\\.[0-9]{1,3})?(e[0-9])?",
            Just("true".to_owned()),
            Just("false".to_owned()),
            Just("null".to_owned()),
            Just("[1, {}]".to_owned()),
            Just("truee".to_owned()),
        ];
        let space = || "[ \n\t\r]?";
        let field = (space(), name, space(), space(), value, space())
            .prop_map(|(a, name, b, c, value, d)| format!("{a}{name}{b}:{c}{value}{d}"));
        (prop::collection::vec(field, 0..4), ".{0,3}")
            .prop_map(|(fields, after)| format!("{{{}}}{after}", fields.join(",")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// The result is the same as that of serde_json, for any text and wherever it is truncated.
        #[test]
        fn it_reads_as_the_library_does(object in nearly_an_object(), cut in any::<prop::sample::Index>(),
            byte in prop::option::of(0u8..128), place in any::<prop::sample::Index>()) {
            let mut bytes = object.into_bytes();
            if let Some(byte) = byte {
                let place = place.index(bytes.len());
                if bytes[place].is_ascii() {
                    bytes[place] = byte;
                }
            }
            let object = String::from_utf8(bytes).unwrap();
            let cut = object.floor_char_boundary(cut.index(object.len() + 1));
            for object in [object.as_str(), &object[..cut]] {
                if let Some(read) = plain(object) {
                    let expected = first_object::<Pair<'_>>(object);
                    prop_assert_eq!(read, expected.unwrap());
                }
            }
        }

        #[test]
        fn the_first_special_byte_is_found(eight in prop::array::uniform8(prop_oneof![any::<u8>(), 0x1eu8..0x24, 0x5bu8..0x5e])) {
            let first = eight.iter().position(|it| is_special(*it)).unwrap_or(8);
            prop_assert_eq!(first_special(eight), first);
        }
    }
}
