//! Sizes as people write them: `256MiB`, `64MB` or plain bytes.
//!
//! Never takes `M` alone, which some read as a million and others as 2^20.

use std::ops::RangeInclusive;

use crate::yaml::error::quoted;
use crate::yaml::scalar::{Scalar, within};

/// Units and the bytes in one, the one that divides most first.
const UNITS: [(&str, u64); 8] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

/// Reads a whole number of bytes with or without a unit.
///
/// # Errors
/// When it is not a size; the message says so, repeats the text and says what to write.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let trimmed = text.trim();
    let digits = trimmed
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let unit = unit.trim_start();
    let factor = if unit.is_empty() || unit.eq_ignore_ascii_case("B") {
        Some(1)
    } else {
        UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, factor)| *factor)
    };
    factor
        .and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor))
        .ok_or_else(|| {
            let text = quoted(text);
            format!("{text} is not a size; write 256MiB, 64MB or a number of bytes")
        })
}

/// A size in the largest binary unit that gives a whole number; [`parse`] reads it back.
pub(super) fn format(bytes: u64) -> String {
    UNITS
        .iter()
        .filter(|(name, _)| name.ends_with("iB"))
        .find(|(_, factor)| bytes > 0 && bytes.is_multiple_of(*factor))
        .map_or_else(
            || bytes.to_string(),
            |(name, factor)| format!("{}{name}", bytes.checked_div(*factor).unwrap_or_default()),
        )
}

/// What a value of a file means, which must be within `limits`.
pub(super) fn judge(limits: RangeInclusive<u64>) -> impl FnOnce(&Scalar) -> Result<u64, String> {
    move |value| {
        let text = value.word("256MiB, 64MB or a number of bytes")?;
        within(&limits, parse(text)?, text, "size", |it| format(*it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("256MiB", 256 << 20)]
    #[case("64MB", 64_000_000)]
    #[case("64 mb", 64_000_000)]
    #[case("1048576", 1 << 20)]
    #[case("10B", 10)]
    fn reads_what_people_write(#[case] text: &str, #[case] bytes: u64) {
        assert_eq!(parse(text), Ok(bytes));
    }

    #[rstest]
    #[case("")]
    #[case("MiB")]
    #[case("256M")]
    #[case("-1")]
    #[case("1.5GiB")]
    #[case("99999999999TiB")]
    fn refuses_the_rest(#[case] text: &str) {
        assert_eq!(
            parse(text),
            Err(format!(
                "{text:?} is not a size; write 256MiB, 64MB or a number of bytes"
            ))
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes: u64) {
            prop_assert_eq!(parse(&format(bytes)), Ok(bytes));
        }
    }
}
