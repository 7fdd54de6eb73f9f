//! Texts, ages, numbers and times as people read them.

use std::time::Duration;

use time::OffsetDateTime;

/// The most that is shown of one text, in characters: whoever names a room must not decide how large the
/// page is.
const MAX_TEXT: usize = 300;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A text of whatever origin, of bounded length and on one line. Other control characters are replaced.
pub(super) fn text(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars
        .by_ref()
        .take(MAX_TEXT)
        .map(|it| match it {
            '\n' | '\r' | '\t' => ' ',
            it if it.is_control() => char::REPLACEMENT_CHARACTER,
            it => it,
        })
        .collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// How long something takes or took, in the one or two units that matter: `12 s`, `4 min`, `3 h 20 min`,
/// `5 days`. Never more than it is.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Divided by minutes, hours and days, none of which is zero."
)]
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let two = |of: u64, large: &str, unit: u64, small: &str| match seconds % of / unit {
        0 => format!("{} {large}", seconds / of),
        rest => format!("{} {large} {rest} {small}", seconds / of),
    };
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => two(HOUR, "h", MINUTE, "min"),
        _ => match seconds / DAY {
            1 => two(DAY, "day", HOUR, "h"),
            days => format!("{} days", number(days)),
        },
    }
}

/// How old something is: `12 s ago`.
pub(super) fn ago(age: Duration) -> String {
    match age.as_secs() {
        0 => "just now".to_owned(),
        _ => format!("{} ago", duration(age)),
    }
}

/// A number with its thousands apart: `100,000`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "A number has twenty digits at the most."
)]
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A rate with at most two decimals: `10`, `7.5`.
pub(super) fn rate(rate: f64) -> String {
    let text = format!("{rate:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A share in whole percent. Some is never 0 and not all is never 100.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "128 bits have room for a hundred times 64, and what is divided by is not zero."
)]
pub(super) fn percent(part: u64, whole: u64) -> String {
    let percent = (u128::from(part) * 100 + u128::from(whole) / 2) / u128::from(whole.max(1));
    let percent = match percent {
        0 if part > 0 => 1,
        100 if part < whole => 99,
        percent => percent,
    };
    format!("{percent} %")
}

/// A number of things: `1 sensor`, `2 sensors`.
pub(super) fn things(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", number(count))
}

/// A time of the wall clock, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// `2026-11-23`.
    pub(super) date: String,
    /// `10:00:05`.
    pub(super) clock: String,
}

/// The time that is so many seconds after the Unix epoch; nothing for one that no calendar has.
pub(super) fn time(unix_seconds: &f64) -> Option<Time> {
    // A cast saturates, and the calendar refuses what is out of its range.
    let time = OffsetDateTime::from_unix_timestamp(unix_seconds.floor() as i64).ok()?;
    let year = u32::try_from(time.year()).ok()?;
    let (month, day) = (u8::from(time.month()), time.day());
    let (hour, minute, second) = time.to_hms();
    Some(Time {
        date: format!("{year:04}-{month:02}-{day:02}"),
        clock: format!("{hour:02}:{minute:02}:{second:02}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_on_one_line_and_end_somewhere() {
        assert_eq!(text("a\nb\t<c>\0"), "a b <c>\u{fffd}");
        assert_eq!(text(&"é".repeat(300)), "é".repeat(300));
        assert_eq!(text(&"é".repeat(301)), "é".repeat(300) + "…");
    }

    #[test]
    fn ages_are_told_in_the_units_that_matter() {
        let cases = [
            (0, "0 s"),
            (12, "12 s"),
            (59, "59 s"),
            (60, "1 min"),
            (299, "4 min"),
            (3599, "59 min"),
            (3600, "1 h"),
            (12_000, "3 h 20 min"),
            (86_399, "23 h 59 min"),
            (86_400, "1 day"),
            (100_800, "1 day 4 h"),
            (172_800, "2 days"),
            (86_400 * 1234, "1,234 days"),
        ];
        for (seconds, words) in cases {
            assert_eq!(duration(Duration::from_secs(seconds)), words);
        }
        assert_eq!(ago(Duration::from_millis(900)), "just now");
        assert_eq!(ago(Duration::from_secs(12)), "12 s ago");
    }

    #[test]
    fn numbers_are_told_as_people_read_them() {
        let numbers = [0, 999, 1000, 100_000, 1_234_567].map(number);
        assert_eq!(numbers, ["0", "999", "1,000", "100,000", "1,234,567"]);
        assert_eq!(
            [10.0, 7.5, 0.333, 100.0].map(rate),
            ["10", "7.5", "0.33", "100"]
        );
        let shares = [(0, 9), (1, 1000), (1, 3), (999, 1000), (3, 3), (0, 0)];
        assert_eq!(
            shares.map(|(part, whole)| percent(part, whole)),
            ["0 %", "1 %", "33 %", "99 %", "100 %", "0 %"]
        );
        assert_eq!(
            things(1, "sensor") + ", " + &things(2000, "floor"),
            "1 sensor, 2,000 floors"
        );
    }

    #[test]
    fn times_are_told_in_utc_where_there_is_such_a_time() {
        let told = time(&1_795_428_005.9).unwrap();
        assert_eq!(
            (told.date.as_str(), told.clock.as_str()),
            ("2026-11-23", "10:00:05")
        );
        for impossible in [f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e12] {
            assert_eq!(time(&impossible), None);
        }
    }
}
