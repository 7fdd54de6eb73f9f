//! Dates as the API writes and reads them: RFC 3339, in all of its forms.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// `at`, in seconds since the Unix epoch, in UTC.
pub(crate) fn utc(at: i64) -> String {
    format(date(at))
}

/// `at` in one of the forms, chosen by `bits`: UTC, an offset, a fraction of a second.
pub(crate) fn varied(at: i64, bits: u64) -> String {
    let date = date(at);
    let nanosecond = (bits % 1_000_000) as u32 * 1_000;
    match bits % 4 {
        0 => {
            #[expect(clippy::indexing_slicing, reason = "The remainder is one of four.")]
            let minutes = [-480, 60, 330, 540][(bits >> 8) as usize % 4];
            let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap_or(UtcOffset::UTC);
            format(date.to_offset(offset))
        }
        1 => format(date.replace_nanosecond(nanosecond).unwrap_or(date)),
        _ => format(date),
    }
}

/// Parses a date, to whole seconds since the Unix epoch.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(date.unix_timestamp())
}

pub(crate) fn date(at: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn format(date: OffsetDateTime) -> String {
    date.format(&Rfc3339).unwrap_or_default()
}
