//! Golden text of each view: what people see, line by line.

use std::sync::Arc;

use crate::clock::Instant;
use crate::config::{Collector, CollectorSet, CollectorSettings, SpaceFilter};
use crate::density::BudgetStatus;
use crate::exposition::{LinePrefix, Samples, TextBuffer, write_header};
use crate::snapshot::{
    CollectorStates, Fetched, Inventory, Readings, ReadingsBuilder, RefreshOutcome, SensorEntry,
    SensorHealth, SensorList, SensorListBuilder, SharedStr, Snapshot, SpaceCount, SpaceEntry,
    SpaceList, SpacePresence, SpaceTree, Status,
};

use super::*;

/// A campus with a building, a floor in planning, a room that people named strangely, and a desk
/// without a name.
fn spaces() -> SpaceList {
    let space = |id, name, space_type| SpaceEntry {
        id,
        name,
        space_type,
        ..SpaceEntry::default()
    };
    let room = SpaceEntry {
        function: "meeting_room",
        counting_mode: "oa",
        time_zone: "Europe/Berlin",
        capacity: Some(8.0),
        labels: &[("", "quiet"), ("Priority", "critical")],
        ..space("spc_4", "Raum \"Süd\"\\1\n会議室", "space")
    };
    let floor = SpaceEntry {
        status: "planning",
        ..space("spc_3", "2", "floor")
    };
    let mut list = SpaceList::new();
    for entry in [
        space("spc_1", "Park", "campus"),
        space("spc_2", "HQ", "building"),
        floor,
        room,
        space("spc_5", "", "space"),
        space("spc_6", "1", "floor"),
    ] {
        list.push(&entry);
    }
    let claims = [("1", "2"), ("2", "3"), ("2", "6"), ("3", "4"), ("4", "5")];
    for (parent, child) in claims {
        list.add_child(&format!("spc_{parent}"), &format!("spc_{child}"));
    }
    list
}

fn sensors() -> SensorList {
    let sensor = |serial_number| SensorEntry {
        serial_number,
        sensor_type: "oa",
        hardware_type: "ob1",
        firmware_version: "1.2.3",
        ..SensorEntry::default()
    };
    let mut list = SensorListBuilder::default();
    list.push(&SensorEntry {
        spaces: &["spc_4", "spc_5"],
        floors: &["spc_3"],
        ..sensor("A1")
    });
    list.push(&SensorEntry {
        floors: &["spc_6"],
        ..sensor("A2")
    });
    list.push(&SensorEntry {
        floors: &["spc_unlisted"],
        ..sensor("A3")
    });
    list.build()
}

fn readings<V: Copy>(values: &[(&str, V)]) -> Readings<V> {
    let mut part = ReadingsBuilder::new(Readings::default());
    for (id, value) in values {
        part.push(id, *value);
    }
    let others = ["sleepy", "rebooting"].map(SharedStr::from);
    ReadingsBuilder::merge(vec![part], Arc::from(others))
}

fn fetched<T>(data: T) -> Option<Fetched<T>> {
    Some(Fetched {
        data: Arc::new(data),
        version: 1,
        requested_at: Instant::default(),
    })
}

fn snapshot() -> Snapshot {
    let tree = SpaceTree::build(&spaces());
    let list = sensors();
    let mut snapshot = Snapshot {
        spaces: fetched(tree),
        sensors: fetched(list),
        ..Snapshot::default()
    };
    if let (Some(spaces), Some(sensors)) = (&snapshot.spaces, &snapshot.sensors) {
        let filter = SpaceFilter::default();
        let inventory = Inventory::build(spaces.data.clone(), sensors.data.clone(), &filter);
        snapshot.inventory = Arc::new(inventory);
    }
    let count = |count, capped, health| SpaceCount {
        count,
        capped,
        health,
    };
    snapshot.current_count = fetched(readings(&[
        ("spc_4", count(Some(3.0), Some(true), Some(Status::Healthy))),
        ("spc_6", count(None, None, Some(Status::Offline))),
        ("spc_new", count(Some(0.0), Some(false), None)),
    ]));
    let presence = |presence, health| SpacePresence { presence, health };
    snapshot.presence = fetched(readings(&[
        ("spc_3", presence(Some(true), Some(Status::Degraded))),
        ("spc_4", presence(Some(false), Some(Status::Other(0)))),
        ("spc_6", presence(None, Some(Status::Unknown))),
    ]));
    let health = |status, last_status_change| SensorHealth {
        status,
        last_status_change,
    };
    snapshot.sensor_health = fetched(readings(&[
        ("A1", health(Status::Offline, Some(1_566_656_122.5))),
        ("A2", health(Status::Healthy, None)),
        ("ZZ", health(Status::Other(1), Some(0.0))),
    ]));
    snapshot
}

