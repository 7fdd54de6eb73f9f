//! The malformed entries that the fault `malformed` mixes into a response, and how a client should take
//! each.
//!
//! A client that drops the invalid entries and keeps the rest loses exactly the entries that are
//! [`Verdict::Rejected`]. Ids that are kept begin with `spc_malformed` or `MALFORMED`, so that a test
//! can tell them from the portfolio's own.

use crate::simulator::endpoint::EndpointName;

/// What a careful client does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is unusual but valid: the entry is kept, without the fields that are null.
    Kept,
    /// It is invalid: this entry is dropped and nothing else.
    Rejected,
    /// It is valid, but another entry has the same id: one of the two is kept.
    Duplicate,
}

/// One malformed entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedEntry {
    /// The key, in responses that are maps.
    pub key: Option<&'static str>,
    /// The entry as it is sent; [`PERSON`] in it becomes the canary, or nobody.
    pub json: &'static str,
    /// What must be done with it.
    pub verdict: Verdict,
}

/// Where the canary goes in an entry.
pub const PERSON: &str = "$person";

const fn item(verdict: Verdict, json: &'static str) -> MalformedEntry {
    MalformedEntry {
        key: None,
        json,
        verdict,
    }
}

const fn field(verdict: Verdict, key: &'static str, json: &'static str) -> MalformedEntry {
    MalformedEntry {
        key: Some(key),
        json,
        verdict,
    }
}

use Verdict::{Duplicate, Kept, Rejected};

const SPACES: &[MalformedEntry] = &[
    item(Rejected, "null"),
    item(Rejected, "17"),
    item(Rejected, "\"$person\""),
    item(Rejected, "[]"),
    item(Rejected, "{}"),
    item(
        Rejected,
        r#"{"id":null,"name":"No id","space_type":"space"}"#,
    ),
    item(
        Rejected,
        r#"{"id":42,"name":"Number as id","space_type":"space"}"#,
    ),
    item(
        Rejected,
        r#"{"name":"Missing id","space_type":"space","children_ids":[]}"#,
    ),
    item(
        Rejected,
        r#"{"id":["$person"],"name":"List as id","space_type":"space"}"#,
    ),
    item(
        Kept,
        r#"{"id":"spc_malformed_1","name":null,"space_type":"space","function":null,"capacity":null,"children_ids":[],"children":[],"labels":[],"counting_mode":null,"time_zone":null,"status":null}"#,
    ),
    item(
        Kept,
        r#"{"id":"spc_malformed_2","name":"Odd type and status","space_type":"asteroid","status":"haunted","children_ids":[],"children":[],"labels":[]}"#,
    ),
    item(
        Kept,
        r#"{"id":"spc_malformed_3","name":"Its own parent","space_type":"space","children_ids":["spc_malformed_3"],"children":[],"labels":[],"status":"live"}"#,
    ),
    item(
        Duplicate,
        r#"{"id":"spc_malformed_1","name":"Twice","space_type":"space","children_ids":[],"children":[],"labels":[],"status":"live"}"#,
    ),
];

const SENSORS: &[MalformedEntry] = &[
    item(Rejected, "null"),
    item(Rejected, "true"),
    item(Rejected, "\"$person\""),
    item(Rejected, "[[]]"),
    item(Rejected, "{}"),
    item(
        Rejected,
        r#"{"serial_number":null,"sensor_type":"oa","location":{}}"#,
    ),
    item(
        Rejected,
        r#"{"serial_number":7,"sensor_type":"oa","location":{}}"#,
    ),
    item(
        Rejected,
        r#"{"sensor_type":"oa","hardware_type":"ob1","location":{"floor_ids":[]}}"#,
    ),
    item(
        Rejected,
        r#"{"serial_number":{"owner":"$person"},"sensor_type":"oa"}"#,
    ),
    item(
        Kept,
        r#"{"serial_number":"MALFORMED1","sensor_type":"oa","hardware_type":null,"firmware_version":null,"created_at":null,"updated_at":null,"location":null,"network_addresses":null}"#,
    ),
    item(
        Kept,
        r#"{"serial_number":"MALFORMED2","sensor_type":"oa","hardware_type":"ob1","firmware_version":"1.0.0","created_at":"yesterday","updated_at":"2026-13-45T25:61:00Z","location":{"building_ids":[],"floor_ids":[],"space_ids":["spc_nowhere"]},"network_addresses":[]}"#,
    ),
    item(
        Duplicate,
        r#"{"serial_number":"MALFORMED1","sensor_type":"entry","hardware_type":"ob1","location":{"building_ids":[],"floor_ids":[],"space_ids":[]}}"#,
    ),
];

