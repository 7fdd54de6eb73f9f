//! The live endpoints: sensor health, current counts, presence.

use serde::Serialize;

use super::{
    Answer, Book, Problem, Request, Shape, chosen_sensors, chosen_spaces, list, map, stamp,
};
use crate::simulator::portfolio::{Serial, SpaceId};
use crate::simulator::snapshot::WAFFLE_CAP;

const LONGEST_LOOKBACK: u32 = 24 * 60;

#[derive(Serialize)]
struct HealthEntry {
    health_status: &'static str,
    last_status_change: String,
    serial_number: Serial,
}

pub(super) fn sensor_health(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let entries = chosen_sensors(book.snapshot, request).map(|index| {
        let reading = book.snapshot.reading(index);
        HealthEntry {
            health_status: reading.health.name(),
            last_status_change: stamp::mixed(reading.since, u64::from(index) * 37),
            serial_number: book.snapshot.portfolio.sensor(index).serial,
        }
    });
    list(Shape::UnderData, entries)
}

#[derive(Serialize)]
struct CountDatum<'a> {
    count: u32,
    space_health_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_capped: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capped_count_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<&'a str>,
}

pub(super) fn counts(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let snapshot = book.snapshot;
    let chosen = chosen_spaces(snapshot, request.space_ids.as_deref());
    map(chosen.filter_map(|index| {
        let count = snapshot.count(index)?;
        let datum = CountDatum {
            count: count.count,
            space_health_status: count.health.name(),
            is_capped: count.is_capped,
            capped_count_limit: count.is_capped.map(|_| WAFFLE_CAP),
            last_seen: book.canary.filter(|_| index % 5 == 0),
        };
        Some((snapshot.portfolio.space(index).id, datum))
    }))
}

pub(super) fn presence(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let snapshot = book.snapshot;
    let chosen = chosen_spaces(snapshot, request.space_ids.as_deref());
    map(chosen.filter_map(|index| {
        let presence = snapshot.presence(index)?.presence;
        Some((snapshot.portfolio.space(index).id, presence))
    }))
}

#[derive(Serialize)]
struct PresenceDatum<'a> {
    presence: Option<bool>,
    space_health_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<&'a str>,
}

pub(super) fn presence_health(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let snapshot = book.snapshot;
    let chosen = chosen_spaces(snapshot, request.space_ids.as_deref());
    map(chosen.filter_map(|index| {
        let presence = snapshot.presence(index)?;
        let datum = PresenceDatum {
            presence: presence.presence,
            space_health_status: presence.health.name(),
            last_seen: book.canary.filter(|_| index % 5 == 0),
        };
        Some((snapshot.portfolio.space(index).id, datum))
    }))
}

#[derive(Serialize)]
struct ShortTerm {
    metrics: Vec<Minute>,
    space_id: SpaceId,
}

#[derive(Serialize)]
struct Minute {
    presence: Option<bool>,
    timestamp: String,
}

pub(super) fn short_term(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let minutes = request.minutes_lookback.unwrap_or(60);
    if minutes > LONGEST_LOOKBACK {
        let message = format!("minutes_lookback may be up to {LONGEST_LOOKBACK}");
        return Err(Problem::new(400, message));
    }
    let snapshot = book.snapshot;
    let chosen = chosen_spaces(snapshot, request.space_ids.as_deref());
    let last = snapshot.at.div_euclid(60) * 60;
    let entries = chosen
        .filter(move |&index| snapshot.is_open_area(index))
        .map(|index| ShortTerm {
            metrics: (0..i64::from(minutes))
                .rev()
                .map(|back| {
                    let at = last - 60 * back;
                    Minute {
                        presence: snapshot.at(at).presence(index).and_then(|seen| seen.presence),
                        timestamp: stamp::utc(at),
                    }
                })
                .collect(),
            space_id: snapshot.portfolio.space(index).id,
        });
    list(Shape::UnderData, entries)
}
