//! The log: one line when something begins to fail, one when it recovers.

use crate::process::{Api, Exporter, steady};

#[test]
fn an_outage_is_one_line_when_it_begins_and_one_when_it_ends() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "request: { retries: 0 }", &[]);
    api.simulator
        .inject("sensor_health=status:500".parse().unwrap());
    exporter.metrics();
    exporter.metrics();
    api.simulator.clear_faults();
    exporter.metrics();
    exporter.metrics();
    exporter.process.signal("TERM");
    let (_, log) = exporter.process.end();
    let with = |text: &str| log.lines().filter(|line| line.contains(text)).count();
    assert_eq!(with("begins to fail"), 1, "{log}");
    assert_eq!(with("has recovered"), 1, "{log}");
    let line = log
        .lines()
        .find(|it| it.contains("begins to fail"))
        .unwrap();
    for expected in [
        "level=warn",
        "organization=acme",
        "collector=sensor_health",
        "/v3/sensors/health/current",
        "500",
    ] {
        assert!(line.contains(expected), "{expected} in {line}");
    }
}

#[test]
fn what_somebody_has_to_mend_is_told_also_after_another_failure() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "request: { retries: 0 }", &[]);
    // The last of them passes by itself: a line for each change would be one for each scrape.
    for status in [500, 403, 500] {
        api.simulator.clear_faults();
        let fault = format!("sensor_health=status:{status}");
        api.simulator.inject(fault.parse().unwrap());
        exporter.metrics();
    }
    exporter.process.signal("TERM");
    let (_, log) = exporter.process.end();
    let told: Vec<&str> = log
        .lines()
        .filter(|it| it.contains("begins to fail"))
        .collect();
    assert_eq!(told.len(), 2, "{log}");
    assert!(told[0].contains("500") && told[1].contains("403"), "{log}");
}

#[test]
fn json_is_one_object_a_line() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "", &["--log.format=json", "--log.level=debug"]);
    exporter.metrics();
    exporter.process.signal("TERM");
    let (_, log) = exporter.process.end();
    assert!(log.lines().count() > 5);
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            event["message"].is_string() && event["level"].is_string(),
            "{line}"
        );
    }
}
