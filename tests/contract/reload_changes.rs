//! What a reload changes is in force at once, and no more than that is asked for again.

use std::os::unix::fs::symlink;

use density_exporter::simulator::EndpointName;
use futures_util::future::join;

use crate::harness::{Harness, OAUTH, Page, pass, steady};

fn with(more: &str) -> String {
    OAUTH.trim_end().to_owned() + "\n" + more + "\n"
}

fn filtered(spaces: &str, more: &str) -> String {
    with(&format!("    spaces: {spaces}\n{more}"))
}

fn token(source: &str, more: &str) -> String {
    format!(
        "organizations:\n  - {{ name: acme, api_url: https://api.test, auth: {{ {source} }} }}\n{more}\n"
    )
}

/// The building that a space of `page` is in.
fn building(page: &Page) -> String {
    let spaces = page.samples("density_space_info");
    spaces
        .into_iter()
        .find_map(|(labels, _)| {
            labels
                .get("building_id")
                .filter(|it| !it.is_empty())
                .cloned()
        })
        .unwrap()
}

/// Whether all that `page` shows of spaces, sensors and healths is in `building`.
fn is_in(page: &Page, building: &str) -> bool {
    let all = ["density_space_info", "density_sensor_info"];
    let mut samples = all.iter().flat_map(|it| page.samples(it));
    samples.all(|(labels, _)| labels.get("building_id").is_some_and(|it| it == building))
}

#[tokio::test(start_paused = true)]
async fn a_filter_is_in_force_at_once_from_what_is_known() {
    let harness = Harness::new(OAUTH, steady());
    let whole = harness.scrape().await;
    let calls = harness.simulator.calls().total();
    let building = building(&whole);
    harness
        .reload(&filtered(&format!("{{ include: [{building}] }}"), ""))
        .await;
    let page = harness.scrape().await;
    assert!(is_in(&page, &building) && !is_in(&whole, &building));
    let sensors = page.samples("density_sensor_info").len();
    assert!((1..60).contains(&sensors));
    assert_eq!(page.samples("density_sensor_health").len(), sensors * 4);

    harness.reload(OAUTH).await;
    assert_eq!(harness.scrape().await.data(), whole.data());
    assert_eq!(harness.simulator.calls().total(), calls);
}

#[tokio::test(start_paused = true)]
async fn an_inventory_that_lands_after_a_reload_is_joined_under_the_new_filter() {
    let harness = Harness::new(OAUTH, steady());
    let building = building(&harness.scrape().await);
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject("*=latency:2s".parse().unwrap());
    let reload = async {
        pass(3).await;
        harness
            .reload(&filtered(&format!("{{ include: [{building}] }}"), ""))
            .await;
    };
    let (page, ()) = join(harness.scrape(), reload).await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(!page.samples("density_sensor_info").is_empty() && is_in(&page, &building));
    assert_eq!(harness.calls(EndpointName::Spaces), 1);
}

