//! Single sensors.

use density_exporter::simulator::Options;

use crate::stack::Stack;

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_sensor_that_dies_and_heals_is_told_once_each() {
    let stack = Stack::of(Options::default());
    let sensor = &stack.sensors()[0];
    stack.happens(&format!("offline sensor {}", sensor["serial_number"]));
    let told = stack.tells(&["chat firing: SensorOffline"]);
    let description = &told[0].alerts[0].annotations["description"];
    for place in ["serial_number", "floor", "building"] {
        assert!(description.contains(&sensor[place]), "{description}");
    }
    stack.happens(&format!("online sensor {}", sensor["serial_number"]));
    stack.tells(&["chat resolved: SensorOffline"]);
    stack.is_silent_for(10);
}
