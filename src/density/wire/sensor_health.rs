//! `POST /v3/sensors/health/current`: the health of sensors now.

use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::snapshot::SensorHealth;

use super::super::rejection::RejectionReason;
use super::Statuses;
use super::field::Field;
use super::live::{LastAnswer, LastAnswers, LiveEndpoint};
use super::plain::entry_fields;

entry_fields! {
    Entry { serial_number, health_status, last_status_change }
}

/// The health of each sensor.
pub(in super::super) struct CurrentHealth;

impl LiveEndpoint for CurrentHealth {
    type Value = SensorHealth;
    type Fields<'a> = Entry<'a>;

    fn last(all: &LastAnswers) -> &Mutex<Arc<LastAnswer<SensorHealth>>> {
        &all.healths
    }

    fn id<'f>(entry: &'f Entry<'_>) -> &'f Field<'f> {
        &entry.serial_number
    }

    /// An entry whose status is null has no value.
    fn value(
        entry: &Entry<'_>,
        statuses: &Statuses,
    ) -> Result<Option<SensorHealth>, RejectionReason> {
        if !entry.health_status.is_present() {
            return Err(RejectionReason::MissingField);
        }
        let Some(name) = entry.health_status.text()? else {
            return Ok(None);
        };
        let last_status_change = match entry.last_status_change.text()? {
            Some(text) => Some(unix_seconds(text).ok_or(RejectionReason::InvalidTimestamp)?),
            None => None,
        };
        Ok(Some(SensorHealth {
            status: statuses.read(name).ok_or(RejectionReason::MissingField)?,
            last_status_change,
        }))
    }
}

/// Unix seconds of an RFC 3339 time, to the millisecond: `Z`, offsets and fractions are understood.
fn unix_seconds(text: &str) -> Option<f64> {
    parse_common_form(text).or_else(|| {
        let time = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
        let milliseconds = time.unix_timestamp_nanos().div_euclid(1_000_000);
        Some(milliseconds as f64 / 1e3)
    })
}

/// Parses the form that the API usually sends, `2019-08-24T14:15:22Z`. Every sensor has one, and the `time`
/// crate takes longer for it than everything else of a sensor takes; any other form is left to that crate.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Numbers of two and four digits, and the seconds of ten thousand years."
)]
fn parse_common_form(text: &str) -> Option<f64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        mo1,
        mo2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
        b'Z',
    ] = *bytes
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0i64, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (
        number(&[y1, y2, y3, y4])?,
        number(&[mo1, mo2])?,
        number(&[d1, d2])?,
    );
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[mi1, mi2])?, number(&[s1, s2])?);
    // Days after the 28th may not exist, and a leap second may: both are rare and left to the crate.
    let is_common = (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_common {
        return None;
    }
    // A year that starts in March has its leap day at the end.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::live::testing::read;
    use super::*;

    #[test]
    fn times_come_with_z_offsets_and_fractions() {
        let times = [
            ("2019-08-24T14:15:22Z", Some(1_566_656_122.0)),
            ("2019-08-24t14:15:22z", Some(1_566_656_122.0)),
            ("2019-08-24T16:15:22+02:00", Some(1_566_656_122.0)),
            ("2019-08-24T14:15:22.5Z", Some(1_566_656_122.5)),
            (
                "2019-08-24T09:45:22.123456789-04:30",
                Some(1_566_656_122.123),
            ),
            ("1969-12-31T23:59:59.25Z", Some(-0.75)),
            ("2019-08-24", None),
            ("2019-13-24T14:15:22Z", None),
            ("2019-08-24T14:15:22", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in times {
            assert_eq!(unix_seconds(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn common_times_are_what_the_library_says(seconds in -62_135_596_800i64..253_402_300_800) {
            let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let text = time.format(&Rfc3339).unwrap();
            prop_assert_eq!(unix_seconds(&text), Some(seconds as f64));
            if let Some(usual) = parse_common_form(&text) {
                prop_assert_eq!(usual, seconds as f64);
            }
            prop_assert!(parse_common_form(&text).is_some() || time.day() > 28, "{}", text);
        }
    }

    #[test]
    fn each_bad_entry_costs_only_itself() {
        let text = r#"{"data": [
            {"serial_number": "A1", "health_status": "healthy", "last_status_change": "2019-08-24T14:15:22Z"},
            {"serial_number": "A2", "health_status": "offline", "last_status_change": null, "doorway_id": "d"},
            {"serial_number": "A3", "health_status": "rebooting"},
            {"serial_number": "A4", "health_status": null},
            {"serial_number": "A5"},
            {"serial_number": "A6", "health_status": ""},
            {"serial_number": "A7", "health_status": "healthy", "last_status_change": "soon"},
            {"serial_number": "A8", "health_status": "healthy", "last_status_change": 12},
            {"serial_number": null, "health_status": "healthy"},
            {"health_status": "healthy"},
            {"serial_number": 9, "health_status": "healthy"},
            {"serial_number": "A1", "health_status": "offline"},
            "A9", null, []
        ]}"#;
        let (readings, rejections) = read::<CurrentHealth>(text);
        let shown: Vec<_> = (0..)
            .map_while(|row| readings.row(row))
            .map(|(id, it)| {
                (
                    id,
                    it.status.name(readings.other_statuses()),
                    it.last_status_change,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("A1", "healthy", Some(1_566_656_122.0)),
                ("A2", "offline", None),
                ("A3", "rebooting", None),
            ]
        );
        let counts: Vec<_> = rejections.counts().collect();
        assert_eq!(
            counts,
            [
                (RejectionReason::NotAnObject, 3),
                (RejectionReason::MissingId, 2),
                (RejectionReason::MissingField, 2),
                (RejectionReason::WrongType, 2),
                (RejectionReason::InvalidTimestamp, 1),
                (RejectionReason::Duplicate, 1),
            ]
        );
    }
}