const SENSOR_HEALTH: &[MalformedEntry] = &[
    item(Rejected, "null"),
    item(Rejected, "3.5"),
    item(Rejected, "\"$person\""),
    item(Rejected, "[]"),
    item(Rejected, "{}"),
    item(
        Rejected,
        r#"{"health_status":"healthy","last_status_change":"2026-01-01T00:00:00Z","serial_number":null}"#,
    ),
    item(
        Rejected,
        r#"{"health_status":"healthy","last_status_change":"2026-01-01T00:00:00Z"}"#,
    ),
    item(
        Rejected,
        r#"{"health_status":"healthy","serial_number":12345}"#,
    ),
    item(
        Rejected,
        r#"{"health_status":{"told_by":"$person"},"serial_number":"MALFORMED9"}"#,
    ),
    item(
        Kept,
        r#"{"health_status":"hibernating","last_status_change":"2026-01-01T00:00:00Z","serial_number":"MALFORMED1"}"#,
    ),
    item(
        Kept,
        r#"{"health_status":"healthy","last_status_change":null,"serial_number":"MALFORMED2"}"#,
    ),
    item(
        Rejected,
        r#"{"health_status":"healthy","last_status_change":"not a date","serial_number":"MALFORMED3"}"#,
    ),
    item(
        Duplicate,
        r#"{"health_status":"offline","last_status_change":"2026-01-01T00:00:00Z","serial_number":"MALFORMED2"}"#,
    ),
];

const CURRENT_COUNT: &[MalformedEntry] = &[
    field(Rejected, "spc_malformed_10", "\"$person\""),
    field(Rejected, "spc_malformed_11", "[1]"),
    field(
        Rejected,
        "spc_malformed_12",
        r#"{"count":-4,"space_health_status":"healthy"}"#,
    ),
    field(
        Rejected,
        "spc_malformed_13",
        r#"{"count":"3","space_health_status":"healthy"}"#,
    ),
    field(
        Rejected,
        "spc_malformed_14",
        r#"{"count":{"who":"$person"},"space_health_status":"healthy"}"#,
    ),
    field(
        Rejected,
        "spc_malformed_15",
        r#"{"count":1e999,"space_health_status":"healthy"}"#,
    ),
    field(
        Rejected,
        "spc_malformed_16",
        r#"{"count":true,"space_health_status":"healthy"}"#,
    ),
    field(
        Kept,
        "spc_malformed_1",
        r#"{"count":null,"space_health_status":"offline"}"#,
    ),
    field(
        Kept,
        "spc_malformed_2",
        r#"{"count":2,"space_health_status":"haunted"}"#,
    ),
    field(
        Kept,
        "spc_malformed_3",
        r#"{"count":2,"space_health_status":null,"is_capped":null,"capped_count_limit":null}"#,
    ),
    field(
        Duplicate,
        "spc_malformed_2",
        r#"{"count":3,"space_health_status":"healthy"}"#,
    ),
];

const PRESENCE: &[MalformedEntry] = &[
    field(Rejected, "spc_malformed_10", "\"$person\""),
    field(Rejected, "spc_malformed_11", "[true]"),
    field(
        Rejected,
        "spc_malformed_12",
        r#"{"presence":"true","space_health_status":"healthy"}"#,
    ),
    field(
        Rejected,
        "spc_malformed_13",
        r#"{"presence":{"who":"$person"},"space_health_status":"healthy"}"#,
    ),
    field(
        Rejected,
        "spc_malformed_14",
        r#"{"presence":2,"space_health_status":"healthy"}"#,
    ),
    field(
        Kept,
        "spc_malformed_1",
        r#"{"presence":null,"space_health_status":"unknown"}"#,
    ),
    field(
        Kept,
        "spc_malformed_2",
        r#"{"presence":true,"space_health_status":"haunted"}"#,
    ),
    field(
        Kept,
        "spc_malformed_3",
        r#"{"presence":false,"space_health_status":null}"#,
    ),
    field(
        Duplicate,
        "spc_malformed_2",
        r#"{"presence":false,"space_health_status":"healthy"}"#,
    ),
];

