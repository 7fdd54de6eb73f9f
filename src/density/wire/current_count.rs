//! `POST /v3/analytics/occupancy/current`: people in spaces now.

use std::sync::{Arc, Mutex};

use crate::snapshot::SpaceCount;

use super::super::rejection::RejectionReason;
use super::Statuses;
use super::field::Field;
use super::live::{LastAnswer, LastAnswers, LiveEndpoint};
use super::plain::entry_fields;

entry_fields! {
    /// A datum of the map, or an entry of a list with the space's id in it.
    Datum { space_id, count, is_capped, space_health_status }
}

/// How many people are in each space.
pub(in super::super) struct CurrentCount;

impl LiveEndpoint for CurrentCount {
    type Value = SpaceCount;
    type Fields<'a> = Datum<'a>;

    fn last(all: &LastAnswers) -> &Mutex<Arc<LastAnswer<SpaceCount>>> {
        &all.counts
    }

    fn id<'f>(datum: &'f Datum<'_>) -> &'f Field<'f> {
        &datum.space_id
    }

    fn value(
        datum: &Datum<'_>,
        statuses: &Statuses,
    ) -> Result<Option<SpaceCount>, RejectionReason> {
        // One of the two is enough; an entry with neither has no value.
        if !datum.count.is_present() && !datum.space_health_status.is_present() {
            return Err(RejectionReason::MissingField);
        }
        let health = datum.space_health_status.text()?;
        Ok(Some(SpaceCount {
            count: datum.count.non_negative()?,
            capped: datum.is_capped.boolean()?,
            health: health.and_then(|name| statuses.read(name)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::live::testing::read;
    use super::*;

    #[test]
    fn each_bad_entry_costs_only_itself() {
        let (readings, rejections) = read::<CurrentCount>(
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
        let shown: Vec<String> = (0..)
            .map_while(|row| readings.row(row))
            .map(|(id, it)| {
                let health = it
                    .health
                    .map(|it| it.name(readings.other_statuses()).to_owned());
                format!("{id} {:?} {:?} {health:?}", it.count, it.capped)
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
        let counts: Vec<(&str, u64)> = rejections
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
        let (readings, rejections) =
            read::<CurrentCount>(r#"{"data": [{"space_id": "spc_1", "count": 2}, {"count": 2}]}"#);
        assert_eq!(readings.values().len(), 1);
        assert_eq!(
            rejections.named(),
            [(RejectionReason::MissingId, String::new())]
        );
    }
}
