//! A reload: what goes on, what ends, and what a bad configuration does.

use density_exporter::simulator::EndpointName;
use futures_util::future::{join, join_all};
use http::{Method, Request};

use crate::harness::{Harness, MONDAY, OAUTH, Page, pass, steady};

/// Organizations of these names, with OAuth, and `more`.
fn organizations(names: &[&str], more: &str) -> String {
    let mut text = String::from("organizations:\n");
    for name in names {
        text += &format!(
            "  - {{ name: {name}, api_url: https://api.test, auth: {{ client_id: simulated-client, client_secret_env: SECRET }} }}\n"
        );
    }
    text + more
}

fn of<'p>(page: &'p Page, organization: &str) -> Vec<&'p str> {
    let label = format!("organization=\"{organization}\"");
    page.text.lines().filter(|it| it.contains(&label)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_reload_that_changes_nothing_forgets_nothing() {
    let harness = Harness::new(OAUTH, steady());
    let before = harness.scrape().await;
    let calls = harness.simulator.calls().total();
    let work = harness.exporter.page_work();
    pass(5).await;
    harness.reload(OAUTH).await;
    let after = harness.scrape().await;
    assert_eq!(of(&after, "acme"), of(&before, "acme"));
    assert_eq!(harness.simulator.calls().total(), calls);
    assert_eq!(harness.exporter.page_work(), work);
    let time = "density_exporter_config_last_reload_success_timestamp_seconds";
    assert_eq!(before.value(time, &[]).trunc(), MONDAY as f64);
    assert_eq!(after.value(time, &[]).trunc(), (MONDAY + 5) as f64);
    // The ages go on: ten seconds after the first scrape what is due then is due.
    pass(5).await;
    harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Presence), 2);
    assert_eq!(harness.calls(EndpointName::Token), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bad_configuration_changes_nothing_and_is_told_whole() {
    let harness = Harness::new(OAUTH, steady());
    let before = harness.scrape().await;
    let config = harness.get("/config", &[]).await.text;
    pass(5).await;
    let bad = "organizations:\n  - name: acme\n    auth: { token_env: NONE }\ncollectors: { presence: { ttl: 1ms } }\n";
    let answer = harness.try_reload(bad).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.text,
        "the configuration is not good; the one before stays in force\n\
         test.yml:3: organizations[0].auth.token_env: the variable NONE is not set; set it or name another\n\
         test.yml:4: collectors.presence.ttl: \"1ms\" is out of range; write a duration from 1s to 30days\n"
    );
    let after = harness.scrape().await;
    assert_eq!(of(&after, "acme"), of(&before, "acme"));
    assert_eq!(harness.get("/config", &[]).await.text, config);
    let successful = "density_exporter_config_last_reload_successful";
    let time = "density_exporter_config_last_reload_success_timestamp_seconds";
    assert_eq!(before.value(successful, &[]), 1.0);
    assert_eq!(after.value(successful, &[]), 0.0);
    assert_eq!(after.value(time, &[]), before.value(time, &[]));

    harness.reload(OAUTH).await;
    let mended = harness.scrape().await;
    assert_eq!(mended.value(successful, &[]), 1.0);
    assert_eq!(mended.value(time, &[]), before.value(time, &[]) + 5.0);
    let code = |code| [("handler", "/-/reload"), ("code", code)];
    let requests = "density_exporter_http_requests_total";
    assert_eq!(mended.value(requests, &code("500")), 1.0);
    assert_eq!(mended.value(requests, &code("200")), 1.0);
}

#[tokio::test(start_paused = true)]
async fn only_post_reloads() {
    let harness = Harness::new(OAUTH, steady());
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        let request = Request::builder().method(method).uri("/-/reload");
        let answer = harness.send(request.body(()).unwrap()).await;
        assert_eq!(answer.status(), 405);
        assert_eq!(answer.headers()["allow"], "POST");
    }
    let answer = harness.try_reload(OAUTH).await;
    assert_eq!(answer.text, "the configuration was read again\n");
}

