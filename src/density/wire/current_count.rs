//! `POST /v3/analytics/occupancy/current`: people in spaces now.

use serde::Deserialize;

use crate::snapshot::{SpaceCount, Text};

use super::super::rejection::Reason;
use super::entries::{Rejected, read_each};
use super::field::Field;
use super::{DecodeError, Read, Statuses};

/// A datum of the map, or an entry of a list with the space's id in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Datum<'a> {
    #[serde(borrow)]
    space_id: Field<'a>,
    #[serde(borrow)]
    count: Field<'a>,
    #[serde(borrow)]
    is_capped: Field<'a>,
    #[serde(borrow)]
    space_health_status: Field<'a>,
}

/// Reads the answer.
pub(in super::super) fn read_current_count(
    bytes: &mut [u8],
    statuses: &Statuses,
) -> Result<Read<SpaceCount>, DecodeError> {
    read_each(bytes, |entry| {
        if entry.raw.get() == "null" {
            return Ok(None);
        }
        let datum: Datum<'_> = entry.fields()?;
        let id = entry.id(datum.space_id)?;
        let count = read_datum(&datum, id.clone(), statuses).map_err(Rejected::of(&id))?;
        Ok(Some((id, count)))
    })
}

fn read_datum(
    datum: &Datum<'_>,
    space_id: Text,
    statuses: &Statuses,
) -> Result<SpaceCount, Reason> {
    // Either says something by itself; an entry with neither says nothing.
    if !datum.count.is_there() && !datum.space_health_status.is_there() {
        return Err(Reason::MissingField);
    }
    let health = datum.space_health_status.text()?;
    Ok(SpaceCount {
        space_id,
        count: datum.count.amount()?,
        capped: datum.is_capped.boolean()?,
        health: health.and_then(|name| statuses.read(&name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Read<SpaceCount> {
        read_current_count(&mut text.as_bytes().to_vec(), &Statuses::default()).unwrap()
    }

    #[test]
    fn each_bad_entry_costs_only_itself() {
        let answer = read(
            r#"{
                "spc_1": {"count": 3, "space_health_status": "healthy"},
                "spc_2": {"count": 3, "is_capped": true, "space_health_status": "sleepy"},
                "spc_3": {"count": null, "space_health_status": "offline"},
                "spc_4": {"space_health_status": "offline", "new_field": [1]},
                "spc_5": null,
                "spc_6": {"count": -1},
                "spc_7": {"count": "3"},
                "spc_8": {"count": 1e999},
                "spc_9": {},
                "spc_10": 3,
                "spc_11": {"count": 1, "count": 2},
                "": {"count": 1},
                "spc_1": {"count": 4},
                "spc_12": {"count": 0.5, "is_capped": "no"}
            }"#,
        );
        let shown: Vec<String> = answer
            .entries
            .iter()
            .map(|it| {
                let health = it.health.as_ref().map(|it| it.name());
                format!("{} {:?} {:?} {health:?}", it.space_id, it.count, it.capped)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "spc_1 Some(3.0) None Some(\"healthy\")",
                "spc_2 Some(3.0) Some(true) Some(\"sleepy\")",
                "spc_3 None None Some(\"offline\")",
                "spc_4 None None Some(\"offline\")",
            ]
        );
        let counts: Vec<(&str, u64)> = answer
            .rejections
            .counts()
            .map(|(reason, count)| (reason.name(), count))
            .collect();
        assert_eq!(
            counts,
            [
                ("not_an_object", 1),
                ("missing_id", 1),
                ("missing_field", 1),
                ("wrong_type", 2),
                ("invalid_number", 2),
                ("duplicate", 1),
                ("malformed", 1),
            ]
        );
    }

    #[test]
    fn a_list_carries_the_ids_in_its_entries() {
        let answer = read(r#"{"data": [{"space_id": "spc_1", "count": 2}, {"count": 2}]}"#);
        assert_eq!(answer.entries.len(), 1);
        assert_eq!(
            answer.rejections.named(),
            [(Reason::MissingId, String::new())]
        );
    }
}
