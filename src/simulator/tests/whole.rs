//! The right answers: the same for the same seed, and what the truth says.

use super::*;

const ALL: [&str; 5] = [SPACES, SENSORS, HEALTH, COUNTS, PRESENCE];

#[tokio::test(start_paused = true)]
async fn the_same_seed_answers_the_same() {
    let one = simulator(Options::default());
    let two = simulator(Options::default());
    let other = simulator(Options {
        seed: 2,
        ..Options::default()
    });
    for path in ALL {
        let answer = ask(&one, path, "").await;
        assert_eq!(answer, ask(&two, path, "").await, "{path}");
        assert_ne!(answer, ask(&other, path, "").await, "{path}");
    }
}

fn agrees(truth: &Truth, spaces: &Value, sensors: &Value, health: &Value) {
    assert_eq!(spaces.as_array().unwrap().len(), truth.spaces);
    assert_eq!(sensors.as_array().unwrap().len(), truth.sensors);
    let entries = health["data"].as_array().unwrap();
    assert_eq!(entries.len(), truth.sensors);
    for status in Health::ALL {
        let named = entries
            .iter()
            .filter(|entry| entry["health_status"] == status.name());
        assert_eq!(named.count(), truth.sensors_with(status), "{status:?}");
    }
    for (status, count) in &truth.spaces_by_status {
        let named = spaces
            .as_array()
            .unwrap()
            .iter()
            .filter(|s| s["status"] == **status);
        assert_eq!(named.count(), *count);
    }
}

async fn assert_truth(simulator: &Arc<Simulator>) {
    let truth = simulator.truth();
    agrees(
        &truth,
        &ask(simulator, SPACES, "").await,
        &ask(simulator, SENSORS, "").await,
        &ask(simulator, HEALTH, "").await,
    );
    let counts = ask(simulator, COUNTS, "").await;
    let counts = counts.as_object().unwrap();
    assert_eq!(counts.len(), truth.spaces_with_count);
    let people: u64 = counts
        .values()
        .map(|datum| datum["count"].as_u64().unwrap())
        .sum();
    assert_eq!(people, truth.people_counted);
    let presence = ask(simulator, PRESENCE, "").await;
    let presence: Vec<&Value> = presence.as_object().unwrap().values().collect();
    assert_eq!(presence.len(), truth.spaces_measured);
    let said = |value: Value| {
        presence
            .iter()
            .filter(|datum| datum["presence"] == value)
            .count()
    };
    assert_eq!(said(true.into()), truth.presence_true);
    assert_eq!(said(false.into()), truth.presence_false);
    assert_eq!(said(Value::Null), truth.presence_null);
    for (health, count) in &truth.spaces_by_health {
        let named = presence
            .iter()
            .filter(|datum| datum["space_health_status"] == **health);
        assert_eq!(named.count(), *count);
    }
}

#[tokio::test(start_paused = true)]
async fn the_truth_is_what_the_answers_say_whatever_happens() {
    let simulator = simulator(Options {
        sensors: 400,
        buildings: 12,
        requests_per_second: 0.0,
        ..Options::default()
    });
    assert_truth(&simulator).await;
    assert!(
        Health::ALL
            .iter()
            .all(|&health| simulator.truth().sensors_with(health) > 0)
    );
    let places = ask_places(&simulator).await;
    let building = places["buildings"][1]["id"].as_str().unwrap();
    for event in [
        format!("offline building {building}"),
        "lifecycle ID planning".to_owned(),
    ] {
        let event = event.replace("ID", building).parse().unwrap();
        simulator.apply(event).unwrap();
        assert_truth(&simulator).await;
    }
    tokio::time::advance(Duration::from_secs(7 * 3600)).await;
    assert_truth(&simulator).await;
    simulator.apply("offline all".parse().unwrap()).unwrap();
    assert_truth(&simulator).await;
    assert!(simulator.truth().presence_null > 0 && simulator.truth().presence_false > 0);
}

