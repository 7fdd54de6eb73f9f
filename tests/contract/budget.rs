//! No configuration that is accepted draws a 429; one that comes all the same stops the calls.

use std::time::Duration;

use density_exporter::simulator::{EndpointName, Options};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Harness, LIVE, OAUTH, pass, steady};

/// A configuration of up to four organizations, at the documented limit or below it.
fn configurations() -> impl Strategy<Value = String> {
    let ttls = prop::collection::vec(1u32..20, 5);
    let batch_size = prop_oneof![Just(0usize), 5usize..200];
    (1usize..5, ttls, batch_size, 1u32..=15, 1u32..=100, 0u32..4).prop_map(
        |(organizations, ttls, batch_size, rate, burst, retries)| {
            let mut text = String::from("organizations:\n");
            for number in 0..organizations {
                text += &format!(
                    "  - {{ name: org{number}, api_url: https://api.test, auth: {{ client_id: simulated-client, client_secret_env: SECRET }} }}\n"
                );
            }
            text += "collectors:\n";
            for (endpoint, ttl) in LIVE.iter().zip(ttls) {
                text += &format!("  {}: {{ ttl: {ttl}s }}\n", endpoint.name());
            }
            text += &format!("budget: {{ requests_per_second: {rate}, burst: {burst} }}\n");
            text += &format!("request: {{ batch_size: {batch_size}, retries: {retries} }}\n");
            text
        },
    )
}

