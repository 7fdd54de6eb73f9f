//! Durations as people write them, in the file and on the command line alike.
//!
//! Never guesses a unit: a bare number is seconds, everything else names its unit.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::yaml::error::quoted;
use crate::yaml::scalar::{Scalar, within};

/// Reads `10s`, `15m`, `1h 30m`, `250ms` or plain seconds such as `10` or `0.5`.
///
/// # Errors
/// When it is none of these; the message says so, repeats the text and says what to write.
pub fn parse(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    plain_seconds(trimmed)
        .or_else(|| humantime::parse_duration(trimmed).ok())
        .ok_or_else(|| {
            let text = quoted(text);
            format!("{text} is not a duration; write 10s, 5m or a number of seconds")
        })
}

/// A duration in a form that [`parse`] reads back to exactly the same.
pub fn format(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// What a value of a file means, which must be within `limits`.
pub(super) fn judge(
    limits: RangeInclusive<Duration>,
) -> impl FnOnce(&Scalar) -> Result<Duration, String> {
    move |value| {
        let text = value.word("10s, 5m or a number of seconds")?;
        within(&limits, parse(text)?, text, "duration", |it| format(*it))
    }
}

/// Digits with at most one point: no sign, no exponent, no `inf`.
fn plain_seconds(text: &str) -> Option<Duration> {
    let decimal = text.starts_with(|it: char| it.is_ascii_digit())
        && text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    if !decimal {
        return None;
    }
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("10s", 10_000)]
    #[case("15m", 900_000)]
    #[case("1h 30m", 5_400_000)]
    #[case("1h30m", 5_400_000)]
    #[case("250ms", 250)]
    #[case("10", 10_000)]
    #[case("0.5", 500)]
    #[case("0", 0)]
    #[case(" 5m ", 300_000)]
    fn reads_what_people_write(#[case] text: &str, #[case] milliseconds: u64) {
        assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)));
    }

    #[rstest]
    #[case("10 parsecs")]
    #[case("")]
    #[case("s")]
    #[case("-5")]
    #[case("-5s")]
    #[case("inf")]
    #[case("NaN")]
    #[case("1e3")]
    #[case("1.2.3")]
    #[case("99999999999999999999999")]
    fn refuses_the_rest(#[case] text: &str) {
        assert_eq!(
            parse(text),
            Err(format!(
                "{text:?} is not a duration; write 10s, 5m or a number of seconds"
            ))
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(milliseconds in 0..10_000_000_000_u64) {
            let duration = Duration::from_millis(milliseconds);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse(&text);
        }
    }
}
