//! What is so at Density: a building with a few rooms and sensors, and how it changes.

use std::collections::BTreeMap;

use density_exporter::config::Collector;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A building with one floor.
#[derive(Clone, Debug)]
pub struct Building {
    rooms: BTreeMap<u8, Room>,
    sensors: BTreeMap<u8, Sensor>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Room {
    /// How often it was renamed.
    names: u32,
    presence: Option<bool>,
    count: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Sensor {
    room: u8,
    status: &'static str,
}

/// What an endpoint said, as far as it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Names by id.
    Spaces(BTreeMap<String, String>),
    /// Rooms by serial number.
    Sensors(BTreeMap<String, String>),
    /// Values by id, as they are shown; null is there too.
    Counts(BTreeMap<String, Option<u32>>),
    Presences(BTreeMap<String, Option<u32>>),
    /// By serial number.
    Healths(BTreeMap<String, &'static str>),
}

impl Content {
    pub fn entries(&self) -> usize {
        match self {
            Content::Spaces(it) => it.len(),
            Content::Sensors(it) => it.len(),
            Content::Counts(it) | Content::Presences(it) => it.len(),
            Content::Healths(it) => it.len(),
        }
    }
}

/// Something happens in the building. What it is about may not be there, and then nothing does.
#[derive(Clone, Copy, Debug)]
pub enum Happening {
    RoomComes(u8),
    RoomGoes(u8),
    RoomIsRenamed(u8),
    Presence(u8, Option<bool>),
    Count(u8, Option<u32>),
    SensorComes(u8, u8),
    SensorGoes(u8),
    Status(u8, &'static str),
}

pub fn happening() -> impl Strategy<Value = Happening> {
    let id = 0u8..3;
    prop_oneof![
        id.clone().prop_map(Happening::RoomComes),
        id.clone().prop_map(Happening::RoomGoes),
        id.clone().prop_map(Happening::RoomIsRenamed),
        (id.clone(), any::<Option<bool>>()).prop_map(|(id, it)| Happening::Presence(id, it)),
        (id.clone(), prop::option::of(0u32..3)).prop_map(|(id, it)| Happening::Count(id, it)),
        (id.clone(), id.clone()).prop_map(|(id, room)| Happening::SensorComes(id, room)),
        id.clone().prop_map(Happening::SensorGoes),
        (
            id,
            prop::sample::select(&["healthy", "offline", "degraded"][..])
        )
            .prop_map(|(id, it)| Happening::Status(id, it)),
    ]
}

fn room_id(room: u8) -> String {
    format!("room_{room}")
}

fn serial(sensor: u8) -> String {
    format!("sensor_{sensor}")
}

impl Building {
    /// Two rooms, a sensor in each.
    pub fn new() -> Self {
        let sensor = |room| Sensor {
            room,
            status: "healthy",
        };
        Self {
            rooms: [(0, Room::default()), (1, Room::default())].into(),
            sensors: [(0, sensor(0)), (1, sensor(1))].into(),
        }
    }

    pub fn happens(&mut self, happening: Happening) {
        let Self { rooms, sensors } = self;
        match happening {
            Happening::RoomComes(id) => {
                rooms.entry(id).or_default();
            }
            Happening::RoomGoes(id) => {
                rooms.remove(&id);
            }
            Happening::RoomIsRenamed(id) => {
                rooms.entry(id).and_modify(|it| it.names += 1);
            }
            Happening::Presence(id, presence) => {
                rooms.entry(id).and_modify(|it| it.presence = presence);
            }
            Happening::Count(id, count) => {
                rooms.entry(id).and_modify(|it| it.count = count);
            }
            Happening::SensorComes(id, room) => {
                let sensor = Sensor {
                    room,
                    status: "healthy",
                };
                sensors.entry(id).or_insert(sensor);
            }
            Happening::SensorGoes(id) => {
                sensors.remove(&id);
            }
            Happening::Status(id, status) => {
                sensors.entry(id).and_modify(|it| it.status = status);
            }
        }
    }

    /// What the endpoint of `collector` says now.
    pub fn content(&self, collector: Collector) -> Content {
        let rooms = || self.rooms.iter().map(|(id, it)| (room_id(*id), it));
        let sensors = || self.sensors.iter().map(|(id, it)| (serial(*id), it));
        match collector {
            Collector::Spaces => {
                let room = |(id, it): (String, &Room)| {
                    let name = format!("Room {id}, name {}", it.names);
                    (id, name)
                };
                let above = [("hq", "HQ"), ("floor", "Ground")];
                let above = above.map(|(id, name)| (id.to_owned(), name.to_owned()));
                Content::Spaces(rooms().map(room).chain(above).collect())
            }
            Collector::Sensors => {
                Content::Sensors(sensors().map(|(id, it)| (id, room_id(it.room))).collect())
            }
            Collector::CurrentCount => {
                Content::Counts(rooms().map(|(id, it)| (id, it.count)).collect())
            }
            Collector::Presence => {
                let presence = |it: &Room| it.presence.map(u32::from);
                Content::Presences(rooms().map(|(id, it)| (id, presence(it))).collect())
            }
            Collector::SensorHealth => {
                Content::Healths(sensors().map(|(id, it)| (id, it.status)).collect())
            }
        }
    }
}

impl Content {
    /// As the API words it.
    pub fn json(&self) -> Value {
        match self {
            Content::Spaces(names) => {
                let rooms = names.keys().filter(|it| it.starts_with("room"));
                let rooms: Vec<&String> = rooms.collect();
                let space = |(id, name): (&String, &String)| {
                    let (space_type, children) = match id.as_str() {
                        "hq" => ("building", json!(["floor"])),
                        "floor" => ("floor", json!(rooms)),
                        _ => ("space", json!([])),
                    };
                    json!({ "id": id, "name": name, "space_type": space_type, "status": "live", "children_ids": children })
                };
                names.iter().map(space).collect()
            }
            Content::Sensors(rooms) => {
                let sensor = |(serial, room): (&String, &String)| json!({ "serial_number": serial, "location": { "space_ids": [room] } });
                rooms.iter().map(sensor).collect()
            }
            Content::Counts(counts) => {
                let datum = |(id, it): (&String, &Option<u32>)| {
                    let datum = json!({ "count": it, "space_health_status": "healthy" });
                    (id.clone(), datum)
                };
                Value::Object(counts.iter().map(datum).collect())
            }
            Content::Presences(presences) => {
                let datum = |(id, it): (&String, &Option<u32>)| {
                    let presence = it.map(|it| it == 1);
                    let datum = json!({ "presence": presence, "space_health_status": "healthy" });
                    (id.clone(), datum)
                };
                json!({ "data": presences.iter().map(datum).collect::<Map<_, _>>() })
            }
            Content::Healths(statuses) => {
                let entry = |(serial, it): (&String, &&str)| json!({ "serial_number": serial, "health_status": it });
                json!({ "data": statuses.iter().map(entry).collect::<Value>() })
            }
        }
    }
}
