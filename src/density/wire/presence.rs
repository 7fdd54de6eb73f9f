//! `POST /v3/analytics/presence-health`: whether anyone is in a space now.

use std::sync::{Arc, Mutex};

use crate::snapshot::SpacePresence;

use super::super::rejection::RejectionReason;
use super::Statuses;
use super::field::Field;
use super::live::{LastAnswer, LastAnswers, LiveEndpoint};
use super::plain::entry_fields;

entry_fields! {
    /// A datum of the map, or an entry of a list with the space's id in it. The reference does not name
    /// the field that says whether anyone is there; the streams call it `presence`.
    Datum { space_id, presence, space_health_status }
}

/// Whether anyone is in each space.
pub(in super::super) struct Presence;

impl LiveEndpoint for Presence {
    type Value = SpacePresence;
    type Fields<'a> = Datum<'a>;

    fn last(all: &LastAnswers) -> &Mutex<Arc<LastAnswer<SpacePresence>>> {
        &all.presences
    }

    fn id<'f>(datum: &'f Datum<'_>) -> &'f Field<'f> {
        &datum.space_id
    }

    fn value(
        datum: &Datum<'_>,
        statuses: &Statuses,
    ) -> Result<Option<SpacePresence>, RejectionReason> {
        // One of the two is enough; an entry with neither has no value.
        if !datum.presence.is_present() && !datum.space_health_status.is_present() {
            return Err(RejectionReason::MissingField);
        }
        let health = datum.space_health_status.text()?;
        Ok(Some(SpacePresence {
            presence: datum.presence.boolean()?,
            health: health.and_then(|name| statuses.read(name)),
        }))
    }

    /// As the endpoint without health answers.
    fn from_bool(presence: bool) -> Option<SpacePresence> {
        Some(SpacePresence {
            presence: Some(presence),
            health: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::live::testing::read;
    use super::*;

    #[test]
    fn presence_comes_with_health_without_it_or_not_at_all() {
        let text = r#"{"data": {
            "spc_1": {"presence": true, "space_health_status": "degraded"},
            "spc_2": {"presence": null, "space_health_status": "offline"},
            "spc_3": false,
            "spc_4": {"presence": "yes"},
            "spc_5": {"timestamp": "2024-01-01T00:00:00Z"},
            "spc_6": {"presence": false, "space_health_status": 4}
        }}"#;
        let (readings, rejections) = read::<Presence>(text);
        let shown: Vec<_> = (0..)
            .map_while(|row| readings.row(row))
            .map(|(id, it)| {
                let health = it.health.map(|it| it.name(readings.other_statuses()));
                (id, it.presence, health)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("spc_1", Some(true), Some("degraded")),
                ("spc_2", None, Some("offline")),
                ("spc_3", Some(false), None),
            ]
        );
        let counts: Vec<_> = rejections.counts().collect();
        assert_eq!(
            counts,
            [
                (RejectionReason::MissingField, 1),
                (RejectionReason::WrongType, 2)
            ]
        );
    }
}
