//! The API fails: that is told, and nothing is told of sensors that nobody can see.

use density_exporter::simulator::{Access, Client, Options};

use crate::stack::Stack;

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn an_outage_of_the_api_neither_raises_nor_resolves_alerts_about_sensors() {
    let stack = Stack::of(Options::default());
    let floor = &stack.ordinary_sensors()[0]["floor_id"];
    let mut sensors = stack.ordinary_sensors();
    sensors.retain(|it| it["floor_id"] == *floor);
    let sensors: Vec<_> = sensors.iter().map(|it| &it["serial_number"]).collect();
    for serial in &sensors[..3] {
        stack.happens(&format!("offline sensor {serial}"));
    }
    stack.tells(&["chat firing: 3 SensorOffline"]);

    // One heals and another one dies while nobody can see it.
    stack.api.simulator.inject("*=status:503".parse().unwrap());
    stack.happens(&format!("online sensor {}", sensors[0]));
    stack.happens(&format!("offline sensor {}", sensors[3]));
    stack.tells(&["chat firing: 5 APIUnavailable"]);
    stack.tells(&["pager firing: DataStale"]);
    let known = "count(density_sensor_health)";
    stack.within("the sensors' series have ended", || {
        stack.prometheus.value(known).is_none().then_some(())
    });
    stack.is_silent_for(6);
    assert_eq!(stack.judged("DensitySensorOffline").len(), 3);

    stack.happens(&format!("online sensor {}", sensors[3]));
    stack.api.simulator.clear_faults();
    let told = stack.tells(&[
        "chat firing: 2 SensorOffline, SensorOffline resolved",
        "chat resolved: 5 APIUnavailable",
        "pager resolved: DataStale",
    ]);
    let healed: Vec<_> = told
        .iter()
        .flat_map(|it| it.resolved("DensitySensorOffline"))
        .map(|it| it.label("serial_number"))
        .collect();
    assert_eq!(healed, [sensors[0]]);
    stack.is_silent_for(10);
    assert_eq!(stack.judged("DensitySensorOffline").len(), 2);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn wrong_credentials_are_told_and_sensors_are_not() {
    let stack = Stack::without_rules(
        Options {
            access: Access {
                client: Some(Client {
                    id: "simulated-client".to_owned(),
                    secret: "another".into(),
                }),
                ..Access::default()
            },
            ..Options::default()
        },
        1,
    );
    stack.happens("offline all");
    stack.load_rules();
    stack.tells(&[
        "chat firing: 5 APIUnavailable",
        "chat firing: AuthenticationFailing",
        "pager firing: DataStale",
    ]);
    stack.is_silent_for(8);
}