#[tokio::test(start_paused = true)]
async fn all_series_of_a_removed_organization_end_and_the_rest_goes_on() {
    let both = organizations(&["acme", "beta"], "");
    let harness = Harness::new(&both, steady());
    harness.scrape().await;
    pass(30).await;
    let before = harness.scrape().await;
    assert!(!of(&before, "beta").is_empty());
    harness.reload(&organizations(&["acme"], "")).await;
    let after = harness.scrape().await;
    assert_eq!(of(&after, "acme"), of(&before, "acme"));
    assert!(!after.text.contains("beta"));
    let narrowed = harness.get("/metrics?organization=beta", &[]).await;
    assert_eq!(narrowed.status, 400);
    assert!(!harness.get("/config", &[]).await.text.contains("beta"));

    // One that is back begins anew, and one that is new begins.
    harness
        .reload(&organizations(&["gamma", "acme", "beta"], ""))
        .await;
    let back = harness.scrape().await;
    assert_eq!(of(&back, "acme"), of(&before, "acme"));
    for name in ["beta", "gamma"] {
        let labels = [
            ("organization", name),
            ("endpoint", "presence"),
            ("code", "200"),
        ];
        assert_eq!(back.value("density_api_requests_total", &labels), 1.0);
        assert_eq!(back.value("density_up", &[("organization", name)]), 1.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_of_a_removed_organization_ends_unseen() {
    let harness = Harness::new(&organizations(&["acme", "beta"], ""), steady());
    harness.simulator.inject("*=latency:5s".parse().unwrap());
    let short = [("x-prometheus-scrape-timeout-seconds", "1")];
    harness.get("/metrics", &short).await;
    harness.reload(&organizations(&["acme"], "")).await;
    pass(20).await;
    harness.simulator.clear_faults();
    let page = harness.scrape().await;
    assert!(!page.text.contains("beta"));
    assert_eq!(page.value("density_up", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_under_way_is_waited_for_and_lands_once() {
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject("*=latency:3s".parse().unwrap());
    let longer = format!("{OAUTH}collectors: {{ presence: {{ ttl: 1h }} }}\n");
    let reload = async {
        pass(4).await;
        harness.reload(&longer).await;
    };
    let (page, ()) = join(harness.scrape(), reload).await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    let ttl = page.value(
        "density_collector_ttl_seconds",
        &[("collector", "presence")],
    );
    assert_eq!(ttl, 3600.0);
    assert_eq!(harness.simulator.calls().total(), 6);
    let labels = [("endpoint", "presence"), ("code", "200")];
    assert_eq!(page.value("density_api_requests_total", &labels), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_scrape_that_a_reload_overtakes_shows_the_new_configuration_whole() {
    let harness = Harness::new(&organizations(&["acme", "beta"], ""), steady());
    harness.simulator.inject("*=latency:2s".parse().unwrap());
    let without_counts = "collectors: { current_count: { enabled: false } }\n";
    let reload = async {
        pass(1).await;
        harness
            .reload(&organizations(&["gamma", "acme"], without_counts))
            .await;
    };
    let (page, ()) = join(harness.scrape(), reload).await;
    assert_eq!(page.status, 200);
    for name in ["acme", "gamma"] {
        assert_eq!(page.value("density_up", &[("organization", name)]), 1.0);
    }
    assert!(!page.text.contains("beta") && !page.text.contains("current_count"));
    assert!(page.samples("density_space_occupancy").is_empty());
    // Asked for the organization that went, it is told so.
    let reload = async {
        pass(1).await;
        harness.reload(&organizations(&["gamma"], "")).await;
    };
    pass(60).await;
    let (page, ()) = join(harness.get("/metrics?organization=acme", &[]), reload).await;
    assert_eq!(page.status, 400);
}

#[tokio::test(start_paused = true)]
async fn reloads_at_once_take_place_one_after_the_other() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let names = ["one", "two", "three", "four", "five"];
    let configs: Vec<_> = names.map(|it| organizations(&["acme", it], "")).into();
    let reloads = configs.iter().cycle().take(50).map(|it| harness.reload(it));
    join_all(reloads).await;
    let config = harness.get("/config", &[]).await.text;
    let page = harness.scrape().await;
    let there: Vec<_> = names
        .into_iter()
        .filter(|it| config.contains(&format!("name: {it}\n")))
        .collect();
    assert_eq!(there.len(), 1, "{config}");
    for name in names {
        assert_eq!(!of(&page, name).is_empty(), there == [name], "{name}");
    }
    assert_eq!(harness.calls(EndpointName::Spaces), 2);
}
