//! `POST /v3/sensors`: sensors and where they are.

use serde::Deserialize;

use crate::snapshot::{SensorEntry, SensorListBuilder};

use super::super::rejection::{RejectionReason, Rejections};
use super::AnswerDecoder;
use super::decoder::Entries;
use super::field::{Field, List, Object};
use super::json::first_object;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    serial_number: Field<'a>,
    #[serde(borrow)]
    sensor_type: Field<'a>,
    #[serde(borrow)]
    hardware_type: Field<'a>,
    #[serde(borrow)]
    firmware_version: Field<'a>,
    #[serde(borrow)]
    location: Object<Location<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    #[serde(borrow)]
    building_ids: List<Field<'a>>,
    #[serde(borrow)]
    floor_ids: List<Field<'a>>,
    #[serde(borrow)]
    space_ids: List<Field<'a>>,
}

/// The sensors of an answer.
#[derive(Default)]
pub(in super::super) struct Sensors(SensorListBuilder);

impl Sensors {
    /// A decoder of an answer.
    pub(in super::super) fn decoder() -> AnswerDecoder<Self> {
        AnswerDecoder::new(Self::default())
    }

    /// Adds a sensor, unless there is one with that serial number.
    fn add(&mut self, serial_number: &str, fields: &Fields<'_>) -> Result<(), RejectionReason> {
        let nowhere = Location::default();
        let location = fields.location.0.get()?.unwrap_or(&nowhere);
        let entry = SensorEntry {
            serial_number,
            sensor_type: fields.sensor_type.text_or_empty()?,
            hardware_type: fields.hardware_type.text_or_empty()?,
            firmware_version: fields.firmware_version.text_or_empty()?,
            spaces: &location.space_ids.ids()?,
            floors: &location.floor_ids.ids()?,
            buildings: &location.building_ids.ids()?,
        };
        match self.0.push(&entry) {
            true => Ok(()),
            false => Err(RejectionReason::Duplicate),
        }
    }
}

impl Entries for Sensors {
    type Output = SensorListBuilder;

    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize> {
        let (fields, length) = first_object::<Fields<'_>>(json)?;
        let id = match key {
            Some(key) => Ok(Some(key).filter(|it| !it.is_empty())),
            None => fields.serial_number.id(),
        };
        match id {
            Err(reason) => rejections.add(reason, None),
            Ok(None) => rejections.add(RejectionReason::MissingId, None),
            Ok(Some(id)) => {
                if let Err(reason) = self.add(id, &fields) {
                    rejections.add(reason, Some(id));
                }
            }
        }
        Ok(length)
    }

    fn heap_size(&self) -> usize {
        self.0.heap_size()
    }

    fn take(&mut self) -> SensorListBuilder {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::snapshot::Symbol;

    use super::super::Decoder;
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
        let mut decoder = Sensors::decoder();
        decoder.push(text.as_bytes());
        let answer = decoder.finish().unwrap();
        let list = answer.entries.build();
        let texts = |ids: &[Symbol]| ids.iter().map(|it| list.text(*it)).collect::<Vec<_>>();
        let shown: Vec<String> = list
            .as_slice()
            .iter()
            .map(|it| {
                format!(
                    "{} {:?} {:?} {:?} {:?} {:?}",
                    list.text(it.serial_number),
                    list.text(it.sensor_type),
                    list.text(it.firmware_version),
                    texts(list.spaces(it)),
                    texts(list.floors(it)),
                    texts(list.buildings(it))
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"A "" "" [] [] []"#,
                r#"B "oa" "1.2" ["s"] ["f1", "f2"] ["b"]"#,
            ]
        );
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(
            counts,
            [
                (RejectionReason::MissingId, 1),
                (RejectionReason::WrongType, 3)
            ]
        );
    }
}