/// The page of all views of `snapshot`, with the headers of the families.
fn page(snapshot: &Snapshot) -> String {
    let mut layout = Layout::default();
    layout.update("acme", snapshot);
    let context = layout.context(snapshot);
    let mut out = TextBuffer::new();
    for view in VIEWS {
        let family = view.family;
        write_header(&mut out, family.name, family.kind, "");
        let prefix = LinePrefix::new(family.name);
        let mut samples = Samples::new(&mut out, &prefix);
        let write = view.writer(&context);
        // Row by row, so that a range is what it says.
        for row in 0..context.rows(view.table) {
            write(row..row + 1, &mut samples);
        }
    }
    let text = String::from_utf8(out.into_vec()).unwrap();
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
    snapshot.expire(Collector::Spaces);
    let page = page(&snapshot);
    let live = page
        .lines()
        .skip_while(|it| !it.contains("density_space_occupancy "));
    insta::assert_snapshot!(live.collect::<Vec<_>>().join("\n"));
}

#[test]
fn collectors_and_budgets() {
    let mut snapshot = snapshot();
    let spaces = snapshot.states.of_mut(Collector::Spaces);
    spaces.last_refresh = Some(RefreshOutcome {
        success: true,
        duration: std::time::Duration::from_millis(250),
    });
    spaces.last_success = Some(1_795_428_000.25);
    spaces.entries = Some(6);
    let presence = snapshot.states.of_mut(Collector::Presence);
    presence.last_refresh = Some(RefreshOutcome {
        success: false,
        duration: std::time::Duration::from_secs(30),
    });
    presence.stale = true;
    let settings = CollectorSettings::default();
    let collectors: CollectorSet = [Collector::Spaces, Collector::Presence]
        .into_iter()
        .collect();
    let mut out = TextBuffer::new();
    let view = CollectorsView {
        organizations: &[
            ("acme", &snapshot.states),
            ("empty", &CollectorStates::default()),
        ],
        collectors,
        settings: &settings,
    };
    write_collectors(&view, &mut out);
    let budget = BudgetStatus {
        host: "api.density.io".to_owned(),
        requests_per_second: 7.5,
        configured: 10.0,
        calls_last_minute: 3,
        pause: None,
        waited: std::time::Duration::from_millis(1500),
    };
    write_budgets(&[budget], &mut out);
    insta::assert_snapshot!(String::from_utf8(out.into_vec()).unwrap());
}

#[test]
fn the_views_of_a_family_follow_each_other() {
    let mut names: Vec<&str> = VIEWS.iter().map(|it| it.family.name).collect();
    names.dedup();
    let contiguous = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), contiguous);
}

/// The line of `density_sensor_info` of a sensor in `places`, below spaces of these types that claim each
/// other.
fn sensor_info(spaces: &[&str], claims: &[(&str, &str)], places: &SensorEntry<'_>) -> String {
    let mut list = SpaceList::new();
    for space_type in spaces {
        list.push(&SpaceEntry {
            id: space_type,
            name: &format!("The {space_type}"),
            space_type,
            ..SpaceEntry::default()
        });
    }
    for (parent, child) in claims {
        list.add_child(parent, child);
    }
    let mut sensors = SensorListBuilder::default();
    sensors.push(places);
    let (tree, sensors) = (SpaceTree::build(&list), sensors.build());
    let mut snapshot = Snapshot {
        spaces: fetched(tree.clone()),
        sensors: fetched(sensors.clone()),
        ..Snapshot::default()
    };
    let filter = SpaceFilter::default();
    let inventory = Inventory::build(Arc::new(tree), Arc::new(sensors), &filter);
    snapshot.inventory = Arc::new(inventory);
    let page = page(&snapshot);
    let line = page
        .lines()
        .find(|it| it.starts_with("density_sensor_info{"));
    line.unwrap_or_default().to_owned()
}

/// A floor is at the top of the tree when the entry of the building above it can't be read. The building that
/// the sensor names is shown nevertheless.
#[test]
fn a_sensor_on_a_floor_without_a_building_keeps_the_building_that_it_names() {
    let places = SensorEntry {
        serial_number: "A1",
        floors: &["floor"],
        buildings: &["building"],
        ..SensorEntry::default()
    };
    let line = sensor_info(&["building", "floor"], &[], &places);
    let building = "building=\"The building\",building_id=\"building\"";
    assert!(line.contains(building), "{line}");
    assert!(
        line.contains("floor=\"The floor\",floor_id=\"floor\""),
        "{line}"
    );
}

#[test]
fn a_sensor_on_a_floor_without_a_building_is_on_its_campus() {
    let places = SensorEntry {
        serial_number: "A1",
        floors: &["floor"],
        ..SensorEntry::default()
    };
    let line = sensor_info(&["campus", "floor"], &[("campus", "floor")], &places);
    let campus = "campus=\"The campus\",campus_id=\"campus\"";
    assert!(line.contains(campus), "{line}");
    assert!(
        line.contains("floor=\"The floor\",floor_id=\"floor\""),
        "{line}"
    );
}
