//! The exporter restarts, has a replica, is down, is absent; and that all is well is told, too.

use density_exporter::simulator::Options;

use crate::process::Exporter;
use crate::stack::{CONFIG, Stack};

/// Takes a sensor offline and waits until that is told; its serial number.
fn one_sensor_is_offline(stack: &Stack) -> String {
    let serial = stack.ordinary_sensors()[0]["serial_number"].clone();
    stack.happens(&format!("offline sensor {serial}"));
    stack.tells(&["chat firing: SensorOffline"]);
    serial
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_restart_of_the_exporter_is_told_to_nobody() {
    let mut stack = Stack::of(Options::default());
    let serial = one_sensor_is_offline(&stack);
    let exporter = stack.exporters.remove(0);
    let address = exporter.address();
    exporter.process.signal("TERM");
    exporter.process.end();
    stack.within("the scrape fails", || {
        (stack.prometheus.value("up") == Some(0.0)).then_some(())
    });
    let again = Exporter::at(&address, stack.api.address, CONFIG, &[]);
    stack.within("it is scraped again", || {
        (stack.prometheus.value("density_up") == Some(1.0)).then_some(())
    });
    stack.is_silent_for(20);
    stack.happens(&format!("online sensor {serial}"));
    stack.tells(&["chat resolved: SensorOffline"]);
    stack.is_silent_for(6);
    drop(again);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn an_exporter_that_is_down_is_one_page_and_resolves_nothing() {
    let mut stack = Stack::of(Options::default());
    one_sensor_is_offline(&stack);
    stack.exporters.clear();
    stack.tells(&["pager firing: ExporterDown"]);
    stack.is_silent_for(25);
    assert_eq!(stack.judged("DensitySensorOffline").len(), 1);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn an_exporter_that_prometheus_does_not_know_is_one_page() {
    let stack = Stack::without_rules(Options::default(), 0);
    stack.load_rules();
    stack.tells(&["pager firing: ExporterAbsent"]);
    stack.is_silent_for(10);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn a_second_replica_doubles_nothing_and_is_missed_without_a_page() {
    let mut stack = Stack::with_replicas(Options::default(), 2);
    let serial = one_sensor_is_offline(&stack);
    stack.happens(&format!("online sensor {serial}"));
    stack.tells(&["chat resolved: SensorOffline"]);
    let floor = stack.ordinary_sensors()[0]["floor_id"].clone();
    stack.happens(&format!("offline floor {floor}"));
    // One of two live floors is half the organization.
    stack.tells(&["pager firing: OrganizationOffline"]);
    stack.exporters.pop();
    stack.tells(&["chat firing: ExporterDown"]);
    stack.is_silent_for(6);
}

#[test]
#[ignore = "takes minutes; scripts/verify runs it"]
fn the_watchdog_is_told_every_minute_to_its_own_receiver_and_nothing_else_is_told() {
    let stack = Stack::of(Options::default());
    stack.within("the watchdog is told for the third time", || {
        (stack.webhook.received().len() >= 3).then_some(())
    });
    for notification in stack.webhook.received() {
        assert_eq!(notification.line(), "watchdog firing: Watchdog");
    }
    stack.is_silent_for(10);
}
