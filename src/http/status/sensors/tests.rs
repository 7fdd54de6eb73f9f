//! What is counted, on a small estate.

use std::sync::Arc;

use crate::clock::Instant;
use crate::config::SpaceFilter;
use crate::snapshot::{
    Fetched, ReadingsBuilder, SensorEntry, SensorHealth, SensorList, SensorListBuilder, SpaceEntry,
    SpaceList,
};

use super::*;

/// A building with floor 1, floor 2 without a name, and floor 3 in planning.
fn spaces() -> SpaceTree {
    let mut list = SpaceList::new();
    for (id, name, space_type, status) in [
        ("hq", "HQ", "building", "live"),
        ("f1", "One", "floor", "live"),
        ("f2", " ", "floor", "live"),
        ("f3", "Three", "floor", "planning"),
    ] {
        list.push(&SpaceEntry {
            id,
            name,
            space_type,
            status,
            ..SpaceEntry::default()
        });
    }
    for floor in ["f1", "f2", "f3"] {
        list.add_child("hq", floor);
    }
    SpaceTree::build(&list)
}

/// Sensors by the floor that they are on.
fn sensors(sensors: &[(&str, &str)]) -> SensorList {
    let mut list = SensorListBuilder::default();
    for (serial_number, floor) in sensors {
        list.push(&SensorEntry {
            serial_number,
            floors: &[floor],
            ..SensorEntry::default()
        });
    }
    list.build()
}

fn fetched<T>(data: T) -> Option<Fetched<T>> {
    Some(Fetched {
        data: Arc::new(data),
        version: 1,
        requested_at: Instant::default(),
    })
}

fn snapshot(
    listed: &[(&str, &str)],
    healths: &[(&str, Status, Option<f64>)],
    filter: &SpaceFilter,
) -> Snapshot {
    let mut part = ReadingsBuilder::new(Default::default());
    for (serial_number, status, last_status_change) in healths {
        let health = SensorHealth {
            status: *status,
            last_status_change: *last_status_change,
        };
        part.push(serial_number, health);
    }
    let others = Arc::new(["hibernating".into()]);
    let healths = ReadingsBuilder::merge(vec![part], others);
    let (spaces, sensors) = (spaces(), sensors(listed));
    let inventory = Inventory::build(Arc::new(spaces.clone()), Arc::new(sensors.clone()), filter);
    Snapshot {
        inventory: Arc::new(inventory),
        spaces: fetched(spaces),
        sensors: fetched(sensors),
        sensor_health: fetched(healths),
        ..Snapshot::default()
    }
}

use Status::{Degraded, Healthy, Offline, Other};

const LISTED: [(&str, &str); 7] = [
    ("A1", "f1"),
    ("A2", "f1"),
    ("A3", "f2"),
    ("A4", "f3"),
    ("A5", "f3"),
    ("A6", "f1"),
    ("A7", "elsewhere"),
];

const HEALTHS: [(&str, Status, Option<f64>); 7] = [
    ("A1", Healthy, None),
    ("A2", Degraded, Some(9.0)),
    ("A3", Offline, None),
    ("A4", Offline, Some(5.0)),
    ("A5", Other(0), None),
    ("A7", Offline, Some(7.0)),
    ("new", Offline, Some(6.0)),
];

#[test]
fn sensors_are_counted_by_health_and_floor_and_the_last_to_go_offline_come_first() {
    let snapshot = snapshot(&LISTED, &HEALTHS, &SpaceFilter::default());
    let facts = SensorSummary::count(&snapshot).unwrap();
    let counts: Vec<(&str, u64)> = facts
        .by_health
        .iter()
        .map(|it| (it.0.as_str(), it.1))
        .collect();
    assert_eq!(
        counts,
        [
            ("healthy", 1),
            ("degraded", 1),
            ("offline", 4),
            ("unknown", 0),
            ("hibernating", 1)
        ]
    );
    assert_eq!((facts.unreported, facts.sensors()), (1, 8));
    let floors: Vec<_> = facts
        .floors
        .iter()
        .map(|it| (it.place.floor.as_str(), it.not_healthy, it.sensors))
        .collect();
    // What is in planning comes last, and a name that nobody can see is the id.
    assert_eq!(floors, [("f2", 1, 1), ("One", 1, 2), ("Three", 2, 2)]);
    // On a floor that is not listed, and nowhere at all.
    assert_eq!((facts.bad_floors, facts.unplaced), (3, 2));
    let offline: Vec<_> = facts
        .offline
        .iter()
        .map(|it| {
            let place = &it.place;
            (
                it.serial_number.as_str(),
                place.building.as_str(),
                place.floor.as_str(),
                place.lifecycle.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        offline,
        [
            ("A7", "", "elsewhere", None),
            ("new", "", "", None),
            ("A4", "HQ", "Three", Some("planning")),
            ("A3", "HQ", "f2", None),
        ]
    );
}

#[test]
fn what_has_ended_is_not_shown_and_what_is_filtered_out_is_not_counted() {
    let mut whole = snapshot(&LISTED, &HEALTHS, &SpaceFilter::default());
    whole.spaces = None;
    let facts = SensorSummary::count(&whole).unwrap();
    let shown = format!("{facts:?}");
    assert!(!shown.contains("HQ") && !shown.contains("planning") && shown.contains("f3"));
    whole.sensors = None;
    let facts = SensorSummary::count(&whole).unwrap();
    assert_eq!((facts.floors.len(), facts.unreported), (0, 0));
    assert_eq!(facts.unplaced, 6);
    assert!(facts.offline.iter().all(|it| it.place == Place::default()));
    whole.sensor_health = None;
    assert_eq!(SensorSummary::count(&whole), None);

    let filter = SpaceFilter {
        include: vec!["f1".to_owned()],
        ..SpaceFilter::default()
    };
    let facts = SensorSummary::count(&snapshot(&LISTED, &HEALTHS, &filter)).unwrap();
    // Of what is not listed nobody knows whether it is on floor 1.
    assert_eq!((facts.sensors(), facts.unreported), (4, 1));
}

#[test]
fn the_worst_are_bad_by_share_and_number() {
    let floor = |not_healthy, sensors| FloorFacts {
        place: Place::default(),
        sensors,
        not_healthy,
    };
    let mut floors =
        [(1, 1), (2, 60), (40, 60), (60, 60), (3, 3)].map(|(bad, all)| floor(bad, all));
    floors.sort_by(FloorFacts::worst_first);
    let order = floors.map(|it| (it.not_healthy, it.sensors));
    assert_eq!(order, [(60, 60), (40, 60), (3, 3), (1, 1), (2, 60)]);
}

#[test]
fn however_many_there_are_only_so_many_are_told_of() {
    let names: Vec<String> = (0..400).map(|it| format!("S{it:03}")).collect();
    let listed: Vec<(&str, &str)> = names.iter().map(|it| (it.as_str(), "f1")).collect();
    let healths: Vec<_> = (0u16..)
        .zip(&names)
        .map(|(at, it)| (it.as_str(), Offline, Some(f64::from(at))))
        .collect();
    let facts =
        SensorSummary::count(&snapshot(&listed, &healths, &SpaceFilter::default())).unwrap();
    assert_eq!(facts.offline.len(), MAX_OFFLINE);
    assert_eq!(facts.offline[0].serial_number, "S399");
    assert_eq!(facts.offline(), 400);
}