#[tokio::test(start_paused = true)]
async fn in_batches_a_wider_filter_asks_for_what_was_left_out() {
    let batches = "request: { batch_size: 500 }";
    let whole = Harness::new(OAUTH, steady()).scrape().await;
    let narrow = filtered(&format!("{{ include: [{}] }}", building(&whole)), batches);
    let harness = Harness::new(&narrow, steady());
    let few = harness.scrape().await.samples("density_sensor_info").len();
    harness.reload(&with(batches)).await;
    let page = harness.scrape().await;
    assert!(few < 60);
    for name in ["density_sensor_info", "density_space_occupancy"] {
        assert_eq!(
            page.samples(name).len(),
            whole.samples(name).len(),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_ttl_and_how_long_old_data_stands_change_at_once() {
    let ttl = |ttl: &str| with(&format!("collectors: {{ presence: {{ ttl: {ttl} }} }}"));
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness.reload(&ttl("1h")).await;
    pass(1800).await;
    let page = harness.scrape().await;
    let presence = [("collector", "presence")];
    assert_eq!(
        page.value("density_collector_ttl_seconds", &presence),
        3600.0
    );
    assert_eq!(harness.calls(EndpointName::Presence), 1);
    harness.reload(&ttl("30m")).await;
    harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Presence), 2);

    // Data that has ended does not come back when data stands for longer.
    harness
        .simulator
        .inject("presence=status:403".parse().unwrap());
    pass(1900).await;
    let old = harness.scrape().await;
    assert_eq!(old.value("density_collector_stale", &presence), 1.0);
    harness
        .reload(&(ttl("30m") + "stale: { max_age: 0s }\n"))
        .await;
    let ended = harness.scrape().await;
    assert!(ended.samples("density_space_presence").is_empty());
    harness.reload(&ttl("2h")).await;
    let page = harness.scrape().await;
    assert!(page.samples("density_space_presence").is_empty());
    harness.simulator.clear_faults();
    pass(301).await;
    assert!(
        !harness
            .scrape()
            .await
            .samples("density_space_presence")
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn series_of_a_collector_end_and_begin_with_it() {
    let off = |name: &str| with(&format!("collectors: {{ {name}: {{ enabled: false }} }}"));
    let harness = Harness::new(OAUTH, steady());
    let before = harness.scrape().await;
    harness.reload(&off("presence")).await;
    let page = harness.scrape().await;
    assert!(!page.text.contains("presence\""), "{}", page.text);
    assert_eq!(page.samples("density_space_presence").len(), 0);
    pass(60).await;
    harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Presence), 1);
    harness.reload(OAUTH).await;
    let page = harness.scrape().await;
    assert_eq!(page.data(), before.data());
    assert_eq!(harness.calls(EndpointName::Presence), 2);

    // Without the spaces there are no names, and what hung on them is shown all the same.
    harness.reload(&off("spaces")).await;
    let page = harness.scrape().await;
    assert!(page.samples("density_space_info").is_empty());
    let health = page.samples("density_sensor_health");
    assert_eq!(health.len(), before.samples("density_sensor_health").len());
    let fresh = Harness::new(&off("spaces"), steady()).scrape().await;
    assert_eq!(page.data(), fresh.data());
}

#[tokio::test(start_paused = true)]
async fn a_token_stays_with_its_credentials_and_goes_with_others() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness
        .reload(&with("request: { timeout: 5s, retries: 0 }"))
        .await;
    pass(3000).await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
    assert_eq!(harness.calls(EndpointName::Token), 1);

    harness
        .reload(&OAUTH.replace("simulated-client", "stranger"))
        .await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 0.0);
    // What was read before stands, and says how old it is.
    assert!(!page.samples("density_space_presence").is_empty());

    // With a static token there is no other whose end could be told.
    harness.reload(&token("token_env: TOKEN", "")).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(!page.text.contains("endpoint=\"token\""));
    assert!(
        page.samples("density_api_token_expiry_timestamp_seconds")
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn mended_credentials_are_tried_at_once_and_a_failing_api_is_left_alone_still() {
    let harness = Harness::new(
        &token("token_env: SECRET", "request: { retries: 0 }"),
        steady(),
    );
    for _ in 0..9 {
        harness.scrape().await;
        pass(20).await;
    }
    let calls = harness.calls(EndpointName::Presence);
    harness
        .reload(&token("token_env: SECRET", "request: { retries: 1 }"))
        .await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 0.0);
    assert_eq!(harness.calls(EndpointName::Presence), calls);
    harness.reload(&token("token_env: TOKEN", "")).await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_others_brought_is_said_to_be_old_though_their_failure_is_not_counted() {
    let more = "collectors: { presence: { ttl: 10s } }\nrequest: { timeout: 5s, retries: 0 }";
    let harness = Harness::new(&token("token_env: TOKEN", more), steady());
    harness.scrape().await;
    pass(20).await;
    harness.simulator.inject("presence=hang".parse().unwrap());
    let timeout = ("X-Prometheus-Scrape-Timeout-Seconds", "1");
    harness.get("/metrics", &[timeout]).await;
    harness.reload(&token("token_env: SECRET", more)).await;
    // It waits for the refresh that began with the credentials of before, and that fails meanwhile.
    let page = harness.scrape().await;
    let of = [("collector", "presence")];
    assert!(!page.samples("density_space_presence").is_empty());
    assert_eq!(page.value("density_collector_stale", &of), 1.0);
}

#[tokio::test(start_paused = true)]
async fn an_organization_behind_another_url_begins_anew_and_its_counters_go_on() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness.simulator.inject("*=hang".parse().unwrap());
    harness
        .reload(&OAUTH.replace("api.test", "other.test"))
        .await;
    let page = harness.scrape().await;
    assert!(page.data().is_empty(), "{}", page.text);
    let labels = [("endpoint", "presence"), ("code", "200")];
    assert_eq!(page.value("density_api_requests_total", &labels), 1.0);
    let budget = "density_api_budget_requests_per_second";
    let hosts: Vec<_> = page
        .samples(budget)
        .into_iter()
        .map(|it| it.0["host"].clone())
        .collect();
    assert_eq!(hosts, ["other.test"]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_after_a_429_and_what_is_spent_stay_and_the_rate_changes_in_place() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness.simulator.inject(
        "presence=status:429,retry_after=120,times=1"
            .parse()
            .unwrap(),
    );
    pass(10).await;
    harness.scrape().await;
    let calls = harness.simulator.calls().total();
    harness.simulator.clear_faults();
    harness
        .reload(&with("budget: { requests_per_second: 8, burst: 20 }"))
        .await;
    pass(60).await;
    let page = harness.scrape().await;
    let rate = "density_api_budget_requests_per_second";
    assert_eq!(page.value(rate, &[]), 0.0);
    assert_eq!(harness.simulator.calls().total(), calls);
    pass(61).await;
    // Half of the new rate, and not of the old one.
    let slowed = harness.scrape().await.value(rate, &[]);
    assert!((4.0..4.2).contains(&slowed), "{slowed}");
    pass(600).await;
    assert_eq!(harness.scrape().await.value(rate, &[]), 8.0);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_a_link_brings_is_used_at_the_next_refresh_and_the_old_one_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // As Kubernetes does it: a link to a folder, which changes in one step.
    for (version, secret) in [("v1", "tok_withdrawn"), ("v2", "tok_simulated")] {
        std::fs::create_dir(path(version)).unwrap();
        std::fs::write(path(version).join("token"), format!("{secret}\n")).unwrap();
    }
    symlink("v1", path("data")).unwrap();
    symlink("data/token", path("token")).unwrap();
    let file = path("token").display().to_string();
    let harness = Harness::new(&token(&format!("token_file: {file}"), ""), steady());
    assert_eq!(harness.scrape().await.value("density_up", &[]), 0.0);
    assert!(harness.bearers().into_iter().eq(["Bearer tok_withdrawn"]));

    symlink("v2", path("new")).unwrap();
    std::fs::rename(path("new"), path("data")).unwrap();
    std::fs::remove_dir_all(path("v1")).unwrap();
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(harness.bearers().into_iter().eq(["Bearer tok_simulated"]));
    for page in [
        page,
        harness.get("/config", &[]).await,
        harness.get("/", &[]).await,
    ] {
        assert!(!page.text.contains("tok_withdrawn") && !page.text.contains("tok_simulated"));
    }
}