const PLAIN_PRESENCE: &[MalformedEntry] = &[
    field(Rejected, "spc_malformed_10", "\"$person\""),
    field(Rejected, "spc_malformed_11", "[true]"),
    field(Rejected, "spc_malformed_12", "2"),
    field(Kept, "spc_malformed_1", "null"),
    field(Kept, "spc_malformed_2", "true"),
    field(Duplicate, "spc_malformed_2", "false"),
];

/// The entries that are mixed into the responses of `endpoint`.
pub const fn malformed_entries(endpoint: EndpointName) -> &'static [MalformedEntry] {
    match endpoint {
        EndpointName::Spaces => SPACES,
        EndpointName::Sensors => SENSORS,
        EndpointName::SensorHealth => SENSOR_HEALTH,
        EndpointName::CurrentCount => CURRENT_COUNT,
        EndpointName::Presence => PRESENCE,
        EndpointName::PlainPresence => PLAIN_PRESENCE,
        _ => &[],
    }
}

/// How many entries of `endpoint` have this verdict.
pub fn malformed_count(endpoint: EndpointName, verdict: Verdict) -> usize {
    let entries = malformed_entries(endpoint).iter();
    entries.filter(|entry| entry.verdict == verdict).count()
}

/// Mixes the malformed entries into `json`, a bare list or map: half in front, half at the end.
pub(crate) fn mix(json: &[u8], endpoint: EndpointName, person: Option<&str>) -> Vec<u8> {
    let entries = malformed_entries(endpoint);
    let (Some((&open, rest)), false) = (json.split_first(), entries.is_empty()) else {
        return json.to_vec();
    };
    let Some((&close, right)) = rest.split_last() else {
        return json.to_vec();
    };
    // As JSON, without the quotes around it.
    let person = serde_json::to_string(person.unwrap_or("nobody")).unwrap_or_default();
    let person = person.trim_matches('"');
    let written: Vec<String> = entries.iter().map(|entry| write(entry, person)).collect();
    let (front, back) = written.split_at(written.len() / 2);
    let mut parts: Vec<&[u8]> = front.iter().map(|entry| entry.as_bytes()).collect();
    if !right.is_empty() {
        parts.push(right);
    }
    parts.extend(back.iter().map(|entry| entry.as_bytes()));
    let mut mixed = vec![open];
    mixed.extend(parts.join(&b','));
    mixed.push(close);
    mixed
}

fn write(entry: &MalformedEntry, person: &str) -> String {
    let json = entry.json.replace(PERSON, person);
    match entry.key {
        Some(key) => format!("\"{key}\":{json}"),
        None => json,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn a_mixed_body_is_json_with_all_the_right_entries() {
        for endpoint in EndpointName::ALL {
            let entries = malformed_entries(endpoint);
            let Some(first) = entries.first() else {
                continue;
            };
            let right = [(1, "[1,2]"), (0, "[]")];
            for (extra, list) in right {
                let text = match first.key {
                    None => list.to_owned(),
                    Some(_) if extra == 0 => "{}".to_owned(),
                    Some(_) => "{\"a\":1,\"b\":2}".to_owned(),
                };
                let mixed = mix(text.as_bytes(), endpoint, Some("Zo\"e"));
                let raw: Box<RawValue> = serde_json::from_slice(&mixed).unwrap();
                assert!(raw.get().contains("Zo\\\"e"), "{raw}");
                assert!(
                    text.len() < 3 || raw.get().contains(text.trim_matches(['[', ']', '{', '}']))
                );
            }
            assert!(malformed_count(endpoint, Verdict::Rejected) > 0);
            assert!(malformed_count(endpoint, Verdict::Kept) > 0);
        }
    }
}
