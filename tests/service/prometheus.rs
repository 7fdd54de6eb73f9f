//! The real Prometheus scrapes the exporter, and finds what the simulated API says itself.

use density_exporter::simulator::{Health, Options};

use crate::blocks::promql_blocks;
use crate::process::prometheus::Prometheus;
use crate::process::{Api, Exporter, Running, curl, density_exporter, eventually};

#[test]
fn prometheus_finds_every_space_and_sensor_and_each_health() {
    let api = Api::start(Options {
        buildings: 5,
        sensors: 300,
        steady: true,
        ..Options::default()
    });
    let exporter = Exporter::of(
        api.address,
        "collectors: { sensor_health: { ttl: 1s } }",
        &[],
    );
    let before = api.simulator.truth();
    let prometheus = Prometheus::scraping(&[&exporter.address()]);
    prometheus.eventually("up{job=\"density\"}", 1.0);
    prometheus.eventually("density_up", 1.0);
    prometheus.eventually("count(density_space_info)", before.spaces as f64);
    prometheus.eventually("count(density_sensor_info)", before.sensors as f64);
    prometheus.eventually(
        "count(density_space_occupancy)",
        before.spaces_with_count as f64,
    );
    prometheus.eventually("sum(density_space_occupancy)", before.people_counted as f64);
    prometheus.eventually("sum(density_space_presence)", before.presence_true as f64);

    let page = exporter.metrics();
    let serials: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("density_sensor_info"))
        .filter_map(|line| line.split("serial_number=\"").nth(1)?.split('"').next())
        .collect();
    for (serials, event) in serials.chunks(7).zip(["offline", "degraded", "unknown"]) {
        for serial in serials {
            let event = format!("{event} sensor {serial}");
            api.simulator.apply(event.parse().unwrap()).unwrap();
        }
    }
    let truth = api.simulator.truth();
    assert_eq!(truth.sensors_with(Health::Offline), 7);
    for health in Health::ALL {
        let query = format!(
            "count(density_sensor_health{{status=\"{}\"}} == 1)",
            health.name()
        );
        prometheus.eventually(&query, truth.sensors_with(health) as f64);
    }
    prometheus.eventually("count(density_sensor_health)", truth.sensors as f64 * 4.0);
    // Prometheus read every page without a warning of its own.
    prometheus.eventually("min_over_time(up{job=\"density\"}[1m])", 1.0);
}

/// The id of a floor that is in use.
fn live_floor(page: &str) -> String {
    let line = page
        .lines()
        .filter(|line| line.starts_with("density_space_info"))
        .find(|line| line.contains("lifecycle=\"live\"") && line.contains("space_type=\"floor\""));
    let id = line.and_then(|line| line.split("space_id=\"").nth(1)?.split('"').next());
    id.unwrap().to_owned()
}

#[test]
fn every_query_that_people_are_given_finds_something_on_the_demo() {
    let demo = Running::start(density_exporter().args([
        "demo",
        // In a busy hour no room may be free.
        "--steady",
        "--web.listen-address=127.0.0.1:0",
    ]));
    let target = demo.address("serving").to_string();
    let greeting = eventually("the greeting is printed", || {
        Some(demo.written()).filter(|it| it.contains("Ctrl-C"))
    });
    let simulator = greeting
        .lines()
        .find_map(|line| line.strip_prefix("Make it fail:"));
    let events = format!("{}/events", simulator.unwrap().trim());
    let floor = live_floor(&curl(&[&format!("http://{target}/metrics")]));
    curl(&["--data-binary", &format!("offline floor {floor}"), &events]);

    let root = env!("CARGO_MANIFEST_DIR");
    let pages = ["README.md", "docs/queries.md"]
        .map(|it| std::fs::read_to_string(format!("{root}/{it}")).unwrap());
    let of_pages = pages.iter().flat_map(|it| promql_blocks(it));
    let of_greeting = greeting
        .lines()
        .skip_while(|line| !line.contains("worth trying"))
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with('#'));
    let queries: Vec<&str> = of_pages.chain(of_greeting).collect();
    assert!(queries.len() >= 8, "{queries:?}");
    let prometheus = Prometheus::scraping(&[&target]);
    for query in queries {
        eventually(query, || prometheus.value(query));
    }
}
