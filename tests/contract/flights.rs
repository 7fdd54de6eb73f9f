//! One refresh serves everyone who waits, and what has not changed is not made again.

use density_exporter::simulator::EndpointName;
use http_body_util::BodyExt;

use crate::harness::{Harness, LIVE, OAUTH, steady};

#[tokio::test(start_paused = true)]
async fn a_hundred_scrapes_at_once_cost_one_call_an_endpoint_and_one_token() {
    let harness = Harness::with_settings(OAUTH, steady(), 200);
    let scrapes = (0..100).map(|_| harness.scrape());
    let pages = futures_util::future::join_all(scrapes).await;
    for page in &pages {
        assert_eq!(page.status, 200);
        assert_eq!(page.value("density_up", &[]), 1.0);
    }
    for endpoint in LIVE.into_iter().chain([EndpointName::Token]) {
        assert_eq!(harness.calls(endpoint), 1, "{endpoint}");
    }
    assert_eq!(harness.simulator.calls().total(), 6);
    // Twelve views, each once.
    assert_eq!(harness.exporter.page_work().views, 12);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_scrapes_inside_the_ttl_cost_no_call_and_no_encoding() {
    let harness = Harness::new(OAUTH, steady());
    let first = harness.scrape().await;
    let calls = harness.simulator.calls().total();
    let rendered = harness.exporter.page_work().rendered;
    for _ in 0..1000 {
        let page = harness.scrape().await;
        assert_eq!(page.data().len(), first.data().len());
    }
    let narrowed = harness
        .get("/metrics?collect[]=presence&organization=acme", &[])
        .await;
    assert_eq!(narrowed.value("density_up", &[]), 1.0);
    assert_eq!(harness.simulator.calls().total(), calls);
    assert_eq!(harness.exporter.page_work().rendered, rendered);
}

#[tokio::test(start_paused = true)]
async fn without_a_scrape_there_is_no_call() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let calls = harness.simulator.calls().total();
    crate::harness::pass(7200).await;
    assert_eq!(harness.simulator.calls().total(), calls);
    harness.get("/", &[]).await;
    harness.get("/-/ready", &[]).await;
    harness.get("/config", &[]).await;
    assert_eq!(harness.simulator.calls().total(), calls);
}

#[tokio::test(start_paused = true)]
async fn each_collector_is_refreshed_when_its_ttl_is_over_and_unchanged_data_is_not_rendered_again()
{
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let rendered = harness.exporter.page_work().rendered;
    crate::harness::pass(10).await;
    harness.scrape().await;
    let calls = LIVE.map(|it| harness.calls(it));
    assert_eq!(calls, [1, 1, 2, 2, 1]);
    crate::harness::pass(20).await;
    harness.scrape().await;
    let calls = LIVE.map(|it| harness.calls(it));
    assert_eq!(calls, [1, 1, 3, 3, 2]);
    // Nothing happens in a steady portfolio.
    assert_eq!(harness.exporter.page_work().rendered, rendered);

    let places = harness.simulator.truth().sensors;
    harness
        .simulator
        .apply("offline all".parse().unwrap())
        .unwrap();
    crate::harness::pass(30).await;
    let page = harness.scrape().await;
    assert_eq!(
        page.sum("density_sensor_health", &[("status", "offline")]),
        places as f64
    );
    assert!(harness.exporter.page_work().rendered > rendered);
}

#[tokio::test(start_paused = true)]
async fn more_scrapes_than_there_are_permits_are_turned_away_at_once() {
    let harness = Harness::with_settings(OAUTH, steady(), 3);
    harness.simulator.inject("*=latency:5s".parse().unwrap());
    let start = harness.clock.now();
    let scrapes = (0..5).map(|_| async {
        let page = harness.scrape().await;
        (
            page.status.as_u16(),
            harness.clock.now().since(start).as_secs(),
        )
    });
    let mut answers = futures_util::future::join_all(scrapes).await;
    answers.sort_unstable();
    assert_eq!(
        answers[..3].iter().map(|it| it.0).collect::<Vec<_>>(),
        [200; 3]
    );
    assert_eq!(answers[3..], [(503, 0), (503, 0)]);
    let page = harness.scrape().await;
    let turned_away = [("handler", "/metrics"), ("code", "503")];
    assert_eq!(
        page.value("density_exporter_http_requests_total", &turned_away),
        2.0
    );
}

#[tokio::test(start_paused = true)]
async fn a_scrape_keeps_its_permit_until_its_body_is_sent() {
    let harness = Harness::with_settings(OAUTH, steady(), 1);
    let scrape = |method| http::Request::builder().method(method).uri("/metrics");
    let scrape = |method| harness.send(scrape(method).body(()).unwrap());
    let unsent = scrape("GET").await;
    assert_eq!(unsent.status(), 200);
    let refused = scrape("GET").await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    // The last bytes hold it until they are written.
    let mut body = unsent.into_body();
    let mut last = None;
    while let Some(frame) = body.frame().await {
        last = frame.unwrap().into_data().ok();
    }
    drop(body);
    assert_eq!(scrape("GET").await.status(), 503);
    drop(last);
    // Nothing is sent after a head.
    assert_eq!(scrape("HEAD").await.status(), 200);
    assert_eq!(scrape("GET").await.status(), 200);
}
