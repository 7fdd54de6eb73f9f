//! The API's answers for a fleet: the inventory of the simulator, and live answers of which a chosen share
//! changes each time.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use bytes::Bytes;
use density_exporter::clock::RuntimeClock;
use density_exporter::density::Endpoint;
use density_exporter::simulator::{DEFAULT_TOKEN, Options, Simulator};
use http_body_util::BodyExt;

/// How much of the live answers changes each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// One entry in this many, separately for each endpoint.
    OneIn(usize),
    /// Each value of each entry.
    Everything,
}

/// The answers of all endpoints, by endpoint.
pub struct Answers {
    spaces: Bytes,
    sensors: Bytes,
    space_ids: Vec<String>,
    serial_numbers: Vec<String>,
    /// By entry: how often it has changed.
    turns: [Vec<u32>; 2],
    /// Where the next change starts, so that not always the same entries change.
    next: usize,
}

impl Answers {
    /// A fleet of `sensors` in `spaces`, about 250 sensors a building.
    pub fn new(sensors: usize, spaces: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let clock = RuntimeClock::starting_at(SystemTime::now());
            let options = Options {
                sensors,
                spaces: Some(spaces),
                buildings: (sensors / 250).max(1),
                steady: true,
                ..Options::default()
            };
            let simulator = Simulator::new(options, clock);
            let ask = async |endpoint: Endpoint| {
                let request = http::Request::builder()
                    .method(endpoint.method())
                    .uri(endpoint.path())
                    .header("authorization", format!("Bearer {DEFAULT_TOKEN}"))
                    .body(Bytes::from_static(b"{}"))
                    .expect("a request");
                let answer = simulator.handle(request).await;
                assert_eq!(answer.status(), 200);
                let body = answer.into_body().collect().await;
                body.expect("a body").to_bytes()
            };
            let (spaces, sensors) = (ask(Endpoint::Spaces).await, ask(Endpoint::Sensors).await);
            Self {
                space_ids: texts(&spaces, "id"),
                serial_numbers: texts(&sensors, "serial_number"),
                turns: [
                    vec![0; texts(&spaces, "id").len()],
                    vec![0; texts(&sensors, "serial_number").len()],
                ],
                spaces,
                sensors,
                next: 0,
            }
        })
    }

    /// How many sensors there are.
    pub fn sensors(&self) -> usize {
        self.serial_numbers.len()
    }

    /// Changes the live answers.
    pub fn change(&mut self, change: Change) {
        self.next += 7;
        for turns in &mut self.turns {
            match change {
                Change::Everything => turns.iter_mut().for_each(|it| *it += 1),
                Change::OneIn(share) => {
                    let first = self.next % share;
                    let chosen = turns.iter_mut().skip(first).step_by(share);
                    chosen.for_each(|it| *it += 1);
                }
            }
        }
    }

    /// The current answers, by path.
    pub fn by_path(&self) -> HashMap<&'static str, Bytes> {
        HashMap::from([
            (Endpoint::Spaces.path(), self.spaces.clone()),
            (Endpoint::Sensors.path(), self.sensors.clone()),
            (Endpoint::CurrentCount.path(), self.counts()),
            (Endpoint::Presence.path(), self.presences()),
            (Endpoint::SensorHealth.path(), self.healths()),
        ])
    }

    fn counts(&self) -> Bytes {
        self.map(|number, turn, out| {
            let status = status(number, turn);
            let count = (number % 9) as u32 + turn;
            let _ = write!(
                out,
                "{{\"count\":{count},\"space_health_status\":\"{status}\",\"is_capped\":{}}}",
                turn % 2 == 1
            );
        })
    }

    fn presences(&self) -> Bytes {
        self.map(|number, turn, out| {
            let presence = (number as u32 + turn).is_multiple_of(2);
            let status = status(number, turn);
            let _ = write!(
                out,
                "{{\"presence\":{presence},\"space_health_status\":\"{status}\"}}"
            );
        })
    }

    fn healths(&self) -> Bytes {
        let mut out = String::from("{\"data\":[");
        let [_, turns] = &self.turns;
        for (number, (serial, turn)) in self.serial_numbers.iter().zip(turns).enumerate() {
            if number > 0 {
                out.push(',');
            }
            let status = status(number, *turn);
            let (minute, second) = (turn / 60 % 60, turn % 60);
            let _ = write!(
                out,
                "{{\"health_status\":\"{status}\",\"last_status_change\":\
                 \"2026-11-{:02}T{:02}:{minute:02}:{second:02}Z\",\"serial_number\":\"{serial}\"}}",
                number % 28 + 1,
                number % 24,
            );
        }
        out.push_str("]}");
        out.into()
    }

    fn map(&self, datum: impl Fn(usize, u32, &mut String)) -> Bytes {
        let mut out = String::from("{");
        let [turns, _] = &self.turns;
        for (number, (id, turn)) in self.space_ids.iter().zip(turns).enumerate() {
            if number > 0 {
                out.push(',');
            }
            let _ = write!(out, "\"{id}\":");
            datum(number, *turn, &mut out);
        }
        out.push('}');
        out.into()
    }
}

/// Mostly healthy at first, and another with each turn.
fn status(number: usize, turn: u32) -> &'static str {
    let first = match number % 50 {
        0 => 2,
        1 => 1,
        _ => 0,
    };
    ["healthy", "degraded", "offline", "unknown"][(first + turn as usize) % 4]
}

/// The texts of `field` in a list of objects.
fn texts(json: &[u8], field: &str) -> Vec<String> {
    let entries: Vec<serde_json::Value> = match serde_json::from_slice(json).expect("JSON") {
        serde_json::Value::Array(entries) => entries,
        serde_json::Value::Object(mut wrapped) => wrapped
            .values_mut()
            .find_map(|it| it.as_array_mut().map(std::mem::take))
            .expect("a list"),
        _ => panic!("neither a list nor a wrapped one"),
    };
    entries
        .iter()
        .map(|it| it[field].as_str().expect("text").to_owned())
        .collect()
}
