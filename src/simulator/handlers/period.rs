//! The period of a request about the past.

use crate::simulator::api_error::ApiError;
use crate::simulator::timestamp;

/// Reads `start_date` and `end_date`, to seconds since the Unix epoch.
pub(super) fn read(
    start_date: Option<&str>,
    end_date: Option<&str>,
) -> Result<(i64, i64), ApiError> {
    let start = date("start_date", start_date)?;
    let end = date("end_date", end_date)?;
    if end <= start {
        return Err(ApiError::bad_request("end_date must be after start_date"));
    }
    Ok((start, end))
}

fn date(field: &str, text: Option<&str>) -> Result<i64, ApiError> {
    let text = text.ok_or_else(|| ApiError::bad_request(format!("{field} is missing")))?;
    timestamp::parse(text)
        .ok_or_else(|| ApiError::bad_request(format!("{field} is not an RFC 3339 date")))
}
