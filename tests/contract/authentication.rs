//! Tokens: fetched when first needed, kept, renewed ahead, renewed once when turned away.

use std::time::Duration;

use density_exporter::simulator::{Access, EndpointName, ExpiresIn, Options};

use crate::harness::{Harness, MONDAY, OAUTH, pass, steady};

fn short_lived(expires_in: ExpiresIn) -> Options {
    Options {
        access: Access {
            token_lifetime: Duration::from_secs(3600),
            expires_in,
            ..Access::default()
        },
        ..steady()
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_and_renewed_ahead_of_its_end_by_one_flight() {
    for expires_in in [ExpiresIn::Text, ExpiresIn::Number] {
        let harness = Harness::new(OAUTH, short_lived(expires_in));
        let page = harness.scrape().await;
        let expiry = page.value("density_api_token_expiry_timestamp_seconds", &[]);
        assert_eq!(expiry.trunc(), (MONDAY + 3600) as f64);
        // Scraped every minute for three hours: four tokens, and never a 401.
        for _ in 0..180 {
            pass(60).await;
            assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
        }
        assert_eq!(harness.calls(EndpointName::Token), 4);
        assert_eq!(harness.simulator.calls().with_status(401), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_no_longer_accepted_is_renewed_once_however_many_ask() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness.simulator.expire_tokens();
    pass(900).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(harness.calls(EndpointName::Token), 2);
}

#[tokio::test(start_paused = true)]
async fn a_401_that_stays_is_a_failure_after_one_renewal() {
    let harness = Harness::new(OAUTH, steady());
    harness
        .simulator
        .inject("presence=status:401".parse().unwrap());
    let page = harness.scrape().await;
    assert_eq!(page.success("presence"), 0.0);
    assert_eq!(page.success("sensors"), 1.0);
    assert_eq!(harness.calls(EndpointName::Presence), 2);
    assert_eq!(harness.calls(EndpointName::Token), 2);
}

#[tokio::test(start_paused = true)]
async fn when_no_token_can_be_had_one_flight_fails_for_all() {
    let harness = Harness::new(&format!("{OAUTH}\nrequest: {{ retries: 0 }}"), steady());
    harness
        .simulator
        .inject("token=status:401".parse().unwrap());
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 0.0);
    assert_eq!(harness.simulator.calls().total(), 1);
    let code = [("endpoint", "token"), ("code", "401")];
    assert_eq!(page.value("density_api_requests_total", &code), 1.0);
}

#[tokio::test(start_paused = true)]
async fn renewing_ahead_may_fail_while_the_old_token_lasts() {
    let harness = Harness::new(OAUTH, short_lived(ExpiresIn::Number));
    harness.scrape().await;
    harness
        .simulator
        .inject("token=status:500".parse().unwrap());
    pass(3590).await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
    pass(20).await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_static_token_needs_no_token_call_and_is_not_renewed() {
    let config = "
organizations:
  - { name: acme, api_url: https://api.test, auth: { token_env: TOKEN } }
";
    let harness = Harness::new(config, steady());
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(
        page.samples("density_api_token_expiry_timestamp_seconds"),
        []
    );
    harness
        .simulator
        .inject("presence=status:401".parse().unwrap());
    pass(10).await;
    assert_eq!(harness.scrape().await.success("presence"), 0.0);
    assert_eq!(harness.calls(EndpointName::Presence), 2);
    assert_eq!(harness.calls(EndpointName::Token), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_hangs_delays_nobody_while_the_old_token_lasts() {
    let harness = Harness::new(OAUTH, short_lived(ExpiresIn::Number));
    harness.scrape().await;
    harness.simulator.inject("token=hang".parse().unwrap());
    pass(3400).await;
    let start = harness.clock.now();
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(harness.clock.now().since(start) < Duration::from_secs(1));
    // One renewal is under way, and it rests after it has failed.
    for _ in 0..10 {
        harness.scrape().await;
    }
    assert_eq!(harness.calls(EndpointName::Token), 2);
    pass(20).await;
    harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Token), 2);
    harness.simulator.clear_faults();
    pass(40).await;
    harness.scrape().await;
    pass(1).await;
    assert_eq!(harness.calls(EndpointName::Token), 3);
}

#[tokio::test(start_paused = true)]
async fn a_late_401_for_the_old_token_does_not_throw_the_new_one_away() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness.simulator.expire_tokens();
    // All are sent with the old token and turned away one after the other.
    for (endpoint, milliseconds) in [("spaces", 100), ("presence", 700), ("sensor_health", 1500)] {
        let fault = format!("{endpoint}=latency:{milliseconds}ms,times=1");
        harness.simulator.inject(fault.parse().unwrap());
    }
    pass(900).await;
    assert_eq!(harness.scrape().await.value("density_up", &[]), 1.0);
    assert_eq!(harness.calls(EndpointName::Token), 2);
}
