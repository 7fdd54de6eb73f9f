//! `POST /v3/sensors`: sensors and where they hang.

use std::collections::HashSet;

use serde::Deserialize;

use crate::snapshot::{Sensor, Text};

use super::super::rejection::Reason;
use super::entries::{Rejected, read_each};
use super::field::{Field, object};
use super::{DecodeError, Read};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    serial_number: Field<'a>,
    #[serde(borrow)]
    sensor_type: Field<'a>,
    #[serde(borrow)]
    hardware_type: Field<'a>,
    #[serde(borrow)]
    firmware_version: Field<'a>,
    #[serde(borrow)]
    location: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    #[serde(borrow)]
    building_ids: Field<'a>,
    #[serde(borrow)]
    floor_ids: Field<'a>,
    #[serde(borrow)]
    space_ids: Field<'a>,
}

/// Keeps one copy of text that many entries share.
#[derive(Debug, Default)]
pub(super) struct Shared(HashSet<Text>);

impl Shared {
    /// The text of `field`, empty when it is missing or null.
    pub(super) fn text(&mut self, field: Field<'_>) -> Result<Text, Reason> {
        let text = field.text()?.unwrap_or_default();
        if let Some(known) = self.0.get(&*text) {
            return Ok(known.clone());
        }
        let text = Text::from(text);
        self.0.insert(text.clone());
        Ok(text)
    }

    /// The ids of `field`, in order and each once.
    fn ids(&mut self, field: Field<'_>) -> Result<Box<[Text]>, Reason> {
        let mut ids = field.ids()?;
        for id in &mut ids {
            match self.0.get(id) {
                Some(known) => *id = known.clone(),
                None => {
                    self.0.insert(id.clone());
                }
            }
        }
        ids.sort();
        ids.dedup();
        Ok(ids.into())
    }
}

/// Reads the answer.
pub(in super::super) fn read_sensors(bytes: &mut [u8]) -> Result<Read<Sensor>, DecodeError> {
    let mut shared = Shared::default();
    read_each(bytes, |entry| {
        let fields: Entry<'_> = entry.fields()?;
        let id = entry.id(fields.serial_number)?;
        let sensor = read_entry(&fields, id.clone(), &mut shared).map_err(Rejected::of(&id))?;
        Ok(Some((id, sensor)))
    })
}

fn read_entry(
    entry: &Entry<'_>,
    serial_number: Text,
    shared: &mut Shared,
) -> Result<Sensor, Reason> {
    let location: Location<'_> = match entry.location.raw() {
        Some(raw) => object(raw).map_err(|_| Reason::WrongType)?,
        None => Location::default(),
    };
    Ok(Sensor {
        serial_number,
        sensor_type: shared.text(entry.sensor_type)?,
        hardware_type: shared.text(entry.hardware_type)?,
        firmware_version: shared.text(entry.firmware_version)?,
        spaces: shared.ids(location.space_ids)?,
        floors: shared.ids(location.floor_ids)?,
        buildings: shared.ids(location.building_ids)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_may_be_whole_partial_or_missing_and_bad_entries_cost_only_themselves() {
        let text = r#"[
            {"serial_number": "B", "sensor_type": "oa", "hardware_type": "ob1", "firmware_version": "1.2",
             "created_at": "not a date", "network_addresses": [{"if": "eth0"}],
             "location": {"building_ids": ["b"], "floor_ids": ["f2", "f1", "f2"], "space_ids": [null, "s"]}},
            {"serial_number": "A", "sensor_type": null, "location": null},
            {"serial_number": "C", "location": {"space_ids": "s"}},
            {"serial_number": "D", "location": ["s"]},
            {"serial_number": "E", "sensor_type": 3},
            {"sensor_type": "oa"}
        ]"#;
        let answer = read_sensors(&mut text.as_bytes().to_vec()).unwrap();
        let shown: Vec<String> = answer
            .entries
            .iter()
            .map(|it| {
                format!(
                    "{} {:?} {:?} {:?} {:?} {:?}",
                    it.serial_number,
                    it.sensor_type,
                    it.firmware_version,
                    it.spaces,
                    it.floors,
                    it.buildings
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"B "oa" "1.2" ["s"] ["f1", "f2"] ["b"]"#,
                r#"A "" "" [] [] []"#,
            ]
        );
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(counts, [(Reason::MissingId, 1), (Reason::WrongType, 3)]);
    }
}
