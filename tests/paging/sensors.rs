//! Single sensors.

use density_exporter::simulator::Options;

use crate::stack::Stack;

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_sensor_that_dies_and_heals_is_told_once_each_with_its_place() {
    let stack = Stack::of(Options::default());
    let sensor = &stack.ordinary_sensors()[0];
    stack.happens(&format!("offline sensor {}", sensor["serial_number"]));
    let told = stack.tells(&["chat firing: SensorOffline"]);
    let description = &told[0].alerts[0].annotations["description"];
    let place = format!(
        "Sensor {} on floor {} of {} (acme) is offline since ",
        sensor["serial_number"], sensor["floor"], sensor["building"]
    );
    assert!(description.starts_with(&place), "{description}");
    stack.happens(&format!("online sensor {}", sensor["serial_number"]));
    stack.tells(&["chat resolved: SensorOffline"]);
    stack.is_silent_for(10);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_sensor_of_a_space_that_is_labelled_critical_pages() {
    let stack = Stack::of(Options::default());
    let sensor = &stack.critical_sensors()[0];
    stack.happens(&format!("offline sensor {}", sensor["serial_number"]));
    stack.tells(&["pager firing: SensorOffline"]);
    stack.happens(&format!("online sensor {}", sensor["serial_number"]));
    stack.tells(&["pager resolved: SensorOffline"]);
    stack.is_silent_for(6);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_sensor_that_flaps_is_told_once() {
    let stack = Stack::of(Options::default());
    let serial = &stack.ordinary_sensors()[0]["serial_number"];
    // Never offline for so long that it would be told by itself.
    for _ in 0..6 {
        for event in ["offline", "online"] {
            stack.happens(&format!("{event} sensor {serial}"));
            stack.minutes_pass(2);
        }
    }
    let told = stack.tells(&["chat firing: SensorFlapping"]);
    assert_eq!(told[0].alerts[0].label("serial_number"), serial);
    // Now for long enough, with pauses that are too short to call it healed.
    for _ in 0..2 {
        stack.happens(&format!("offline sensor {serial}"));
        stack.minutes_pass(17);
        stack.happens(&format!("online sensor {serial}"));
        stack.minutes_pass(4);
    }
    stack.tells(&["chat firing: SensorFlapping, SensorOffline"]);
    stack.tells(&["chat firing: SensorFlapping, SensorOffline resolved"]);
    stack.is_silent_for(6);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_renamed_room_and_floor_delay_nothing() {
    let stack = Stack::of(Options::default());
    let sensor = &stack.ordinary_sensors()[0];
    let serial = &sensor["serial_number"];
    let of_sensor = format!("density_sensor_space_info{{serial_number=\"{serial}\"}}");
    let room = &stack.labels(&of_sensor)[0]["space_id"];
    stack.happens(&format!("offline sensor {serial}"));
    let pending = stack.within("the alert is pending", || {
        stack.judged("DensitySensorOffline").pop()
    });
    stack.happens(&format!("rename {room} Aquarium"));
    stack.happens(&format!("rename {} Mezzanine", sensor["floor_id"]));
    for (name, id) in [("Aquarium", room), ("Mezzanine", &sensor["floor_id"])] {
        let renamed = format!("count(density_space_info{{space=\"{name}\", space_id=\"{id}\"}})");
        stack.within("the new name is known", || stack.prometheus.value(&renamed));
    }
    let judged = stack.judged("DensitySensorOffline");
    assert_eq!(
        judged,
        std::slice::from_ref(&pending),
        "it is still the same alert"
    );
    let told = stack.tells(&["chat firing: SensorOffline"]);
    let firing = stack.judged("DensitySensorOffline").pop().unwrap();
    assert_eq!(firing.active_at, pending.active_at);
    let description = &told[0].alerts[0].annotations["description"];
    assert!(description.contains("Mezzanine"), "{description}");
    stack.is_silent_for(10);
}
