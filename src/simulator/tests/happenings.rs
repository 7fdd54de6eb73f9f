//! Events, and the control paths that they come by.

use super::*;

fn steady() -> Arc<Simulator> {
    simulator(Options {
        steady: true,
        requests_per_second: 0.0,
        ..Options::default()
    })
}

async fn places(simulator: &Arc<Simulator>) -> Value {
    let (status, text) = send(simulator, "GET", "/simulator/places", None, "").await;
    assert_eq!(status, 200);
    serde_json::from_str(&text).unwrap()
}

fn apply(simulator: &Simulator, event: &str) {
    simulator.apply(event.parse().unwrap()).unwrap();
}

async fn health_of(simulator: &Arc<Simulator>, serial: &str) -> (String, String) {
    let body = format!(r#"{{"serial_numbers":["{serial}"]}}"#);
    let answer = ask(simulator, HEALTH, &body).await;
    let entry = &answer["data"][0];
    let field = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    (field("health_status"), field("last_status_change"))
}

#[tokio::test(start_paused = true)]
async fn sensors_go_and_come_back() {
    let simulator = steady();
    let places = places(&simulator).await;
    let serial = places["sensors"][5]["serial_number"].as_str().unwrap();
    let (status, before) = health_of(&simulator, serial).await;
    assert_eq!(status, "healthy");
    for status in ["offline", "degraded", "unknown"] {
        tokio::time::advance(Duration::from_secs(90)).await;
        apply(&simulator, &format!("{status} sensor {serial}"));
        let (now, change) = health_of(&simulator, serial).await;
        assert_eq!(now, status);
        assert_ne!(change, before);
    }
    apply(&simulator, &format!("online sensor {serial}"));
    assert_eq!(health_of(&simulator, serial).await.0, "healthy");
    apply(&simulator, &format!("flapping sensor {serial}"));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(health_of(&simulator, serial).await.0);
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    assert_eq!(seen, ["offline", "healthy", "offline", "healthy"]);
    apply(&simulator, &format!("auto sensor {serial}"));
    assert_eq!(
        health_of(&simulator, serial).await,
        ("healthy".to_owned(), before)
    );
}

#[tokio::test(start_paused = true)]
async fn floors_buildings_and_everything_go_offline() {
    let simulator = steady();
    let places = places(&simulator).await;
    let offline = |simulator: &Simulator| simulator.truth().sensors_with(Health::Offline);
    let floor = places["floors"][0]["id"].as_str().unwrap();
    let building = places["floors"][0]["parent"].as_str().unwrap();
    let on_floor = places["sensors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["floor"] == floor);
    apply(&simulator, &format!("offline floor {floor}"));
    assert_eq!(offline(&simulator), on_floor.count());
    let body = format!(r#"{{"space_ids":["{floor}"]}}"#);
    let datum = ask(&simulator, PRESENCE, &body).await[floor].clone();
    assert_eq!(datum["space_health_status"], "offline");
    apply(&simulator, &format!("online building {building}"));
    assert_eq!(offline(&simulator), 0);
    apply(&simulator, "offline all");
    assert_eq!(offline(&simulator), 60);
    apply(&simulator, "online all");
    assert_eq!(simulator.truth().sensors_with(Health::Healthy), 60);
}

#[tokio::test(start_paused = true)]
async fn a_return_lasts_until_the_sensor_next_changes_by_itself() {
    let simulator = simulator(Options {
        sensors: 300,
        ..Options::default()
    });
    apply(&simulator, "online all");
    assert_eq!(simulator.truth().sensors_with(Health::Healthy), 300);
    tokio::time::advance(Duration::from_secs(12 * 3600)).await;
    let later = simulator.truth();
    assert!(
        (250..300).contains(&later.sensors_with(Health::Healthy)),
        "{later:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn places_and_sensors_change() {
    let simulator = steady();
    let places = places(&simulator).await;
    let serial = places["sensors"][7]["serial_number"].as_str().unwrap();
    let space = places["spaces"][7]["id"].as_str().unwrap();
    apply(&simulator, &format!("rename {space} Saal \"Süd\" "));
    apply(&simulator, &format!("lifecycle {space} planning"));
    let spaces = ask(&simulator, SPACES, "").await;
    let renamed = spaces
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["id"] == space)
        .unwrap();
    assert_eq!(renamed["name"], "Saal \"Süd\" ");
    assert_eq!(renamed["status"], "planning");
    apply(&simulator, &format!("remove sensor {serial}"));
    assert_eq!(simulator.truth().sensors, 59);
    assert!(
        !ask(&simulator, SENSORS, "")
            .await
            .to_string()
            .contains(serial)
    );
    assert_eq!(health_of(&simulator, serial).await.0, "");
    apply(&simulator, &format!("restore sensor {serial}"));
    assert_eq!(simulator.truth().sensors, 60);
    // A space that loses all its sensors loses its entries.
    let measured = simulator.truth().spaces_measured;
    for sensor in places["sensors"].as_array().unwrap() {
        let serial = sensor["serial_number"].as_str().unwrap();
        apply(&simulator, &format!("remove sensor {serial}"));
    }
    assert!(measured > 0);
    assert_eq!(ask(&simulator, PRESENCE, "").await, serde_json::json!({}));
}

#[tokio::test(start_paused = true)]
async fn unknown_targets_are_named() {
    let simulator = steady();
    let places = places(&simulator).await;
    let floor = places["floors"][0]["id"].as_str().unwrap();
    let fails = |event: &str| {
        simulator
            .apply(event.parse().unwrap())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fails("offline sensor NOBODY1"),
        "there is no sensor \"NOBODY1\""
    );
    assert_eq!(fails("rename spc_x New"), "there is no space \"spc_x\"");
    let wrong = format!("space \"{floor}\" is a floor, not a building");
    assert_eq!(fails(&format!("offline building {floor}")), wrong);
    let serial = places["sensors"][0]["serial_number"].as_str().unwrap();
    let here = format!("sensor \"{serial}\" was not removed");
    assert_eq!(fails(&format!("restore sensor {serial}")), here);
}

#[tokio::test(start_paused = true)]
async fn control_over_http_takes_all_lines_or_none() {
    let simulator = steady();
    let post = async |path: &str, body: &str| send(&simulator, "POST", path, None, body).await;
    let (status, text) = post(
        "/simulator/events",
        "offline all\nexplode\n\noffline sensor X Y",
    )
    .await;
    assert_eq!(status, 400);
    assert!(
        text.contains("line 2: \"explode\"") && text.contains("line 4:"),
        "{text}"
    );
    let (status, text) = post(
        "/simulator/events",
        "# all\noffline all\nremove sensor A\nremove sensor B",
    )
    .await;
    assert_eq!(status, 400);
    assert_eq!(
        text,
        "line 3: there is no sensor \"A\"\nline 4: there is no sensor \"B\"\n"
    );
    assert_eq!(simulator.truth().sensors_with(Health::Offline), 0);
    assert_eq!(post("/simulator/events", "offline all\n").await.0, 200);
    assert_eq!(simulator.truth().sensors_with(Health::Offline), 60);

    assert_eq!(post("/simulator/faults", "*=hang\n*=boom\n").await.0, 400);
    assert_eq!(simulator.faults(), []);
    assert_eq!(
        post("/simulator/faults", "sensors=hang\n*=status:500,times=3\n")
            .await
            .0,
        200
    );
    let (_, faults) = send(&simulator, "GET", "/simulator/faults", None, "").await;
    assert_eq!(faults, "sensors=hang\n*=status:500,times=3\n");
    assert_eq!(
        send(&simulator, "DELETE", "/simulator/faults", None, "")
            .await
            .0,
        200
    );
    assert_eq!(simulator.faults(), []);

    assert_eq!(post("/simulator/wrapping", "data").await.0, 200);
    assert!(ask(&simulator, SPACES, "").await["data"].is_array());
    let (_, truth) = send(&simulator, "GET", "/simulator/truth", None, "").await;
    let truth: Value = serde_json::from_str(&truth).unwrap();
    assert_eq!(truth["sensors_by_health"]["offline"], 60);
    let (_, calls) = send(&simulator, "GET", "/simulator/calls", None, "").await;
    let calls: Value = serde_json::from_str(&calls).unwrap();
    assert_eq!(calls["by_endpoint"], serde_json::json!({"spaces": 1}));
    assert_eq!(calls["by_status"], serde_json::json!({"200": 1}));
    let (status, help) = send(&simulator, "GET", "/simulator", None, "").await;
    assert!(status == 200 && help.contains("/simulator/events"));
    assert_eq!(post("/simulator/truth", "").await.0, 405);
    assert_eq!(post("/simulator/roof", "").await.0, 404);
}
