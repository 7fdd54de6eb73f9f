//! `POST /v3/analytics/presence-health`: whether anyone is in a space now.

use serde::Deserialize;

use crate::snapshot::{SpacePresence, Text};

use super::super::rejection::Reason;
use super::entries::{Rejected, read_each};
use super::field::Field;
use super::{DecodeError, Read, Statuses};

/// A datum of the map, or an entry of a list with the space's id in it. The reference does not name
/// the field that says whether anyone is there; the streams call it `presence`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Datum<'a> {
    #[serde(borrow)]
    space_id: Field<'a>,
    #[serde(borrow)]
    presence: Field<'a>,
    #[serde(borrow)]
    space_health_status: Field<'a>,
}

/// Reads the answer. A bare truth value, as the endpoint without health gives it, counts too.
pub(in super::super) fn read_presence(
    bytes: &mut [u8],
    statuses: &Statuses,
) -> Result<Read<SpacePresence>, DecodeError> {
    read_each(bytes, |entry| {
        let bare = match entry.raw.get() {
            "null" => return Ok(None),
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if bare.is_some() && entry.key.is_some() {
            let space_id = entry.id(Field::default())?;
            let presence = SpacePresence {
                space_id: space_id.clone(),
                presence: bare,
                health: None,
            };
            return Ok(Some((space_id, presence)));
        }
        let datum: Datum<'_> = entry.fields()?;
        let id = entry.id(datum.space_id)?;
        let presence = read_datum(&datum, id.clone(), statuses).map_err(Rejected::of(&id))?;
        Ok(Some((id, presence)))
    })
}

fn read_datum(
    datum: &Datum<'_>,
    space_id: Text,
    statuses: &Statuses,
) -> Result<SpacePresence, Reason> {
    // Either says something by itself; an entry with neither says nothing.
    if !datum.presence.is_there() && !datum.space_health_status.is_there() {
        return Err(Reason::MissingField);
    }
    let health = datum.space_health_status.text()?;
    Ok(SpacePresence {
        space_id,
        presence: datum.presence.boolean()?,
        health: health.and_then(|name| statuses.read(&name)),
    })
}

#[cfg(test)]
mod tests {
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
        let answer = read_presence(&mut text.as_bytes().to_vec(), &Statuses::default()).unwrap();
        let shown: Vec<_> = answer
            .entries
            .iter()
            .map(|it| {
                let health = it.health.as_ref().map(|it| it.name());
                (&*it.space_id, it.presence, health)
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
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(counts, [(Reason::MissingField, 1), (Reason::WrongType, 2)]);
    }
}
