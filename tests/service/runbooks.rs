//! The queries of the runbooks, on a real Prometheus that evaluates the rules, while a floor is
//! offline and other sensors are degraded and unknown.

use density_exporter::simulator::Options;

use crate::blocks::promql_blocks;
use crate::process::prometheus::Prometheus;
use crate::process::{Api, Exporter, eventually};

/// How a query begins that may give nothing; it says when.
const MAY_BE_EMPTY: &str = "# Empty";

/// The value of a label in a line of a page.
fn label<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = line.split_once(&format!("{name}=\""))?;
    value.split('"').next()
}

/// The series of a metric on a page.
fn series<'a>(page: &'a str, metric: &str) -> Vec<&'a str> {
    let begin = format!("{metric}{{");
    page.lines().filter(|it| it.starts_with(&begin)).collect()
}

/// What stands in the runbooks for something of the reader's own, and something that there is.
fn placeholders(page: &str) -> Vec<(&'static str, String)> {
    let sensors = series(page, "density_sensor_info");
    let live = |line: &&&str| line.contains("lifecycle=\"live\"") && line.contains("floor_id=");
    let sensor = sensors.iter().find(live).expect("a live sensor");
    let room = series(page, "density_space_capacity")[0];
    let own = |name| label(sensor, name).expect(name).to_owned();
    vec![
        ("SERIAL", own("serial_number")),
        ("spc_campus", own("campus_id")),
        ("spc_building", own("building_id")),
        ("spc_floor", own("floor_id")),
        ("spc_room", label(room, "space_id").unwrap().to_owned()),
    ]
}

/// The runbooks' queries, with what they ask about put in.
fn queries(placeholders: &[(&str, String)]) -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/runbooks");
    let mut queries = Vec::new();
    for page in std::fs::read_dir(folder).unwrap() {
        let page = std::fs::read_to_string(page.unwrap().path()).unwrap();
        queries.extend(promql_blocks(&page).into_iter().map(|query| {
            let put_in = |query: String, it: &(&str, String)| query.replace(it.0, &it.1);
            placeholders.iter().fold(query.to_owned(), put_in)
        }));
    }
    queries
}

#[test]
fn queries_of_the_runbooks_find_what_they_say() {
    let api = Api::start(Options {
        sensors: 120,
        steady: true,
        ..Options::default()
    });
    // Two replicas: a query that matches many series to many fails with them, if ever.
    let ttl = "collectors: { sensor_health: { ttl: 1s } }";
    let replicas = [(); 2].map(|()| Exporter::of(api.address, ttl, &[]));
    let page = eventually("the inventory is read", || {
        Some(replicas[0].metrics()).filter(|it| it.contains("density_sensor_info"))
    });
    let placeholders = placeholders(&page);
    let of_elsewhere: Vec<&str> = series(&page, "density_sensor_info")
        .into_iter()
        .filter(|it| !it.contains(&placeholders[3].1))
        .filter_map(|it| label(it, "serial_number"))
        .collect();
    for event in [
        format!("offline floor {}", placeholders[3].1),
        format!("degraded sensor {}", of_elsewhere[0]),
        format!("unknown sensor {}", of_elsewhere[1]),
    ] {
        api.simulator.apply(event.parse().unwrap()).unwrap();
    }

    let targets = replicas
        .each_ref()
        .map(|it| format!("'{}'", it.url.trim_start_matches("http://")));
    let config = format!(
        "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\n\
         rule_files: ['{}/alerts/density.rules.yml']\n\
         scrape_configs:\n  - job_name: density\n    static_configs: [{{ targets: [{}] }}]\n",
        env!("CARGO_MANIFEST_DIR"),
        targets.join(", ")
    );
    let prometheus = Prometheus::start(&config, &[]);
    eventually("the rules have found the floor that is offline", || {
        prometheus.value("density:place_offline:share{scope=\"floor\"} == 1")
    });

    let queries = queries(&placeholders);
    assert!(queries.len() > 50, "only {} queries", queries.len());
    for query in queries {
        if query.trim_start().starts_with(MAY_BE_EMPTY) {
            // It may find nothing, but an error ends the test.
            prometheus.value(&query);
        } else {
            eventually(&query, || prometheus.value(&query));
        }
    }
}