#[tokio::test(start_paused = true)]
async fn no_accepted_configuration_draws_a_429_in_ten_minutes() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let environment = [("SECRET", "simulated-secret")];
    let mut accepted = 0;
    // `scripts/verify` tries more.
    let wanted = std::env::var("CONFIGURATIONS").map_or(12, |it| it.parse().unwrap());
    while accepted < wanted {
        let text = configurations().new_tree(&mut runner).unwrap().current();
        // What `check-config` refuses, `serve` refuses.
        if density_exporter::config::from_text("test.yml", &text, &environment).is_err() {
            continue;
        }
        accepted += 1;
        let small = Options {
            buildings: 1,
            sensors: 20,
            ..steady()
        };
        let harness = Harness::new(&text, small);
        // Answers take their time, and some fail so that they are tried again.
        harness.simulator.inject("*=latency:150ms".parse().unwrap());
        harness
            .simulator
            .inject("presence=status:503,times=9".parse().unwrap());
        for _ in 0..60 {
            assert_eq!(harness.scrape().await.status, 200);
            pass(10).await;
        }
        let calls = harness.simulator.calls();
        assert!(calls.total() > 50, "{text}");
        assert_eq!(calls.with_status(429), 0, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_documented_limit_a_large_burst_draws_no_429() {
    let mut text = String::from("organizations:\n");
    for number in 0..60 {
        text += &format!(
            "  - {{ name: org{number}, api_url: https://api.test, auth: {{ token_env: TOKEN }} }}\n"
        );
    }
    text += "collectors: { current_count: { ttl: 60s }, presence: { ttl: 60s }, sensor_health: { ttl: 60s } }\n";
    text += "budget: { requests_per_second: 15, burst: 100 }\n";
    let harness = Harness::new(&text, steady());
    harness.scrape().await;
    pass(60).await;
    let page = harness.scrape().await;
    assert_eq!(harness.simulator.calls().with_status(429), 0);
    // 300 calls: 100 at once, and 15 a second for as long as the refresh may take.
    assert_eq!(harness.calls(EndpointName::Spaces), 60);
    assert!(page.value("density_api_budget_wait_seconds_total", &[]) > 100.0);
}

#[tokio::test(start_paused = true)]
async fn after_a_429_calls_stop_for_as_long_as_it_says() {
    for retry_after in ["60", "\"Mon, 23 Nov 2026 10:01:00 GMT\""] {
        let harness = Harness::new(OAUTH, steady());
        let fault = format!("*=status:429,retry_after={retry_after},times=1");
        harness.simulator.inject(fault.parse().unwrap());
        let page = harness.scrape().await;
        assert_eq!(page.value("density_up", &[]), 0.0);
        assert_eq!(
            page.value("density_api_budget_requests_per_second", &[]),
            0.0
        );
        let calls = harness.simulator.calls().total();
        assert_eq!(calls, 1, "{retry_after}");
        loop {
            pass(11).await;
            let start = harness.clock.now();
            harness.scrape().await;
            assert!(harness.clock.now().since(start) < Duration::from_millis(9501));
            if harness.clock.wall() >= at(60) {
                break;
            }
            assert_eq!(harness.simulator.calls().total(), calls, "{retry_after}");
        }
        pass(20).await;
        let page = harness.scrape().await;
        assert_eq!(page.value("density_up", &[]), 1.0);
        let rate = page.value("density_api_budget_requests_per_second", &[]);
        assert!((5.0..7.0).contains(&rate), "{rate}");
        pass(300).await;
        let page = harness.scrape().await;
        let rate = page.value("density_api_budget_requests_per_second", &[]);
        assert_eq!(rate, 10.0);
    }
}

/// The wall clock's time that many seconds after the start.
fn at(seconds: u64) -> std::time::SystemTime {
    std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(crate::harness::MONDAY + seconds)
}

#[tokio::test(start_paused = true)]
async fn batches_ask_for_every_space_once() {
    let harness = Harness::new(
        &format!("{OAUTH}\nrequest: {{ batch_size: 25 }}"),
        Options {
            spaces: Some(103),
            ..steady()
        },
    );
    let batched = harness.scrape().await;
    assert_eq!(batched.value("density_up", &[]), 1.0);
    assert_eq!(harness.calls(EndpointName::Spaces), 1);
    assert_eq!(harness.calls(EndpointName::Presence), 5);
    let whole = Harness::new(
        OAUTH,
        Options {
            spaces: Some(103),
            ..steady()
        },
    )
    .scrape()
    .await;
    assert_eq!(batched.data(), whole.data());
}

#[tokio::test(start_paused = true)]
async fn a_429_counts_from_its_head_and_a_burst_of_them_slows_down_once() {
    let config = "
organizations:
  - { name: acme, api_url: https://api.test, auth: { token_env: TOKEN } }
";
    let harness = Harness::new(config, steady());
    let fault = "*=status:429,retry_after=0,times=5";
    harness.simulator.inject(fault.parse().unwrap());
    harness.simulator.inject("*=latency:50ms".parse().unwrap());
    let page = harness.scrape().await;
    // Five calls were on their way; after a short pause they are tried again with success.
    assert_eq!(page.value("density_up", &[]), 1.0);
    let rate = page.value("density_api_budget_requests_per_second", &[]);
    assert!((5.0..6.0).contains(&rate), "{rate}");
}

#[tokio::test(start_paused = true)]
async fn waiting_out_a_429_is_not_held_against_the_endpoint() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let fault = "presence=status:429,retry_after=120,times=1";
    harness.simulator.inject(fault.parse().unwrap());
    for _ in 0..12 {
        pass(10).await;
        harness.scrape().await;
    }
    // Two minutes of refreshes that could not even begin, and then all is well at once.
    pass(10).await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
}

/// Presence of so many spaces, and the list of them, are all that is asked for.
fn presence_alone(spaces: usize, rest: &str) -> Harness {
    let config = format!(
        "
organizations:
  - {{ name: acme, api_url: https://api.test, auth: {{ token_env: TOKEN }} }}
collectors:
  sensors: {{ enabled: false }}
  current_count: {{ enabled: false }}
  presence: {{ ttl: 60s }}
  sensor_health: {{ enabled: false }}
{rest}
"
    );
    let options = Options {
        spaces: Some(spaces),
        ..steady()
    };
    Harness::new(&config, options)
}

#[tokio::test(start_paused = true)]
async fn batches_that_do_not_fit_into_a_refresh_leave_the_budget_alone_for_a_while() {
    // With the second the last calls of a refresh have no time left for their answers.
    for latency in ["0ms", "1500ms"] {
        let rest = "budget: { requests_per_second: 1, burst: 10 }
request: { batch_size: 1, timeout: 10s, retries: 0 }";
        let harness = presence_alone(103, rest);
        let fault = format!("presence=latency:{latency}");
        harness.simulator.inject(fault.parse().unwrap());
        for _ in 0..120 {
            harness.scrape().await;
            pass(10).await;
        }
        // In 20 minutes the budget has 1,200 calls; a refresh has 20 at most.
        let calls = harness.calls(EndpointName::Presence);
        assert!((40..300).contains(&calls), "{calls}");
        let page = harness.get("/", &[]).await;
        assert!(page.text.contains(" of 103 batches "), "{}", page.text);
        assert!(page.text.contains("request.batch_size"), "{}", page.text);
    }
}

#[tokio::test(start_paused = true)]
async fn batches_that_do_not_fit_for_once_are_no_mistake_in_the_configuration() {
    let harness = presence_alone(250, "request: { batch_size: 1 }");
    let fault = "presence=status:429,retry_after=1,times=1";
    harness.simulator.inject(fault.parse().unwrap());
    harness.scrape().await;
    pass(31).await;
    // The rate is halved after a 429: 250 calls do not fit into half a minute then.
    let page = harness.get("/", &[]).await;
    assert!(
        page.text.contains("no call left in the budget"),
        "{}",
        page.text
    );
    for _ in 0..60 {
        pass(10).await;
        harness.scrape().await;
    }
    assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn when_a_batch_fails_for_good_the_others_are_not_tried_again() {
    let config = format!("{OAUTH}\nrequest: {{ batch_size: 25 }}");
    let options = Options {
        spaces: Some(103),
        ..steady()
    };
    let harness = Harness::new(&config, options);
    // All are on their way before the first fails.
    let faults = [
        "presence=latency:50ms",
        "presence=status:403,times=1",
        "presence=status:503",
    ];
    for fault in faults {
        harness.simulator.inject(fault.parse().unwrap());
    }
    let page = harness.scrape().await;
    let presence = [("collector", "presence")];
    assert_eq!(page.value("density_collector_success", &presence), 0.0);
    assert_eq!(harness.calls(EndpointName::Presence), 5);
    let retries = page.value("density_api_retries_total", &[("endpoint", "presence")]);
    assert_eq!(retries, 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_the_budget_refuses_is_none_and_hides_no_cause() {
    let config = "
organizations:
  - { name: acme, api_url: https://api.test, auth: { token_env: TOKEN } }
collectors:
  spaces: { enabled: false }
  sensors: { enabled: false }
  current_count: { enabled: false }
  sensor_health: { enabled: false }
budget: { requests_per_second: 0.2, burst: 1 }
request: { timeout: 1s, retries: 1 }
";
    let harness = Harness::new(config, steady());
    harness
        .simulator
        .inject("presence=status:503".parse().unwrap());
    let page = harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Presence), 1);
    let retries = page.value("density_api_retries_total", &[("endpoint", "presence")]);
    assert_eq!(retries, 0.0);
    let page = harness.get("/", &[]).await;
    assert!(page.text.contains("503 from the API"), "{}", page.text);
}
