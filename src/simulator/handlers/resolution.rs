//! The `time_resolution` of analytics: how long the buckets of a period are. Always in UTC.

use time::{Date, Month, Time};

use crate::simulator::api_error::ApiError;
use crate::simulator::timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// The `time_resolution`.
#[derive(Clone, Copy)]
pub(super) enum Resolution {
    Total,
    /// Buckets of so many seconds.
    Every(i64),
    Month,
    Year,
    Weekday,
    HourOfDay,
}

impl Resolution {
    pub(super) fn read(text: Option<&str>) -> Result<Self, ApiError> {
        Ok(match text.unwrap_or("total") {
            "total" => Self::Total,
            "minute" => Self::Every(MINUTE),
            "10minute" => Self::Every(10 * MINUTE),
            "hour" => Self::Every(HOUR),
            "day" => Self::Every(DAY),
            "week" => Self::Every(7 * DAY),
            "month" => Self::Month,
            "year" => Self::Year,
            "weekday" => Self::Weekday,
            "hour_of_day" => Self::HourOfDay,
            _ => return Err(ApiError::bad_request("time_resolution is not known")),
        })
    }

    /// Seconds from one sample to the next, so that every bucket has some.
    pub(super) fn step(self) -> i64 {
        match self {
            Self::Every(MINUTE) => 20,
            Self::Every(seconds) if seconds < HOUR => MINUTE,
            Self::Every(seconds) if seconds < DAY => 5 * MINUTE,
            _ => 15 * MINUTE,
        }
    }

    /// The bucket in which a sample at `at` falls.
    pub(super) fn bucket(self, at: i64, start: i64) -> i64 {
        let date = timestamp::date(at);
        let midnight = |year, month| {
            let first = Date::from_calendar_date(year, month, 1);
            first.map_or(start, |first| {
                first
                    .with_time(Time::MIDNIGHT)
                    .assume_utc()
                    .unix_timestamp()
            })
        };
        match self {
            Self::Total => start,
            // Weeks begin on Mondays; 1 January 1970 was a Thursday.
            Self::Every(seconds) if seconds == 7 * DAY => {
                (at + 3 * DAY).div_euclid(seconds) * seconds - 3 * DAY
            }
            Self::Every(seconds) => at.div_euclid(seconds) * seconds,
            Self::Month => midnight(date.year(), date.month()),
            Self::Year => midnight(date.year(), Month::January),
            Self::Weekday => (at.div_euclid(DAY) + 3).rem_euclid(7),
            Self::HourOfDay => at.rem_euclid(DAY) / HOUR,
        }
    }

    pub(super) fn write(self, bucket: i64) -> String {
        match self {
            Self::Weekday | Self::HourOfDay => bucket.to_string(),
            _ => timestamp::utc(bucket),
        }
    }
}
