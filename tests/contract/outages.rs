//! The API hangs, fails or is away: scrapes keep their deadline, the rest stays fresh, and everything
//! comes back by itself.

use std::time::Duration;

use density_exporter::simulator::{EndpointName, Fault};
use rstest::rstest;

use crate::harness::{Harness, LIVE, MONDAY, OAUTH, pass, steady};

fn fault(text: &str) -> Fault {
    text.parse().unwrap()
}

#[rstest]
#[case("*=hang")]
#[case("*=hang_in_body")]
#[case("*=latency:1h")]
#[tokio::test(start_paused = true)]
async fn when_everything_hangs_a_scrape_keeps_its_deadline_and_the_next_due_one_has_data(
    #[case] hanging: &str,
) {
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject(fault(hanging));
    let start = harness.clock.now();
    let header = [("x-prometheus-scrape-timeout-seconds", "2")];
    let page = harness.get("/metrics", &header).await;
    let took = harness.clock.now().since(start);
    assert_eq!(page.status, 200);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(page.value("density_up", &[]), 0.0);
    assert_eq!(
        page.samples("density_collector_last_success_timestamp_seconds"),
        []
    );

    harness.simulator.clear_faults();
    // The refresh that was under way ends on its own, at the latest when its time is up.
    pass(31).await;
    let page = harness.get("/metrics", &header).await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(page.samples("density_sensor_info").len(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_goes_on_behind_a_scrape_that_could_not_wait() {
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject(fault("*=latency:3s"));
    let header = [("x-prometheus-scrape-timeout-seconds", "2")];
    let page = harness.get("/metrics", &header).await;
    assert_eq!(page.value("density_up", &[]), 0.0);
    pass(8).await;
    let calls = harness.simulator.calls().total();
    let page = harness.get("/metrics", &header).await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(page.samples("density_space_presence").len() > 10);
    // It was asked for once, and the data of that refresh is still fresh but for the shortest TTLs.
    assert!(harness.simulator.calls().total() <= calls + 2);
}

#[tokio::test(start_paused = true)]
async fn one_collector_that_fails_leaves_the_rest_fresh_and_its_own_data_ends_in_time() {
    let harness = Harness::new(OAUTH, steady());
    let before = harness.scrape().await;
    let last_success = |page: &crate::harness::Page| {
        page.value(
            "density_collector_last_success_timestamp_seconds",
            &[("collector", "sensor_health")],
        )
    };
    let when = last_success(&before);
    assert_eq!(when.trunc(), MONDAY as f64);
    harness.simulator.inject(fault("sensor_health=status:500"));

    // TTL 30 s, max_age 10 min: at 630 s the data is still there, a moment later it is not.
    for seconds in [30, 45, 300, 600, 629] {
        pass_until(&harness, seconds).await;
        let page = harness.scrape().await;
        assert_eq!(page.success("sensor_health"), 0.0, "{seconds}");
        assert_eq!(page.value("density_up", &[]), 0.0);
        assert_eq!(
            page.samples("density_sensor_health").len(),
            240,
            "{seconds}"
        );
        assert_eq!(
            page.value("density_collector_stale", &[("collector", "sensor_health")]),
            1.0
        );
        assert_eq!(last_success(&page), when);
        for collector in ["spaces", "sensors", "current_count", "presence"] {
            assert_eq!(page.success(collector), 1.0, "{collector}");
            assert_eq!(
                page.value("density_collector_stale", &[("collector", collector)]),
                0.0
            );
        }
    }
    pass_until(&harness, 632).await;
    let page = harness.scrape().await;
    assert_eq!(page.samples("density_sensor_health"), []);
    assert_eq!(
        page.samples("density_sensor_last_status_change_timestamp_seconds"),
        []
    );
    assert_eq!(
        page.value("density_collector_stale", &[("collector", "sensor_health")]),
        0.0
    );
    assert_eq!(last_success(&page), when);
    assert_eq!(page.samples("density_sensor_info").len(), 60);

    harness.simulator.clear_faults();
    pass(300).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(page.samples("density_sensor_health").len(), 240);
    assert!(last_success(&page) > when + 900.0);
}

/// Waits until `seconds` after Monday's start.
async fn pass_until(harness: &Harness, seconds: u64) {
    let now = density_exporter::clock::unix_seconds(harness.clock.wall());
    let wait = (MONDAY + seconds) as f64 - now;
    let wait = Duration::try_from_secs_f64(wait.max(0.0)).unwrap();
    tokio::time::sleep(wait).await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_few_calls_and_recovery_needs_no_restart() {
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject(fault("*=status:503"));
    for _ in 0..240 {
        let page = harness.scrape().await;
        assert_eq!(
            (page.status.as_u16(), page.value("density_up", &[])),
            (200, 0.0)
        );
        pass(15).await;
    }
    // An hour: backing off to once in five minutes, three attempts each; without it, it were 240 and
    // three times as many.
    let calls = harness.calls(EndpointName::Token);
    assert!((20..=400).contains(&calls), "{calls}");
    assert_eq!(harness.calls(EndpointName::Spaces), 0);

    harness.simulator.clear_faults();
    pass(300).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
    let cases = [
        ("sensors=status:502,times=2", 3, 1.0),
        ("sensors=status:503,times=2", 3, 1.0),
        ("sensors=status:504,times=2", 3, 1.0),
        ("sensors=reset,times=1", 2, 1.0),
        ("sensors=truncate,times=1", 2, 1.0),
        ("sensors=status:500,times=1", 1, 0.0),
        ("sensors=status:403,times=1", 1, 0.0),
        ("sensors=status:404,times=1", 1, 0.0),
        ("sensors=garbage,times=1", 1, 0.0),
        ("sensors=status:503,times=3", 3, 0.0),
    ];
    for (text, calls, success) in cases {
        let harness = Harness::new(OAUTH, steady());
        harness.simulator.inject(fault(text));
        let page = harness.scrape().await;
        assert_eq!(harness.calls(EndpointName::Sensors), calls, "{text}");
        assert_eq!(page.success("sensors"), success, "{text}");
        let retries = page.value("density_api_retries_total", &[("endpoint", "sensors")]);
        assert_eq!(retries as u64, calls - 1, "{text}");
        assert_eq!(page.success("presence"), 1.0, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_failure_is_counted_by_what_it_was() {
    let cases = [
        ("presence=status:500", "500"),
        ("presence=status:418", "418"),
        ("presence=hang", "timeout"),
        ("presence=hang_in_body", "timeout"),
        ("presence=trickle:10", "timeout"),
        ("presence=truncate", "reset"),
        ("presence=reset", "reset"),
        ("presence=garbage", "decode"),
        ("presence=html", "502"),
        ("presence=error_with_200", "decode"),
        ("presence=huge:2000000000", "too_large"),
        ("presence=redirect:https://evil.test/", "307"),
        // The answer is read whole, but nothing in it is an entry.
        ("presence=deep:200000", "200"),
    ];
    for (text, code) in cases {
        let harness = Harness::new(
            &format!("{OAUTH}\nrequest: {{ retries: 0, timeout: 5s, max_memory: 4MiB }}"),
            steady(),
        );
        harness.simulator.inject(fault(text));
        let page = harness.scrape().await;
        assert_eq!(page.status, 200);
        let counted = |code: &str| {
            page.sum(
                "density_api_requests_total",
                &[("endpoint", "presence"), ("code", code)],
            )
        };
        assert_eq!(counted(code), 1.0, "{text}: {}", page.text);
        assert_eq!(page.success("presence"), 0.0, "{text}");
        for collector in ["spaces", "sensors", "current_count", "sensor_health"] {
            assert_eq!(page.success(collector), 1.0, "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn health_is_shown_without_its_place_when_the_inventory_fails() {
    let harness = Harness::new(OAUTH, steady());
    for endpoint in ["spaces", "sensors"] {
        harness
            .simulator
            .inject(fault(&format!("{endpoint}=status:500")));
    }
    let page = harness.scrape().await;
    let healths = page.samples("density_sensor_health");
    assert_eq!(healths.len(), 240);
    assert!(
        healths
            .iter()
            .all(|(labels, _)| !labels.contains_key("building"))
    );
    assert!(
        page.samples("density_space_presence")
            .iter()
            .all(|(it, _)| !it.contains_key("space"))
    );

    harness.simulator.clear_faults();
    pass(30).await;
    let page = harness.scrape().await;
    let healths = page.samples("density_sensor_health");
    assert_eq!(healths.len(), 240);
    assert!(
        healths
            .iter()
            .any(|(labels, _)| labels.contains_key("building"))
    );
}

#[tokio::test(start_paused = true)]
async fn live_values_wait_for_their_names() {
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject(fault("spaces=latency:4s"));
    harness.simulator.inject(fault("sensors=latency:4s"));
    for uri in ["/metrics?collect[]=presence", "/metrics"] {
        let page = harness.get(uri, &[]).await;
        let named = page.samples("density_space_presence");
        assert!(named.len() > 10);
        assert!(
            named
                .iter()
                .any(|(labels, _)| labels.contains_key("building")),
            "{uri}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_collector_that_hangs_delays_no_other_past_the_deadline() {
    for endpoint in LIVE {
        let harness = Harness::new(OAUTH, steady());
        harness.simulator.inject(fault(&format!("{endpoint}=hang")));
        let start = harness.clock.now();
        let page = harness.scrape().await;
        assert!(harness.clock.now().since(start) <= Duration::from_millis(9501));
        for other in LIVE {
            let expected = f64::from(other != endpoint);
            assert_eq!(
                page.success(other.name()),
                expected,
                "{other} while {endpoint} hangs"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn in_batches_too_spaces_that_hang_delay_nobody() {
    let config = format!("{OAUTH}\nrequest: {{ batch_size: 50 }}");
    let harness = Harness::new(&config, steady());
    harness.scrape().await;
    harness.simulator.inject(fault("spaces=hang"));
    pass(900).await;
    for _ in 0..5 {
        pass(15).await;
        let page = harness.scrape().await;
        assert_eq!(page.success("presence"), 1.0);
        assert_eq!(
            page.value("density_collector_stale", &[("collector", "presence")]),
            0.0
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_is_the_last_that_is_sent_and_each_that_was_sent_is_counted() {
    let config = format!("{OAUTH}\nrequest: {{ batch_size: 5 }}");
    let harness = Harness::new(&config, steady());
    harness
        .simulator
        .inject(fault("presence=status:403,times=1"));
    harness.simulator.inject(fault("presence=latency:100ms"));
    let page = harness.scrape().await;
    assert_eq!(page.success("presence"), 0.0);
    let sent = harness.calls(EndpointName::Presence);
    assert!(sent < 15, "{sent}");
    let counted = page.sum("density_api_requests_total", &[("endpoint", "presence")]);
    assert_eq!(counted, sent as f64);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_its_timeout_and_a_refresh_its_limit() {
    for (retries, attempts, seconds) in [(0, 1, 2.0), (2, 3, 6.0)] {
        let config = format!("{OAUTH}\nrequest: {{ timeout: 2s, retries: {retries} }}");
        let harness = Harness::new(&config, steady());
        harness.simulator.inject(fault("presence=hang"));
        let page = harness.scrape().await;
        // Waiting between the attempts leaves less than its timeout to the last.
        let duration = page.value(
            "density_collector_duration_seconds",
            &[("collector", "presence")],
        );
        assert!(
            duration <= seconds && duration > seconds - 0.1,
            "{duration}"
        );
        assert_eq!(harness.calls(EndpointName::Presence), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_503_that_says_when_is_tried_again_then() {
    let harness = Harness::new(OAUTH, steady());
    harness
        .simulator
        .inject(fault("sensors=status:503,retry_after=4,times=1"));
    let start = harness.clock.now();
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    let took = harness.clock.now().since(start).as_secs_f64();
    assert!((4.0..5.0).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn attempts_are_spread_by_chance() {
    let mut waits = Vec::new();
    for _ in 0..8 {
        let harness = Harness::new(OAUTH, steady());
        harness
            .simulator
            .inject(fault("sensors=status:503,times=1"));
        let start = harness.clock.now();
        harness.scrape().await;
        waits.push(harness.clock.now().since(start));
    }
    waits.sort();
    waits.dedup();
    assert!(waits.len() > 1, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_never_ends_is_that_error_however_short_the_timeout() {
    let config = "
organizations:
  - { name: acme, api_url: https://api.test, auth: { token_env: SECRET } }
request: { timeout: 500ms }
";
    let harness = Harness::new(config, steady());
    harness.simulator.inject(fault("presence=hang_in_body"));
    harness.scrape().await;
    pass(5).await;
    // The API does not know that token; what would follow its head does not matter.
    assert_eq!(harness.calls(EndpointName::Presence), 1);
    let page = harness.get("/", &[]).await;
    let words = "the credentials are not accepted";
    assert_eq!(page.text.matches(words).count(), 5, "{}", page.text);
}
