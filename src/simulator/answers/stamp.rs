//! Dates as the API writes and reads them: RFC 3339, in each of the forms that clients meet.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::Problem;

/// `at`, in seconds since the Unix epoch, in UTC.
pub(super) fn utc(at: i64) -> String {
    written(date(at))
}

/// `at` in one of the forms, as `bits` decide: UTC, an offset, a fraction of a second.
pub(super) fn mixed(at: i64, bits: u64) -> String {
    let date = date(at);
    let nanosecond = (bits % 1_000_000) as u32 * 1_000;
    match bits % 4 {
        0 => {
            #[expect(clippy::indexing_slicing, reason = "The remainder is one of four.")]
            let minutes = [-480, 60, 330, 540][(bits >> 8) as usize % 4];
            let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap_or(UtcOffset::UTC);
            written(date.to_offset(offset))
        }
        1 => written(date.replace_nanosecond(nanosecond).unwrap_or(date)),
        _ => written(date),
    }
}

/// Reads a date, to whole seconds since the Unix epoch.
pub(super) fn read(name: &str, text: Option<&str>) -> Result<i64, Problem> {
    let text = text.ok_or_else(|| Problem::new(400, format!("{name} is missing")))?;
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| Problem::new(400, format!("{name} is not an RFC 3339 date")))
}

pub(super) fn date(at: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn written(date: OffsetDateTime) -> String {
    date.format(&Rfc3339).unwrap_or_default()
}