async fn ask_places(simulator: &Arc<Simulator>) -> Value {
    let (_, text) = send(simulator, "GET", "/simulator/places", None, "").await;
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_wrapping_holds_the_same() {
    let simulator = simulator(Options {
        steady: true,
        ..Options::default()
    });
    for path in ALL {
        simulator.set_wrapping(Wrapping::Bare);
        let bare = ask(&simulator, path, "").await;
        simulator.set_wrapping(Wrapping::Data);
        assert_eq!(ask(&simulator, path, "").await["data"], bare);
        simulator.set_wrapping(Wrapping::Results);
        let results = ask(&simulator, path, "").await;
        assert_eq!(results["results"], bare);
        assert_eq!(results["next"], Value::Null);
        simulator.set_wrapping(Wrapping::Reference);
        let reference = ask(&simulator, path, "").await;
        assert_eq!(
            if path == HEALTH {
                &reference["data"]
            } else {
                &reference
            },
            &bare
        );
    }
}

#[tokio::test(start_paused = true)]
async fn filters_narrow_answers() {
    let simulator = simulator(Options::default());
    let sensors = ask(&simulator, SENSORS, "").await;
    let serial = sensors[3]["serial_number"].as_str().unwrap();
    let floor = sensors[3]["location"]["floor_ids"][0].as_str().unwrap();
    let by_serial = format!(r#"{{"serial_numbers":["{serial}","nobody"]}}"#);
    assert_eq!(
        ask(&simulator, SENSORS, &by_serial)
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        ask(&simulator, HEALTH, &by_serial).await["data"][0]["serial_number"],
        serial
    );
    let by_floor = format!(r#"{{"space_ids":["{floor}","spc_nowhere"]}}"#);
    let there = ask(&simulator, SENSORS, &by_floor)
        .await
        .as_array()
        .unwrap()
        .len();
    assert!((2..60).contains(&there), "{there}");
    assert_eq!(
        ask(&simulator, PRESENCE, &by_floor)
            .await
            .as_object()
            .unwrap()
            .len(),
        1
    );
    let all = ask(&simulator, PRESENCE, r#"{"space_ids":[]}"#).await;
    assert_eq!(all, ask(&simulator, PRESENCE, "").await);
    let token = Some(DEFAULT_TOKEN);
    assert_eq!(
        send(&simulator, "POST", PRESENCE, token, "{\"space_ids\":7}")
            .await
            .0,
        400
    );
}

#[tokio::test(start_paused = true)]
async fn nesting_keeps_every_space() {
    fn ids(space: &Value, into: &mut Vec<String>) {
        into.push(space["id"].as_str().unwrap().to_owned());
        for child in space["children"].as_array().unwrap() {
            ids(child, into);
        }
    }
    let mut all = Vec::new();
    for nesting in [Nesting::Flat, Nesting::Nested, Nesting::Mixed] {
        let simulator = simulator(Options {
            nesting,
            ..Options::default()
        });
        let spaces = ask(&simulator, SPACES, "").await;
        let top = spaces.as_array().unwrap().len();
        let mut found = Vec::new();
        spaces
            .as_array()
            .unwrap()
            .iter()
            .for_each(|space| ids(space, &mut found));
        assert_eq!(found.len() > top, nesting != Nesting::Flat);
        assert_eq!(top == 1, nesting == Nesting::Nested);
        found.sort();
        found.dedup();
        all.push(found);
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(start_paused = true)]
async fn history_comes_from_the_same_people() {
    let simulator = simulator(Options {
        requests_per_second: 0.0,
        ..Options::default()
    });
    let period = r#""start_date":"2026-09-14T00:00:00Z","end_date":"2026-09-16T00:00:00+00:00""#;
    let presence = ask(&simulator, PRESENCE, "").await;
    for resolution in [
        "total",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "weekday",
        "hour_of_day",
    ] {
        let body = format!(r#"{{{period},"time_resolution":"{resolution}"}}"#);
        for path in ["occupancy", "time-used", "utilization", "metrics"] {
            let answer = ask(&simulator, &format!("/v3/analytics/{path}"), &body).await;
            let answer = answer.as_object().unwrap();
            assert_eq!(answer.len(), presence.as_object().unwrap().len());
            let buckets = answer.values().next().unwrap().as_object().unwrap().len();
            let expected = match resolution {
                "hour" => 48,
                "day" | "weekday" => 2,
                "hour_of_day" => 24,
                _ => 1,
            };
            assert_eq!(buckets, expected, "{path} {resolution}");
        }
    }
    let body = format!(r#"{{{period},"time_resolution":"day"}}"#);
    let metrics = ask(&simulator, "/v3/analytics/metrics", &body).await;
    let datum = &metrics.as_object().unwrap().values().next().unwrap()["2026-09-14T00:00:00Z"];
    assert!(
        datum["occupancy_max"].as_u64() >= datum["occupancy_min"].as_u64(),
        "{datum}"
    );
    assert!(datum["time_used_percentage"].as_f64().unwrap() <= 1.0);
    assert!(datum["up_time"].as_f64().unwrap() <= 1.0);
    let health = ask(&simulator, "/v3/sensors/health", &format!("{{{period}}}")).await;
    assert_eq!(health.as_object().unwrap().len(), 60);
    assert!(
        health
            .as_object()
            .unwrap()
            .values()
            .all(|list| !list.as_array().unwrap().is_empty())
    );
    let floors = ask(
        &simulator,
        "/v3/analytics/data-status",
        &format!("{{{period}}}"),
    )
    .await;
    assert!(
        floors
            .as_object()
            .unwrap()
            .values()
            .all(|floor| floor["completeness"].is_f64())
    );
    let short = ask(
        &simulator,
        "/v3/analytics/presence/short-term",
        r#"{"minutes_lookback":5}"#,
    );
    assert_eq!(
        short.await["data"][0]["metrics"].as_array().unwrap().len(),
        5
    );
}

#[tokio::test(start_paused = true)]
async fn history_refuses_what_makes_no_sense() {
    let simulator = simulator(Options::default());
    let token = Some(DEFAULT_TOKEN);
    for body in [
        "",
        "{",
        r#"{"start_date":"2026-09-14T00:00:00Z"}"#,
        r#"{"start_date":"yesterday","end_date":"2026-09-14T00:00:00Z"}"#,
        r#"{"start_date":"2026-09-15T00:00:00Z","end_date":"2026-09-14T00:00:00Z"}"#,
        r#"{"start_date":"2026-09-13T00:00:00Z","end_date":"2026-09-14T00:00:00Z","time_resolution":"blink"}"#,
        r#"{"start_date":"1900-01-01T00:00:00Z","end_date":"2026-09-14T00:00:00Z","time_resolution":"minute"}"#,
    ] {
        let path = "/v3/analytics/occupancy";
        let (status, text) = send(&simulator, "POST", path, token, body).await;
        assert_eq!(status, 400, "{body}");
        assert!(serde_json::from_str::<Value>(&text).unwrap()["message"].is_string());
    }
}
