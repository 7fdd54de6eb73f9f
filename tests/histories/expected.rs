//! What the page must say, as the contract has it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use density_exporter::config::Collector;

use crate::building::Content;
use crate::clock::wall;
use crate::contract::Contract;
use crate::flight::SLACK;
use crate::page;

impl Contract {
    /// When the refreshes began that brought what may be shown.
    pub fn shown_since(&self, now: u64) -> BTreeMap<Collector, u64> {
        let all = self.collectors.keys();
        all.filter_map(|it| Some((*it, now - self.visible(*it, now)?.0)))
            .collect()
    }

    /// What a page of `wanted` says at `now`.
    pub fn page(&self, wanted: &[Collector], now: u64, shown: &page::Page) -> page::Page {
        let states = wanted.iter().map(|collector| {
            let state = &self.collectors[collector];
            let ttl = self.settings.ttls[collector];
            let is_late = state.failures > 0 || state.is_of_others || state.flight.is_some();
            let is_old = self.visible(*collector, now).is_some_and(|it| it.0 >= ttl);
            let shown = shown.states.get(collector);
            let expected = page::State {
                success: Some(f64::from(state.finished.is_some_and(|it| it.success))),
                duration: state.finished.map(|it| {
                    let (least, most) = it.took;
                    about(shown.and_then(|it| it.duration), least, most)
                }),
                last_success: state.last_success.map(|(at, set)| {
                    let wall = wall(at, set).duration_since(SystemTime::UNIX_EPOCH);
                    let wall = wall.unwrap_or_default().as_millis() as u64;
                    about(shown.and_then(|it| it.last_success), wall, wall)
                }),
                ttl: Some(ttl as f64 / 1000.0),
                stale: Some(f64::from(is_old && is_late)),
                entries: state.entries.map(|it| it as f64),
            };
            (*collector, expected)
        });
        let states: BTreeMap<_, _> = states.collect();
        page::Page {
            up: Some(f64::from(states.values().all(|it| it.success == Some(1.0)))),
            states,
            facts: self.facts(wanted, now),
        }
    }

    fn facts(&self, wanted: &[Collector], now: u64) -> BTreeSet<String> {
        let shown = |collector| self.visible(collector, now).map(|it| it.1);
        let names = match shown(Collector::Spaces) {
            Some(Content::Spaces(names)) => Some(names),
            _ => None,
        };
        let rooms = match shown(Collector::Sensors) {
            Some(Content::Sensors(rooms)) => Some(rooms),
            _ => None,
        };
        // Names come with the spaces and end with them.
        let name = |id: &String| names.and_then(|it| it.get(id)).map_or("-", String::as_str);
        let floor = |id: &String| match name(id) == "-" || id == "hq" {
            true => "-",
            false => "Ground",
        };
        let mut facts = BTreeSet::new();
        for content in wanted.iter().filter_map(|it| shown(*it)) {
            match content {
                Content::Spaces(names) => facts.extend(
                    names
                        .iter()
                        .map(|(id, name)| format!("space {id} is called {name}")),
                ),
                Content::Sensors(rooms) => {
                    for (serial, room) in rooms {
                        facts.insert(format!("sensor {serial}"));
                        facts.insert(format!("sensor {serial} hangs in {room}"));
                    }
                }
                Content::Counts(values) | Content::Presences(values) => {
                    let family = match content {
                        Content::Counts(_) => "density_space_occupancy",
                        _ => "density_space_presence",
                    };
                    // Null is no sample.
                    let known = values.iter().filter_map(|(id, it)| Some((id, (*it)?)));
                    facts.extend(known.map(|(id, value)| {
                        format!("{family} {id} {} {} {value}", name(id), floor(id))
                    }));
                }
                Content::Healths(statuses) => facts.extend(statuses.iter().map(|(serial, it)| {
                    let room = rooms.and_then(|it| it.get(serial));
                    let floor = room.map_or("-", floor);
                    format!("sensor {serial} {floor} is {it}")
                })),
            }
        }
        facts
    }
}

/// The seconds that are shown, when they are within the bounds; else the lower one.
fn about(shown: Option<f64>, least: u64, most: u64) -> f64 {
    let seconds = |milliseconds: u64| milliseconds as f64 / 1000.0;
    let (least, most) = (seconds(least.saturating_sub(SLACK)), seconds(most + SLACK));
    match shown {
        Some(shown) if (least..=most).contains(&shown) => shown,
        _ => least,
    }
}
