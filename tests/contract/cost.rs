//! What a scrape and a refresh cost, counted: allocations, chunks and bytes instead of seconds.

use bytes::Bytes;
use density_exporter::simulator::{EndpointName, Options};
use http::Request;
use http_body_util::BodyExt;

use crate::harness::{Harness, OAUTH};

fn fleet(sensors: usize) -> Options {
    Options {
        sensors,
        spaces: Some(sensors),
        buildings: 4,
        steady: true,
        ..Options::default()
    }
}

/// The parts of a page with gzip, as they are handed to the connection.
async fn parts(harness: &Harness) -> Vec<Bytes> {
    let request = Request::get("/metrics").header("accept-encoding", "gzip");
    let answer = harness.send(request.body(()).unwrap()).await;
    let mut body = answer.into_body();
    let mut parts = Vec::with_capacity(64);
    while let Some(frame) = body.frame().await {
        parts.push(frame.unwrap().into_data().unwrap());
    }
    parts
}

#[test]
fn a_scrape_of_unchanged_data_allocates_the_same_whatever_the_number_of_series() {
    let allocations = |sensors: usize| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let harness = {
            let _inside = runtime.enter();
            Harness::new(OAUTH, fleet(sensors))
        };
        runtime.block_on(async {
            harness.scrape().await;
            // The tail has counted the calls by then.
            parts(&harness).await;
        });
        // Once a second a scrape reads the process's numbers, so the least of three counts.
        let scrapes = (0..3).map(|_| {
            let mut length = 0;
            let counted = allocation_counter::measure(|| {
                let parts = runtime.block_on(parts(&harness));
                length = parts.iter().map(Bytes::len).sum();
            });
            (counted.count_total, length)
        });
        scrapes.min().unwrap()
    };
    let (small, large) = (allocations(20), allocations(3000));
    assert!(large.1 > 10 * small.1, "{small:?} {large:?}");
    assert_eq!(small.0, large.0);
    assert!(large.0 < 300, "{large:?}");
}

#[tokio::test(start_paused = true)]
async fn scrapes_share_the_bytes_that_they_send() {
    let harness = Harness::new(OAUTH, fleet(500));
    harness.scrape().await;
    let (one, two) = (parts(&harness).await, parts(&harness).await);
    let shared: usize = one
        .iter()
        .zip(&two)
        .filter(|(one, two)| one.as_ptr() == two.as_ptr())
        .map(|(one, _)| one.len())
        .sum();
    let all: usize = one.iter().map(Bytes::len).sum();
    // Only the end is the page's own: what the exporter says of itself.
    assert!(all - shared < 8 << 10, "{shared} of {all}");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_renders_and_compresses_what_changed_and_little_around_it() {
    let harness = Harness::new(OAUTH, fleet(3000));
    let page = harness.scrape().await;
    let whole = harness.exporter.page_work();
    let serial = page.samples("density_sensor_health")[0].0["serial_number"].clone();
    let event = format!("offline sensor {serial}");
    harness.simulator.apply(event.parse().unwrap()).unwrap();
    crate::harness::pass(31).await;
    let page = harness.scrape().await;
    let offline = [("serial_number", serial.as_str()), ("status", "offline")];
    assert_eq!(page.value("density_sensor_health", &offline), 1.0);
    let work = harness.exporter.page_work();
    let (rendered, compressed, bytes) = (
        work.rendered - whole.rendered,
        work.compressed - whole.compressed,
        work.text_bytes - whole.text_bytes,
    );
    // The sensor's health and its date, and the health of the spaces that it is in.
    assert!(
        (2..=12).contains(&rendered),
        "{rendered} of {}",
        whole.rendered
    );
    assert_eq!(rendered, compressed);
    assert!(
        bytes * 20 < whole.text_bytes,
        "{bytes} of {}",
        whole.text_bytes
    );
    assert!(whole.rendered > 300, "{}", whole.rendered);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_of_the_inventory_that_brings_nothing_new_renders_nothing() {
    let harness = Harness::new(OAUTH, fleet(500));
    harness.scrape().await;
    let before = harness.exporter.page_work();
    crate::harness::pass(901).await;
    harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Spaces), 2);
    assert_eq!(harness.exporter.page_work(), before);
}
