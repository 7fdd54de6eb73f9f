//! `/simulator/…`: faults, events and the truth over HTTP, while the simulator runs.
//!
//! No credentials, no rate limit, no faults of its own, and not counted among the calls.

use std::str::FromStr;

use bytes::Bytes;
use http::{Method, Request};
use serde::Serialize;

use super::portfolio::{Serial, SpaceId, SpaceKind};
use super::reply::Reply;
use super::world::World;
use super::{Event, Fault, Simulator, Wrapping};

const HELP: &str = "\
A simulated Density API. What it simulates lies under /v3; this steers it.

GET    /simulator/truth     what is there, counted
GET    /simulator/places    ids and names to choose from
GET    /simulator/calls     requests and answers, counted
DELETE /simulator/calls     count from zero
GET    /simulator/faults    the faults that stand, one a line
POST   /simulator/faults    add faults, one a line
DELETE /simulator/faults    end all faults
POST   /simulator/events    make things happen, one a line
POST   /simulator/wrapping  reference, bare, data or results
DELETE /simulator/tokens    expire all OAuth tokens

Faults: ENDPOINT=KIND[,times=N], for example
  *=latency:2s
  sensor_health=status:503,retry_after=30,times=3
Endpoints: * token hello_world spaces sensors sensor_health current_count presence
  plain_presence history users streams other
Kinds: latency:DURATION status:CODE[,retry_after=TEXT][,body=TEXT] truncate hang
  hang_in_body trickle:BYTES_PER_SECOND reset malformed garbage html
  wrong_content_type error_with_200 expired_token huge:BYTES deep:DEPTH redirect:URL

Events, for example
  offline all            online all            auto all
  offline floor ID       degraded sensor SERIAL
  flapping building ID   unknown space ID
  rename ID New name     lifecycle ID planning
  remove sensor SERIAL   restore sensor SERIAL
";

pub(super) fn answer(simulator: &Simulator, request: &Request<Bytes>) -> Reply {
    let path = request.uri().path();
    let what = path.strip_prefix("/simulator").unwrap_or(path);
    match (request.method(), what.trim_matches('/')) {
        (&Method::GET, "") => text(200, HELP.to_owned()),
        (&Method::GET, "truth") => json(&simulator.truth()),
        (&Method::GET, "calls") => json(&simulator.calls()),
        (&Method::GET, "places") => json(&simulator.with_world(Places::of)),
        (&Method::GET, "faults") => {
            let lines = simulator
                .faults()
                .into_iter()
                .map(|fault| format!("{fault}\n"));
            text(200, lines.collect())
        }
        (&Method::POST, "faults") => done(lines::<Fault>(request.body()).map(|faults| {
            for (_, fault) in faults {
                simulator.inject(fault);
            }
        })),
        (&Method::POST, "events") => done(lines::<Event>(request.body()).and_then(|events| {
            let (numbers, events): (Vec<usize>, Vec<Event>) = events.into_iter().unzip();
            simulator.apply_all(events).map_err(|errors| {
                let named = errors.into_iter().map(|(position, error)| {
                    let number = numbers.get(position).copied().unwrap_or_default();
                    format!("line {number}: {error}\n")
                });
                named.collect()
            })
        })),
        (&Method::POST, "wrapping") => done(lines::<Wrapping>(request.body()).map(|wrappings| {
            if let Some((_, wrapping)) = wrappings.into_iter().next_back() {
                simulator.set_wrapping(wrapping);
            }
        })),
        (&Method::DELETE, "faults") => {
            simulator.clear_faults();
            done(Ok(()))
        }
        (&Method::DELETE, "calls") => {
            simulator.reset_calls();
            done(Ok(()))
        }
        (&Method::DELETE, "tokens") => {
            simulator.expire_tokens();
            done(Ok(()))
        }
        (_, "" | "truth" | "calls" | "places" | "faults" | "events" | "wrapping" | "tokens") => {
            text(
                405,
                "GET /simulator says which methods there are\n".to_owned(),
            )
        }
        _ => text(404, "GET /simulator says what there is\n".to_owned()),
    }
}

/// Reads one thing a line, with its line number; blank lines and lines with `#` in front are
/// skipped, and every line that can't be read is named.
fn lines<T: FromStr<Err: std::fmt::Display>>(body: &[u8]) -> Result<Vec<(usize, T)>, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("not UTF-8: {error}\n"))?;
    let (mut good, mut bad) = (Vec::new(), String::new());
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.parse() {
            Ok(thing) => good.push((number, thing)),
            Err(error) => bad.push_str(&format!("line {number}: {error}\n")),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

fn done(result: Result<(), String>) -> Reply {
    match result {
        Ok(()) => text(200, "done\n".to_owned()),
        Err(errors) => text(400, errors),
    }
}

fn text(status: u16, body: String) -> Reply {
    Reply {
        content_type: "text/plain; charset=utf-8",
        ..Reply::json(status, body.into_bytes())
    }
}

fn json(value: &impl Serialize) -> Reply {
    match serde_json::to_vec_pretty(value) {
        Ok(body) => Reply::json(200, body),
        Err(error) => Reply::error(500, &error.to_string()),
    }
}

/// What one may choose from.
#[derive(Serialize)]
struct Places {
    buildings: Vec<Place>,
    floors: Vec<Place>,
    spaces: Vec<Place>,
    sensors: Vec<SensorPlace>,
}

#[derive(Serialize)]
struct Place {
    id: SpaceId,
    name: Option<String>,
    parent: Option<SpaceId>,
}

#[derive(Serialize)]
struct SensorPlace {
    serial_number: Serial,
    sensor_type: &'static str,
    health_status: &'static str,
    floor: Option<SpaceId>,
}

impl Places {
    fn of(world: World<'_>) -> Self {
        let id = |index| world.portfolio.space(index).id;
        let of_kind = |kind| {
            let spaces = world.spaces().filter(move |(_, space)| space.kind == kind);
            let place = move |(index, space): (u32, &super::portfolio::Space)| Place {
                id: space.id,
                name: world.name(index).map(str::to_owned),
                parent: space.parent.map(id),
            };
            spaces.map(place).collect()
        };
        Self {
            buildings: of_kind(SpaceKind::Building),
            floors: of_kind(SpaceKind::Floor),
            spaces: of_kind(SpaceKind::Space),
            sensors: world
                .sensors()
                .map(|(index, sensor)| SensorPlace {
                    serial_number: sensor.serial,
                    sensor_type: sensor.kind.name(),
                    health_status: world.reading(index).health.name(),
                    floor: sensor.floor.map(id),
                })
                .collect(),
        }
    }
}
