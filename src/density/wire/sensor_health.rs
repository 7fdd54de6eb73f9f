//! `POST /v3/sensors/health/current`: the health of sensors now.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::snapshot::SensorHealth;

use super::super::rejection::Reason;
use super::Statuses;
use super::field::Field;
use super::live::Live;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Entry<'a> {
    #[serde(borrow)]
    serial_number: Field<'a>,
    #[serde(borrow)]
    health_status: Field<'a>,
    #[serde(borrow)]
    last_status_change: Field<'a>,
}

/// How each sensor is.
pub(in super::super) struct CurrentHealth;

impl Live for CurrentHealth {
    type Value = SensorHealth;
    type Fields<'a> = Entry<'a>;

    fn id<'f>(entry: &'f Entry<'_>) -> &'f Field<'f> {
        &entry.serial_number
    }

    /// An entry whose status is null says nothing about the sensor.
    fn value(entry: &Entry<'_>, statuses: &Statuses) -> Result<Option<SensorHealth>, Reason> {
        if !entry.health_status.is_there() {
            return Err(Reason::MissingField);
        }
        let Some(name) = entry.health_status.text()? else {
            return Ok(None);
        };
        let last_status_change = match entry.last_status_change.text()? {
            Some(text) => Some(unix_seconds(text).ok_or(Reason::InvalidTimestamp)?),
            None => None,
        };
        Ok(Some(SensorHealth {
            status: statuses.read(name).ok_or(Reason::MissingField)?,
            last_status_change,
        }))
    }
}

/// Unix seconds of an RFC 3339 time, to the millisecond: `Z`, offsets and fractions are understood.
fn unix_seconds(text: &str) -> Option<f64> {
    let time = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    let milliseconds = time.unix_timestamp_nanos().div_euclid(1_000_000);
    Some(milliseconds as f64 / 1e3)
}

#[cfg(test)]
mod tests {
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
            .map(|(id, it)| (id, it.status.name(readings.others()), it.last_status_change))
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
                (Reason::NotAnObject, 3),
                (Reason::MissingId, 2),
                (Reason::MissingField, 2),
                (Reason::WrongType, 2),
                (Reason::InvalidTimestamp, 1),
                (Reason::Duplicate, 1),
            ]
        );
    }
}
