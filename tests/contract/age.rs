//! Old data is never shown as fresh, and what has left does not stay.

use crate::harness::{Harness, OAUTH, pass, steady};

#[tokio::test(start_paused = true)]
async fn data_ends_also_when_nothing_refreshes_it() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    // Nobody scrapes for an hour, and then the API is away.
    pass(3600).await;
    harness.simulator.inject("*=hang".parse().unwrap());
    let page = harness.scrape().await;
    assert_eq!(page.data(), Vec::<&str>::new());
    // The last finished refresh was good; that it was long ago is told by its time.
    assert_eq!(page.success("presence"), 1.0);
    assert_eq!(
        page.value("density_collector_stale", &[("collector", "presence")]),
        0.0
    );
}

#[tokio::test(start_paused = true)]
async fn data_is_stale_while_its_refresh_is_late_and_fresh_again_after_it() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    pass(10).await;
    harness
        .simulator
        .inject("presence=latency:5s,times=1".parse().unwrap());
    let stale = [("collector", "presence")];
    let header = [("x-prometheus-scrape-timeout-seconds", "2")];
    let page = harness.get("/metrics", &header).await;
    assert_eq!(page.value("density_collector_stale", &stale), 1.0);
    assert_eq!(page.success("presence"), 1.0);
    assert!(page.samples("density_space_presence").len() > 10);
    pass(4).await;
    let page = harness.get("/metrics", &header).await;
    assert_eq!(page.value("density_collector_stale", &stale), 0.0);
}

#[tokio::test(start_paused = true)]
async fn age_counts_from_the_beginning_of_the_refresh() {
    let harness = Harness::new(OAUTH, steady());
    harness
        .simulator
        .inject("presence=latency:6s,times=1".parse().unwrap());
    harness.scrape().await;
    // The answer is 3 s old, the question 9 s.
    pass(3).await;
    harness.scrape().await;
    assert_eq!(
        harness.calls(density_exporter::simulator::EndpointName::Presence),
        1
    );
    pass(1).await;
    harness.scrape().await;
    assert_eq!(
        harness.calls(density_exporter::simulator::EndpointName::Presence),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn what_left_the_inventory_ends_with_the_next_refresh() {
    let harness = Harness::new(OAUTH, steady());
    let page = harness.scrape().await;
    let (labels, _) = page.samples("density_sensor_info").swap_remove(7);
    let serial = labels["serial_number"].clone();
    let event = format!("remove sensor {serial}");
    harness.simulator.apply(event.parse().unwrap()).unwrap();
    pass(900).await;
    let page = harness.scrape().await;
    assert!(!page.text.contains(&serial));
    assert_eq!(page.samples("density_sensor_info").len(), 59);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_room_has_one_name_at_a_time() {
    let harness = Harness::new(OAUTH, steady());
    let page = harness.scrape().await;
    let (labels, _) = page.samples("density_space_presence").swap_remove(20);
    let id = labels["space_id"].clone();
    let event = format!("rename {id} Aquarium \"2\"");
    harness.simulator.apply(event.parse().unwrap()).unwrap();
    pass(900).await;
    let page = harness.scrape().await;
    for name in ["density_space_presence", "density_space_info"] {
        let of_room: Vec<String> = page
            .samples(name)
            .into_iter()
            .filter(|(labels, _)| labels["space_id"] == id)
            .map(|(labels, _)| labels["space"].clone())
            .collect();
        assert_eq!(of_room, [r#"Aquarium \"2\""#], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_sample_carries_a_timestamp_and_the_page_is_well_formed() {
    let harness = Harness::new(OAUTH, steady());
    let page = harness.scrape().await;
    let mut families = Vec::new();
    let mut series = std::collections::HashSet::new();
    for line in page.text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            families.push(rest.split(' ').next().unwrap());
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(name.ends_with('}') || !name.contains(' '), "{line}");
            assert!(series.insert(name), "twice: {name}");
            let family = families.last().unwrap();
            assert!(name.starts_with(family), "{line} in {family}");
        }
    }
    let count = families.len();
    families.sort_unstable();
    families.dedup();
    assert_eq!(families.len(), count, "a family stands twice");
}
