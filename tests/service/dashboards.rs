//! Every panel of every dashboard has something to show, and shows what is the case.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::grafana::{
    Chosen, choices, dashboard, escaped, everything, filled, panels, results, variables,
};
use crate::process::prometheus::Prometheus;
use crate::process::{Api, Exporter, Running, curl, density_exporter, eventually, steady};

const NAMES: [&str; 5] = ["portfolio", "building", "space", "sensor-fleet", "exporter"];

/// Every choice to try: each value of the variables that stand alone; each building, each of its floors,
/// and each space; of the sensors one for each state.
fn selections(prometheus: &Prometheus, dashboard: &Value) -> Vec<Chosen> {
    let all = everything(prometheus, dashboard);
    let mut selections = vec![all.clone()];
    for variable in variables(dashboard) {
        let name = variable["name"].as_str().unwrap();
        let mut before = vec![all.clone()];
        if name == "floor" {
            let of_buildings = selections
                .iter()
                .filter(|it| it["building"] != all["building"]);
            before.extend(of_buildings.cloned());
        }
        for before in before {
            let mut states = HashSet::new();
            for choice in choices(prometheus, variable, &before) {
                if name == "serial_number" && !states.insert(choice.number) {
                    continue;
                }
                let mut chosen = before.clone();
                chosen.insert(name.to_owned(), escaped(&choice.value));
                selections.push(chosen);
            }
        }
    }
    selections
}

/// The query of a target with its place, for messages.
fn named(name: &str, panel: &Value, target: &Value) -> String {
    let title = panel["title"].as_str().unwrap();
    let legend = target["legendFormat"].as_str().unwrap();
    format!("{name}: {title}: {legend}")
}

#[test]
fn every_panel_has_data_on_the_demo_whatever_is_chosen() {
    let demo = Running::start(density_exporter().args([
        // The same people and sensors at every hour of every day.
        "demo",
        "--steady",
        "--web.listen-address=127.0.0.1:0",
    ]));
    let target = demo.address("serving").to_string();
    let prometheus = Prometheus::scraping(&[&target]);
    let greeting = eventually("the greeting is printed", || {
        Some(demo.written()).filter(|it| it.contains("Ctrl-C"))
    });
    let simulator = greeting
        .lines()
        .find_map(|it| it.strip_prefix("Make it fail:"));
    let simulator = simulator.unwrap().trim();
    let places = curl(&[&format!("{simulator}/places")]);
    let places: Value = serde_json::from_str(&places).unwrap();
    // One of each health is in use then.
    let events: Vec<String> = ["offline", "degraded", "unknown"]
        .iter()
        .zip(sensors_in_use(&places))
        .map(|(health, serial)| format!("{health} sensor {serial}"))
        .collect();
    curl(&[
        "--data-binary",
        &events.join("\n"),
        &format!("{simulator}/events"),
    ]);
    // A rate needs two scrapes between which something was asked of the API.
    eventually("there are rates", || {
        prometheus
            .value("rate(density_api_requests_total{code=\"200\",endpoint=\"presence\"}[4s]) > 0")
    });
    // What was tried: the same query need not be asked again.
    let mut counts: BTreeMap<(bool, String), usize> = BTreeMap::new();
    let mut silent: BTreeSet<String> = BTreeSet::new();
    let mut heard: BTreeSet<String> = BTreeSet::new();
    for name in NAMES {
        let dashboard = dashboard(name);
        for chosen in selections(&prometheus, &dashboard) {
            for panel in panels(&dashboard) {
                let mut has_data = || {
                    let mut any = false;
                    for target in panel["targets"].as_array().unwrap() {
                        let query = filled(target["expr"].as_str().unwrap(), &chosen);
                        let key = (target["instant"] == true, query);
                        let count = counts.get(&key).copied().filter(|it| *it > 0);
                        let count =
                            count.unwrap_or_else(|| results(&prometheus, target, &chosen).len());
                        counts.insert(key, count);
                        any |= count > 0;
                        let named = named(name, panel, target);
                        if count > 0 {
                            heard.insert(named);
                        } else {
                            silent.insert(named);
                        }
                    }
                    any.then_some(())
                };
                let what = format!("{name}: {} with {chosen:?}", panel["title"]);
                eventually(&what, &mut has_data);
            }
        }
        for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
            // No rules are loaded here, so nothing fires; but it must be a query.
            let chosen = everything(&prometheus, &dashboard);
            assert!(results(&prometheus, annotation, &chosen).is_empty());
        }
    }
    assert!(counts.len() > 500, "{} queries", counts.len());
    println!("{} queries", counts.len());
    let never: Vec<&String> = silent.difference(&heard).collect();
    for silent in never {
        // Nothing is stale or gone while the API answers; another test sees to that. And it may be that no room is
        // so full that its count is a lower bound.
        let expected = [": stale", ": no data", ": at least"];
        let expected = expected.iter().any(|it| silent.ends_with(it));
        assert!(expected, "{silent} never has data");
    }
}

#[test]
fn places_are_offered_by_name_whatever_the_name() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "collectors: { spaces: { ttl: 1s } }", &[]);
    let prometheus = Prometheus::scraping(&[exporter.url.trim_start_matches("http://")]);
    let dashboard = dashboard("building");
    let variables = variables(&dashboard);
    let building = variables
        .iter()
        .find(|it| it["name"] == "building")
        .unwrap();
    let offered = || {
        let all = everything(&prometheus, &dashboard);
        choices(&prometheus, building, &all)
    };
    let before = eventually("buildings are offered", || {
        Some(offered()).filter(|it| it.len() == 3)
    });
    assert!(
        before.iter().any(|it| it.text == "Haus \"Zur Linde\""),
        "{before:?}"
    );
    let id = before[0].value.clone();
    for name in [
        "A, \"B\"",
        r"C:\Temp\",
        r#"D",building_id="spc_1"} 1"#,
        "(E|F).*",
        "מגדל",
    ] {
        let event = format!("rename {id} {name}");
        api.simulator.apply(event.parse().unwrap()).unwrap();
        eventually(name, || {
            offered()
                .iter()
                .any(|it| it.text == name && it.value == id)
                .then_some(())
        });
    }
}

