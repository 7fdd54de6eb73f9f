//! Floors, buildings and the whole organization: one fault is told once, however many sensors it hits.

use density_exporter::simulator::Options;

use crate::stack::{Labels, Stack};

/// Three buildings on one campus, each of three floors with 60 sensors; the last floor is planned only.
fn nine_floors() -> Options {
    Options {
        buildings: 3,
        campuses: Some(1),
        sensors: 540,
        // The portfolio, its region and its campus; 30 rooms a floor.
        spaces: Some(3 + 3 + 9 * 31),
        ..Options::default()
    }
}

/// A floor that is in use, in a building that is in use altogether.
fn live_floor(stack: &Stack) -> Labels {
    let floors = "max by (campus_id, building_id, floor_id) (density_space_info{space_type=\"floor\"}) \
                  unless on (building_id) density_space_info{lifecycle!=\"live\"}";
    stack.labels(floors).swap_remove(0)
}

/// What is inside a place dies and comes back: one alert is told, and none of what is inside is even
/// raised. How many sensors there are; `matcher` finds them.
fn is_told_once(stack: &Stack, event: &str, matcher: &str, alert: &str) -> f64 {
    let live = format!("count(density_sensor_info{{lifecycle=\"live\", {matcher}}})");
    let sensors = stack.prometheus.value(&live).unwrap();
    stack.happens(&format!("offline {event}"));
    stack.tells(&[&format!("pager firing: {alert}")]);
    // Long enough for the alerts of single sensors, which need 15 minutes.
    stack.is_silent_for(25);
    let others = format!(
        "count(ALERTS{{scope=~\"campus|building|floor|sensor\", alertname!=\"Density{alert}\"}} \
         and ALERTS{{alertstate=\"firing\"}}) or vector(0)"
    );
    assert_eq!(stack.prometheus.value(&others), Some(0.0));
    stack.happens(&format!("online {event}"));
    stack.tells(&[&format!("pager resolved: {alert}")]);
    stack.is_silent_for(12);
    sensors
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_floor_of_60_sensors_is_told_once() {
    let stack = Stack::of(nine_floors());
    let id = &live_floor(&stack)["floor_id"];
    let inside = format!("floor_id=\"{id}\"");
    let sensors = is_told_once(&stack, &format!("floor {id}"), &inside, "FloorOffline");
    assert_eq!(sensors, 60.0);
}

/// An alert that Alertmanager inhibits when it ends is never reported as resolved.
#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_sensor_that_was_told_before_its_floor_died_is_resolved_too() {
    let stack = Stack::of(nine_floors());
    let floor = &live_floor(&stack)["floor_id"];
    let sensors = stack.ordinary_sensors();
    let sensor = sensors.iter().find(|it| it["floor_id"] == *floor).unwrap();
    stack.happens(&format!("offline sensor {}", sensor["serial_number"]));
    stack.tells(&["chat firing: SensorOffline"]);
    stack.happens(&format!("offline floor {floor}"));
    stack.tells(&["pager firing: FloorOffline"]);
    stack.is_silent_for(10);
    stack.happens(&format!("online floor {floor}"));
    stack.tells(&["chat resolved: SensorOffline"]);
    stack.tells(&["pager resolved: FloorOffline"]);
    stack.is_silent_for(6);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_building_of_180_sensors_is_told_once() {
    let stack = Stack::of(nine_floors());
    let id = &live_floor(&stack)["building_id"];
    let inside = format!("building_id=\"{id}\"");
    let sensors = is_told_once(
        &stack,
        &format!("building {id}"),
        &inside,
        "BuildingOffline",
    );
    assert_eq!(sensors, 180.0);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_campus_is_told_once() {
    let stack = Stack::of(Options {
        buildings: 5,
        sensors: 100,
        ..Options::default()
    });
    let id = &live_floor(&stack)["campus_id"];
    let inside = format!("campus_id=\"{id}\"");
    let sensors = is_told_once(&stack, &format!("space {id}"), &inside, "CampusOffline");
    assert_eq!(sensors, 20.0);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_whole_organization_is_told_once() {
    let stack = Stack::of(nine_floors());
    let sensors = is_told_once(&stack, "all", "", "OrganizationOffline");
    assert!(sensors > 470.0, "{sensors}");
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn five_thousand_sensors_are_told_once() {
    let stack = Stack::of(Options {
        buildings: 12,
        sensors: 5_600,
        spaces: Some(1_000),
        ..Options::default()
    });
    let sensors = is_told_once(&stack, "all", "", "OrganizationOffline");
    assert!(sensors > 5_000.0, "{sensors}");
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_floor_in_planning_is_told_to_nobody() {
    let stack = Stack::of(nine_floors());
    let planned = "density_space_info{space_type=\"floor\", lifecycle=\"planning\"}";
    let floor = &stack.labels(planned)[0]["floor_id"];
    stack.happens(&format!("offline floor {floor}"));
    let offline = "count(density_sensor_health{status=\"offline\"} == 1)";
    stack.within("they are offline", || {
        (stack.prometheus.value(offline) == Some(60.0)).then_some(())
    });
    stack.is_silent_for(25);
}
