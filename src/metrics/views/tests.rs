//! Golden text of each view: what people see, line by line.

use std::sync::Arc;

use crate::clock::Moment;
use crate::config::{Collector, CollectorSet, CollectorSettings, SpaceFilter};
use crate::density::BudgetReading;
use crate::exposition::write_header;
use crate::snapshot::{
    Counts, Fetched, Finished, Inventory, Presences, Sensor, SensorHealth, SensorHealths,
    SensorList, Snapshot, Space, SpaceCount, SpaceEntry, SpaceLabel, SpacePresence, SpaceTree,
    Status, Text,
};

use super::*;

fn space(id: &str, name: &str, space_type: &str, children: &[&str]) -> SpaceEntry {
    SpaceEntry {
        space: Space {
            name: Text::from(name),
            space_type: Text::from(space_type),
            ..Space::of_id(Text::from(id))
        },
        children: children.iter().map(|it| Text::from(*it)).collect(),
        is_stub: false,
    }
}

/// A campus with a building, a floor in planning, a room that people named strangely, and a desk
/// without a name.
fn spaces() -> Vec<SpaceEntry> {
    let mut room = space("spc_4", "Raum \"Süd\"\\1\n会議室", "space", &["spc_5"]);
    room.space.function = Text::from("meeting_room");
    room.space.counting_mode = Text::from("oa");
    room.space.time_zone = Text::from("Europe/Berlin");
    room.space.capacity = Some(8.0);
    room.space.labels = Box::new([
        SpaceLabel {
            group: Text::from(""),
            name: Text::from("quiet"),
        },
        SpaceLabel {
            group: Text::from("Priority"),
            name: Text::from("critical"),
        },
    ]);
    let mut floor = space("spc_3", "2", "floor", &["spc_4"]);
    floor.space.status = Text::from("planning");
    vec![
        space("spc_1", "Park", "campus", &["spc_2"]),
        space("spc_2", "HQ", "building", &["spc_3", "spc_6"]),
        floor,
        room,
        space("spc_5", "", "space", &[]),
        space("spc_6", "1", "floor", &[]),
    ]
}

fn sensors() -> Vec<Sensor> {
    let sensor = |serial: &str, spaces: &[&str], floors: &[&str]| Sensor {
        serial_number: Text::from(serial),
        sensor_type: Text::from("oa"),
        hardware_type: Text::from("ob1"),
        firmware_version: Text::from("1.2.3"),
        spaces: spaces.iter().map(|it| Text::from(*it)).collect(),
        floors: floors.iter().map(|it| Text::from(*it)).collect(),
        buildings: Box::default(),
    };
    vec![
        sensor("A1", &["spc_4", "spc_5"], &["spc_3"]),
        sensor("A2", &[], &["spc_6"]),
        sensor("A3", &[], &["spc_unlisted"]),
    ]
}

fn fetched<T>(data: T) -> Option<Fetched<T>> {
    Some(Fetched {
        data: Arc::new(data),
        version: 1,
        asked_at: Moment::default(),
    })
}

fn snapshot() -> Snapshot {
    let tree = SpaceTree::build(spaces());
    let list = SensorList::new(sensors());
    let mut snapshot = Snapshot::default();
    snapshot.spaces = fetched(tree);
    snapshot.sensors = fetched(list);
    if let (Some(spaces), Some(sensors)) = (&snapshot.spaces, &snapshot.sensors) {
        let filter = SpaceFilter::default();
        let inventory = Inventory::build(spaces.data.clone(), sensors.data.clone(), &filter);
        snapshot.inventory = Arc::new(inventory);
    }
    let count = |id: &str, count, capped, health| SpaceCount {
        space_id: Text::from(id),
        count,
        capped,
        health,
    };
    snapshot.current_count = fetched(Counts(vec![
        count("spc_4", Some(3.0), Some(true), Some(Status::Healthy)),
        count("spc_6", None, None, Some(Status::Offline)),
        count("spc_new", Some(0.0), Some(false), None),
    ]));
    let presence = |id: &str, presence, health| SpacePresence {
        space_id: Text::from(id),
        presence,
        health,
    };
    snapshot.presence = fetched(Presences(vec![
        presence("spc_3", Some(true), Some(Status::Degraded)),
        presence(
            "spc_4",
            Some(false),
            Some(Status::Other(Text::from("sleepy"))),
        ),
        presence("spc_6", None, Some(Status::Unknown)),
    ]));
    let health = |serial: &str, status, last_status_change| SensorHealth {
        serial_number: Text::from(serial),
        status,
        last_status_change,
    };
    snapshot.sensor_health = fetched(SensorHealths(vec![
        health("A1", Status::Offline, Some(1_566_656_122.5)),
        health("A2", Status::Healthy, None),
        health("ZZ", Status::Other(Text::from("rebooting")), Some(0.0)),
    ]));
    snapshot
}

/// The page of all views of `snapshot`, with the headers of the families.
fn page(snapshot: &Snapshot) -> String {
    let labels = PlaceLabels::new("acme", snapshot);
    let subject = Subject {
        organization: "acme",
        snapshot,
        labels: &labels,
    };
    let mut out = Vec::new();
    for view in VIEWS {
        let family = view.family;
        write_header(&mut out, family.name, family.kind, "");
        view.write(&subject, &mut out);
    }
    let text = String::from_utf8(out).unwrap();
    // The helps are looked at in the catalogue.
    let lines = text.lines().filter(|line| !line.starts_with("# HELP"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_view() {
    insta::assert_snapshot!(page(&snapshot()));
}

#[test]
fn live_values_and_sensors_when_the_spaces_have_ended() {
    let mut snapshot = snapshot();
    snapshot.end(Collector::Spaces);
    let page = page(&snapshot);
    let live = page
        .lines()
        .skip_while(|it| !it.contains("density_space_occupancy "));
    insta::assert_snapshot!(live.collect::<Vec<_>>().join("\n"));
}

#[test]
fn collectors_and_budgets() {
    let mut snapshot = snapshot();
    let spaces = snapshot.state_mut(Collector::Spaces);
    spaces.finished = Some(Finished {
        success: true,
        duration: std::time::Duration::from_millis(250),
    });
    spaces.last_success = Some(1_795_428_000.25);
    spaces.entries = Some(6);
    let presence = snapshot.state_mut(Collector::Presence);
    presence.finished = Some(Finished {
        success: false,
        duration: std::time::Duration::from_secs(30),
    });
    presence.stale = true;
    let settings = CollectorSettings::default();
    let collectors: CollectorSet = [Collector::Spaces, Collector::Presence]
        .into_iter()
        .collect();
    let mut out = Vec::new();
    let view = CollectorsView {
        organizations: &[("acme", &snapshot), ("empty", &Snapshot::default())],
        collectors,
        settings: &settings,
    };
    write_collectors(&view, &mut out);
    let budget = BudgetReading {
        host: "api.density.io".to_owned(),
        requests_per_second: 7.5,
        waited: std::time::Duration::from_millis(1500),
    };
    write_budgets(&[budget], &mut out);
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn one_view_stands_beside_the_others_of_its_family() {
    let mut names: Vec<&str> = VIEWS.iter().map(|it| it.family.name).collect();
    names.dedup();
    let contiguous = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), contiguous);
}
