//! What is cached, what is rendered again, and what is shown meanwhile.

use std::time::Duration;

use crate::clock::Instant;
use crate::snapshot::{Fetched, Readings, ReadingsBuilder, RefreshOutcome, SensorHealth, Status};

use super::*;

fn healths(last: Readings<SensorHealth>, of: &[(&str, Status)]) -> Readings<SensorHealth> {
    let mut part = ReadingsBuilder::new(last);
    for (serial_number, status) in of {
        let health = SensorHealth {
            status: *status,
            last_status_change: None,
        };
        part.push(serial_number, health);
    }
    ReadingsBuilder::merge(vec![part], Arc::new([]))
}

/// A snapshot with the health of sensors that are not listed, requested at `seconds`.
fn snapshot(version: u64, seconds: u64, readings: Readings<SensorHealth>) -> Snapshot {
    let mut snapshot = Snapshot {
        sensor_health: Some(Fetched {
            data: Arc::new(readings),
            version,
            requested_at: Instant::new(Duration::from_secs(seconds)),
        }),
        ..Snapshot::default()
    };
    let state = snapshot.states.of_mut(Collector::SensorHealth);
    state.last_success = Some(seconds as f64);
    state.last_refresh = Some(RefreshOutcome {
        success: true,
        duration: Duration::from_secs(1),
    });
    snapshot
}

/// As [`snapshot`], with one sensor that is not listed.
fn one_sensor(version: u64, seconds: u64, status: Status) -> Snapshot {
    let readings = healths(Readings::default(), &[("A", status)]);
    snapshot(version, seconds, readings)
}

async fn text(pages: &Pages, organizations: &[RenderedOrganization]) -> String {
    let page = Page::new(pages.body(organizations), Deflated::default(), Vec::new());
    let (parts, length) = page.into_text();
    let text: Vec<u8> = parts.flat_map(|it| it.unwrap()).collect();
    assert_eq!(text.len() as u64, length);
    String::from_utf8(text).unwrap()
}

/// As long as data is not a minute old.
fn aged(_: Collector, requested_at: Instant, state: CollectorState) -> Option<CollectorState> {
    let now = Instant::new(Duration::from_secs(100));
    (now.since(requested_at) < Duration::from_secs(60)).then_some(CollectorState {
        stale: true,
        ..state
    })
}

#[tokio::test]
async fn what_is_not_rendered_yet_is_shown_as_it_was_with_the_state_of_its_time() {
    let pages = Arc::new(Pages::default());
    let all = CollectorSet::all();
    let old = one_sensor(1, 50, Status::Healthy);
    pages
        .render(&BlockingPool::default(), "acme", &old, all)
        .await
        .unwrap();
    let new = one_sensor(2, 90, Status::Offline);
    assert!(pages.cached("acme", &new, all).is_none());

    let meanwhile = pages.latest_available("acme", &new, all, aged);
    let state = meanwhile.states.of(Collector::SensorHealth);
    assert_eq!((state.last_success, state.stale), (Some(50.0), true));
    let page = text(&pages, &[meanwhile]).await;
    assert!(page.contains("status=\"healthy\"} 1"), "{page}");

    pages
        .render(&BlockingPool::default(), "acme", &new, all)
        .await
        .unwrap();
    let after = pages.cached("acme", &new, all).unwrap();
    let state = after.states.of(Collector::SensorHealth);
    assert_eq!((state.last_success, state.stale), (Some(90.0), false));
    let page = text(&pages, &[after]).await;
    assert!(page.contains("status=\"offline\"} 1"), "{page}");
}

#[tokio::test]
async fn what_is_shown_meanwhile_is_as_old_as_it_was_last_seen_to_be() {
    let pages = Arc::new(Pages::default());
    let all = CollectorSet::all();
    let healthy = || healths(Readings::default(), &[("A", Status::Healthy)]);
    let old = snapshot(1, 10, healthy());
    pages
        .render(&BlockingPool::default(), "acme", &old, all)
        .await
        .unwrap();
    // The same answer again, and again: nothing is rendered for it.
    for (seconds, last_success) in [(20, 20.0), (80, 80.0), (70, 80.0)] {
        let same = snapshot(1, seconds, healthy());
        assert!(pages.cached("acme", &same, all).is_some());
        let new = one_sensor(2, 95, Status::Offline);
        let shown = pages.latest_available("acme", &new, all, |_, _, state| Some(state));
        let state = shown.states.of(Collector::SensorHealth);
        assert_eq!(state.last_success, Some(last_success));
    }
    let new = one_sensor(2, 95, Status::Offline);
    let meanwhile = pages.latest_available("acme", &new, all, aged);
    assert_ne!(text(&pages, &[meanwhile]).await, "");
}