/// What the instant queries of a dashboard give that do not tell the time.
fn shown(prometheus: &Prometheus, name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let dashboard = dashboard(name);
    let chosen = everything(prometheus, &dashboard);
    let mut shown = BTreeMap::new();
    for panel in panels(&dashboard) {
        for target in panel["targets"].as_array().unwrap() {
            let timeless = !target["expr"].as_str().unwrap().contains("time()");
            if target["instant"] == true && timeless {
                let series = results(prometheus, target, &chosen);
                let series = series
                    .iter()
                    .map(|it| format!("{} {}", it["metric"], it["value"][1]));
                shown.insert(named(name, panel, target), series.collect());
            }
        }
    }
    shown
}

#[test]
fn a_second_replica_changes_nothing_that_is_shown() {
    let api = Api::start(steady());
    let first = Exporter::of(api.address, "", &[]);
    let second = Exporter::of(api.address, "", &[]);
    let targets = [&first, &second].map(|it| it.url.trim_start_matches("http://"));
    let alone = Prometheus::scraping(&targets[..1]);
    let both = Prometheus::scraping(&targets);
    for (prometheus, replicas) in [(&alone, 1.0), (&both, 2.0)] {
        prometheus.eventually("count(density_up == 1)", replicas);
    }
    for name in ["portfolio", "building", "space", "sensor-fleet"] {
        let expected = shown(&alone, name);
        assert!(expected.len() > 5, "{expected:?}");
        // A sample of one second may be the one before.
        eventually(
            &format!("both show the same on {name}: {expected:?}"),
            || (shown(&both, name) == expected).then_some(()),
        );
    }
}

/// What "Sensors by health" shows: how many sensors are in each state.
fn sensors_by_health(prometheus: &Prometheus) -> BTreeMap<String, String> {
    let dashboard = dashboard("portfolio");
    let chosen = everything(prometheus, &dashboard);
    let targets = panels(&dashboard)[0]["targets"].as_array().unwrap();
    let count = |target: &Value| {
        let series = results(prometheus, target, &chosen);
        let count = series.first()?["value"][1].as_str()?.to_owned();
        Some((target["legendFormat"].as_str()?.to_owned(), count))
    };
    targets.iter().filter_map(count).collect()
}

#[test]
fn an_outage_of_the_api_turns_every_state_grey_and_then_ends_it() {
    let api = Api::start(steady());
    let exporter = Exporter::of(
        api.address,
        "collectors: { sensor_health: { ttl: 1s } }\nrequest: { retries: 0 }\nstale: { max_age: 4s }",
        &[],
    );
    let prometheus = Prometheus::scraping(&[exporter.url.trim_start_matches("http://")]);
    let of = |states: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = |(state, count): &(&str, &str)| (state.to_string(), count.to_string());
        states.iter().map(owned).collect()
    };
    let eventually_shows = |states: &[(&str, &str)]| {
        let expected = of(states);
        eventually(&format!("{expected:?}"), || {
            (sensors_by_health(&prometheus) == expected).then_some(())
        });
    };
    // Of 60 sensors, 21 hang where nothing is live yet or any more.
    eventually_shows(&[("not in use", "21"), ("healthy", "39")]);
    let places: Value = serde_json::from_str(&curl(&[&format!(
        "http://{}/simulator/places",
        api.address
    )]))
    .unwrap();
    assert_eq!(places["buildings"].as_array().unwrap().len(), 3);
    let event = format!("offline building {}", headquarters(&places));
    api.simulator.apply(event.parse().unwrap()).unwrap();
    eventually_shows(&[("not in use", "21"), ("healthy", "19"), ("offline", "20")]);
    api.simulator
        .inject("sensor_health=status:503".parse().unwrap());
    eventually_shows(&[("not in use", "21"), ("stale", "39")]);
    let dashboard = dashboard("portfolio");
    let of_stale = panels(&dashboard)
        .into_iter()
        .flat_map(|it| it["targets"].as_array().unwrap())
        .find(|it| it["legendFormat"] == "stale" && it["range"] == true)
        .unwrap();
    let chosen = everything(&prometheus, &dashboard);
    let stale = results(&prometheus, of_stale, &chosen);
    let last = stale[0]["values"].as_array().unwrap().last().unwrap();
    assert_eq!(last[1], "39");
    // The series have ended: there is no data.
    eventually_shows(&[("not in use", "21"), ("no data", "39")]);
    api.simulator.clear_faults();
    eventually_shows(&[("not in use", "21"), ("healthy", "19"), ("offline", "20")]);
}

/// The sensors of the building that is in use.
fn sensors_in_use(places: &Value) -> Vec<&str> {
    let of = |what: &str| places[what].as_array().unwrap().iter();
    let floor = of("floors").find(|it| it["parent"] == headquarters(places));
    let floor = &floor.unwrap()["id"];
    of("sensors")
        .filter(|it| it["floor"] == *floor)
        .map(|it| it["serial_number"].as_str().unwrap())
        .collect()
}

/// The building all of whose floors are live.
fn headquarters(places: &Value) -> &str {
    let buildings = places["buildings"].as_array().unwrap();
    let found = buildings.iter().find(|it| it["name"] == "Headquarters");
    found.unwrap()["id"].as_str().unwrap()
}
