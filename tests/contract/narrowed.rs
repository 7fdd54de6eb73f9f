//! Narrowed pages: they refresh and show what they name.

use density_exporter::simulator::EndpointName;

use crate::harness::{Harness, OAUTH, steady};

#[tokio::test(start_paused = true)]
async fn a_narrowed_scrape_refreshes_what_it_names_and_the_inventory() {
    let harness = Harness::new(OAUTH, steady());
    let page = harness.get("/metrics?collect%5B%5D=presence", &[]).await;
    assert_eq!(harness.calls(EndpointName::Presence), 1);
    assert_eq!(harness.calls(EndpointName::Spaces), 1);
    assert_eq!(harness.calls(EndpointName::Sensors), 1);
    assert_eq!(harness.calls(EndpointName::CurrentCount), 0);
    assert_eq!(harness.calls(EndpointName::SensorHealth), 0);

    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(page.samples("density_collector_success").len(), 1);
    assert!(page.samples("density_space_presence").len() > 10);
    let absent = [
        "density_space_info",
        "density_space_occupancy",
        "density_sensor_health",
        "density_api_budget",
        "density_exporter",
        "process_",
    ];
    for name in absent {
        assert!(!page.text.contains(name), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_narrowed_scrape_names_its_organization() {
    let two = format!(
        "{OAUTH}  - {{ name: other, api_url: https://api.test, auth: {{ token_env: TOKEN }} }}\n"
    );
    let harness = Harness::new(&two, steady());
    let page = harness.get("/metrics?organization=other", &[]).await;
    assert!(!page.text.contains("organization=\"acme\""));
    assert_eq!(page.value("density_up", &[("organization", "other")]), 1.0);
    assert_eq!(harness.calls(EndpointName::Token), 0);

    let page = harness.scrape().await;
    assert_eq!(page.values("density_up", &[]), [1.0, 1.0]);
    assert_eq!(
        page.text.matches("# TYPE density_space_info gauge").count(),
        1
    );
    assert!(page.text.contains("process_resident_memory_bytes"));
}

#[tokio::test(start_paused = true)]
async fn unknown_names_and_paths_and_methods_are_refused() {
    let harness = Harness::new(OAUTH, steady());
    for uri in ["/metrics?collect[]=people", "/metrics?organization=evil"] {
        let page = harness.get(uri, &[]).await;
        assert_eq!(page.status, 400, "{uri}");
        assert!(page.text.starts_with("there is no "), "{}", page.text);
    }
    assert_eq!(harness.get("/nowhere", &[]).await.status, 404);
    assert_eq!(harness.simulator.calls().total(), 0);

    let post = http::Request::post("/metrics").body(()).unwrap();
    let refused = harness.send(post).await;
    assert_eq!(refused.status(), 405);
    assert_eq!(refused.headers()["allow"], "GET, HEAD");
}

#[tokio::test(start_paused = true)]
async fn a_disabled_collector_is_not_called_and_has_no_series() {
    let harness = Harness::new(
        &format!("{OAUTH}\ncollectors: {{ presence: {{ enabled: false }} }}"),
        steady(),
    );
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(harness.calls(EndpointName::Presence), 0);
    assert!(!page.text.contains("collector=\"presence\""));
    assert!(!page.text.contains("endpoint=\"presence\""));
    let page = harness.get("/metrics?collect[]=presence", &[]).await;
    assert_eq!(page.status, 400);
}

#[tokio::test(start_paused = true)]
async fn gzip_is_one_member_and_head_has_no_body() {
    use http_body_util::BodyExt;
    use std::io::Read;

    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let request = |method: http::Method| {
        http::Request::builder()
            .method(method)
            .uri("/metrics")
            .header("accept-encoding", "gzip")
            .body(())
            .unwrap()
    };
    let answer = harness.send(request(http::Method::GET)).await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert_eq!(answer.headers()["vary"], "Accept-Encoding");
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], kind);
    let length: usize = answer.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(bytes.len(), length);
    let mut text = String::new();
    let mut decoder = flate2::bufread::GzDecoder::new(&*bytes);
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty());
    assert!(text.contains("density_up{organization=\"acme\"} 1\n"));
    let plain = harness.scrape().await;
    assert!(plain.data().iter().all(|line| text.contains(*line)));

    let answer = harness.send(request(http::Method::HEAD)).await;
    let length: usize = answer.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(length > 1000);
    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes().len(),
        0
    );
}