#[tokio::test]
async fn what_may_no_longer_be_shown_is_not_shown_meanwhile() {
    let pages = Arc::new(Pages::default());
    let all = CollectorSet::all();
    let old = one_sensor(1, 10, Status::Healthy);
    pages
        .render(&BlockingPool::default(), "acme", &old, all)
        .await
        .unwrap();
    let mut new = one_sensor(2, 90, Status::Offline);
    *new.previous_states.of_mut(Collector::SensorHealth) = CollectorState {
        last_success: Some(10.0),
        stale: true,
        ..CollectorState::default()
    };
    let meanwhile = pages.latest_available("acme", &new, all, aged);
    let state = *meanwhile.states.of(Collector::SensorHealth);
    assert_eq!(text(&pages, &[meanwhile]).await, "");
    // New data is not reported before it is shown.
    assert_eq!((state.last_success, state.last_refresh), (Some(10.0), None));
    assert!(!state.stale, "nothing is shown that could be");
}

#[tokio::test]
async fn the_first_data_is_reported_when_it_is_shown() {
    let pages = Arc::new(Pages::default());
    let all = CollectorSet::all();
    let first = one_sensor(1, 90, Status::Healthy);
    let meanwhile = pages.latest_available("acme", &first, all, aged);
    let state = *meanwhile.states.of(Collector::SensorHealth);
    assert_eq!(state, CollectorState::default());
    assert_eq!(text(&pages, &[meanwhile]).await, "");
    pages
        .render(&BlockingPool::default(), "acme", &first, all)
        .await
        .unwrap();
    let after = pages.cached("acme", &first, all).unwrap();
    let state = after.states.of(Collector::SensorHealth);
    assert_eq!(state.last_success, Some(90.0));
}

#[tokio::test]
async fn rendering_one_organization_does_not_delay_another() {
    let pages = Arc::new(Pages::default());
    let all = CollectorSet::all();
    let one = one_sensor(1, 50, Status::Healthy);
    // The other one is being rendered, and never finishes.
    let _held = pages.organization("slow").renderer().await;
    pages
        .render(&BlockingPool::default(), "acme", &one, all)
        .await
        .unwrap();
    assert!(pages.cached("acme", &one, all).is_some());
    assert!(pages.cached("slow", &one, all).is_none());
    pages.latest_available("slow", &one, all, aged);
}

#[tokio::test]
async fn a_hundred_who_need_the_same_have_it_rendered_once() {
    let pages = Arc::new(Pages::default());
    let blocking_pool = BlockingPool::default();
    let all = CollectorSet::all();
    let one = one_sensor(1, 50, Status::Healthy);
    let everyone = (0..100).map(|_| pages.render(&blocking_pool, "acme", &one, all));
    for rendered in futures_util::future::join_all(everyone).await {
        rendered.unwrap();
    }
    assert_eq!(pages.render_stats().views, 2);
}

#[tokio::test]
async fn a_row_that_comes_or_goes_changes_the_chunk_that_it_is_in() {
    let pages = Arc::new(Pages::default());
    let blocking_pool = BlockingPool::default();
    let all = CollectorSet::all();
    let serials: Vec<String> = (0..2000).map(|it| format!("S{it:05}")).collect();
    let mut of: Vec<(&str, Status)> = serials.iter().map(|it| (&**it, Status::Healthy)).collect();
    let before = healths(Readings::default(), &of);
    let first = snapshot(1, 50, before.clone());
    pages
        .render(&blocking_pool, "acme", &first, all)
        .await
        .unwrap();
    let whole = pages.render_stats();

    of.remove(1000);
    of.push(("S00500a", Status::Offline));
    let second = snapshot(2, 90, healths(before, &of));
    pages
        .render(&blocking_pool, "acme", &second, all)
        .await
        .unwrap();
    let compressed = pages.render_stats().compressed - whole.compressed;
    assert!(
        (1..=6).contains(&compressed) && whole.compressed > 60,
        "{compressed} of {}",
        whole.compressed
    );
    // A view of old and new chunks is the same as one of new chunks alone.
    let alone = Arc::new(Pages::default());
    alone
        .render(&blocking_pool, "acme", &second, all)
        .await
        .unwrap();
    let [updated, fresh] = [&pages, &alone].map(|it| it.cached("acme", &second, all).unwrap());
    assert_eq!(text(&pages, &[updated]).await, text(&alone, &[fresh]).await);
}

#[tokio::test]
async fn a_body_is_dropped_when_a_newer_one_replaces_it() {
    let pages = Arc::new(Pages::default());
    let blocking_pool = BlockingPool::default();
    let all = CollectorSet::all();
    let narrow = CollectorSet::default().with(Collector::SensorHealth);
    for version in 1..50 {
        let new = one_sensor(version, 50, Status::Healthy);
        pages
            .render(&blocking_pool, "acme", &new, all)
            .await
            .unwrap();
        for collectors in [all, narrow] {
            let organization = pages.cached("acme", &new, collectors).unwrap();
            pages.body(&[organization]);
        }
    }
    let kept = pages.bodies.lock().unwrap();
    assert_eq!(kept.len(), 1, "both ways show the same");
}
