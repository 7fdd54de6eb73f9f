//! The wall clock jumps and the machine is suspended: ages, limits and pauses go by a clock that nobody
//! sets and that runs on during suspend; only what people see goes by the wall clock.

use std::sync::Arc;
use std::time::Duration;

use density_exporter::clock::Clock;
use density_exporter::simulator::{Access, EndpointName, Options};
use futures_util::future::join;
use rstest::rstest;

use crate::harness::{Harness, LIVE, MONDAY, OAUTH, Page, pass, steady};
use crate::machine::Machine;

const HOUR: u64 = 3600;

fn harness(config: &str, options: Options) -> (Harness, Arc<Machine>) {
    let machine = Arc::new(Machine::new());
    let harness = Harness::on(machine.clone(), config, options, 40);
    (harness, machine)
}

fn suspend(machine: &Machine, seconds: u64) {
    machine.suspend(Duration::from_secs(seconds));
}

fn fault(harness: &Harness, text: &str) {
    harness.simulator.inject(text.parse().unwrap());
}

fn stale(page: &Page, collector: &str) -> f64 {
    page.value("density_collector_stale", &[("collector", collector)])
}

fn last_success(page: &Page, collector: &str) -> f64 {
    page.value(
        "density_collector_last_success_timestamp_seconds",
        &[("collector", collector)],
    )
}

/// Seconds by which the wall clock is set: hours back and forward, a leap second, a day.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_changes_no_ttl_and_no_backoff(
    #[values(-7200, -1, 1, 7200, 86_400)] jump: i64,
) {
    let (harness, machine) = harness(OAUTH, steady());
    let calls = |harness: &Harness| harness.calls(EndpointName::Presence);
    harness.scrape().await;
    pass(5).await;
    machine.set_wall(jump);
    let page = harness.scrape().await;
    assert_eq!(calls(&harness), 1);
    assert_eq!(last_success(&page, "presence"), MONDAY as f64);
    pass(5).await;
    let page = harness.scrape().await;
    assert_eq!(calls(&harness), 2);
    let now = MONDAY as f64 + 10.0 + jump as f64;
    assert_eq!(last_success(&page, "presence"), now);

    // Three failures, 10 s left alone.
    fault(&harness, "presence=status:500");
    pass(10).await;
    for _ in 0..3 {
        harness.scrape().await;
    }
    assert_eq!(calls(&harness), 5);
    machine.set_wall(jump);
    pass(9).await;
    let page = harness.scrape().await;
    assert_eq!((calls(&harness), stale(&page, "presence")), (5, 1.0));
    pass(1).await;
    harness.scrape().await;
    assert_eq!(calls(&harness), 6);

    // TTL 10 s and 10 min: 29 s and two jumps after the last success it is 580 s more.
    machine.set_wall(jump);
    pass(580).await;
    let page = harness.scrape().await;
    assert!(page.samples("density_space_presence").len() > 10);
    assert_eq!(last_success(&page, "presence"), now);
    machine.set_wall(-3 * jump);
    pass(12).await;
    let page = harness.scrape().await;
    assert_eq!(page.samples("density_space_presence"), []);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_ends_no_pause_and_prolongs_none(#[values(-7200, 7200)] jump: i64) {
    let (harness, machine) = harness(OAUTH, steady());
    harness.scrape().await;
    pass(10).await;
    fault(&harness, "presence=status:429,retry_after=60,times=1");
    harness.scrape().await;
    machine.set_wall(jump);
    let calls = harness.simulator.calls().total();
    // A refresh that could wait for the end of the pause would.
    pass(29).await;
    let start = machine.now();
    harness.scrape().await;
    assert_eq!(machine.now(), start);
    assert_eq!(harness.simulator.calls().total(), calls);
    pass(31).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(machine.now().since(start) < Duration::from_secs(33));
}

#[tokio::test(start_paused = true)]
async fn after_a_suspend_all_is_due_and_what_is_not_new_by_then_is_stale_or_gone() {
    let (harness, machine) = harness(OAUTH, steady());
    harness.scrape().await;
    suspend(&machine, 60);
    fault(&harness, "presence=hang");
    let page = harness.scrape().await;
    // Its TTL is over, but not yet those of the inventory.
    assert_eq!(LIVE.map(|it| harness.calls(it)), [1, 1, 2, 2, 2]);
    assert_eq!(stale(&page, "presence"), 1.0);
    assert_eq!(stale(&page, "current_count"), 0.0);
    assert!(page.samples("density_space_presence").len() > 10);

    harness.simulator.clear_faults();
    pass(30).await;
    harness.scrape().await;
    suspend(&machine, 8 * HOUR);
    fault(&harness, "*=hang");
    let page = harness.scrape().await;
    assert_eq!(page.data(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_scrape_that_waits_during_a_suspend_ends_and_shows_nothing_of_before_as_fresh() {
    let (harness, machine) = harness(OAUTH, steady());
    harness.scrape().await;
    pass(10).await;
    fault(&harness, "presence=hang");
    let asleep = async {
        pass(4).await;
        suspend(&machine, HOUR);
    };
    let start = tokio::time::Instant::now();
    let (page, ()) = join(harness.scrape(), asleep).await;
    // Its timers stood still, as those of whoever waits for it did.
    assert!(start.elapsed() <= Duration::from_millis(9501));
    assert_eq!(page.samples("density_space_presence"), []);
    assert_eq!(page.samples("density_sensor_health"), []);

    // The refresh that hung makes no more call than the one that it made before.
    let calls = harness.calls(EndpointName::Presence);
    pass(30).await;
    assert_eq!(harness.calls(EndpointName::Presence), calls);
    harness.simulator.clear_faults();
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_a_suspend_is_as_old_as_its_question() {
    let (harness, machine) = harness(OAUTH, steady());
    fault(&harness, "presence=latency:3s,times=1");
    let asleep = async {
        pass(1).await;
        suspend(&machine, 300);
    };
    let (page, ()) = join(harness.scrape(), asleep).await;
    assert_eq!(page.success("presence"), 1.0);
    assert!(page.samples("density_space_presence").len() > 10);
    let duration = [("collector", "presence")];
    let duration = page.value("density_collector_duration_seconds", &duration);
    assert_eq!(duration, 303.0);
    harness.scrape().await;
    assert_eq!(harness.calls(EndpointName::Presence), 2);
}

#[tokio::test(start_paused = true)]
async fn a_pause_after_a_429_ends_during_a_suspend_also_for_those_who_wait() {
    let (harness, machine) = harness(OAUTH, steady());
    harness.scrape().await;
    pass(10).await;
    fault(&harness, "presence=status:429,retry_after=25,times=1");
    let header = [("x-prometheus-scrape-timeout-seconds", "1")];
    let page = harness.get("/metrics", &header).await;
    assert_eq!(
        page.value("density_api_budget_requests_per_second", &[]),
        0.0
    );
    let calls = harness.calls(EndpointName::Presence);
    suspend(&machine, 26);
    pass(1).await;
    // The refresh that waited for the end of the pause has gone on.
    assert_eq!(harness.calls(EndpointName::Presence), calls + 1);
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert!(page.value("density_api_budget_requests_per_second", &[]) > 4.9);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_was_used_up_is_full_after_a_suspend_and_no_fuller() {
    let config = format!(
        "{OAUTH}\nbudget: {{ requests_per_second: 1, burst: 6 }}\nrequest: {{ timeout: 1s, retries: 0 }}"
    );
    let (harness, machine) = harness(&config, steady());
    let calls = |harness: &Harness| harness.simulator.calls().total();
    // A token and five collectors.
    harness.scrape().await;
    assert_eq!(calls(&harness), 6);
    suspend(&machine, 8 * HOUR);
    fault(&harness, "*=status:500");
    harness.scrape().await;
    assert_eq!(calls(&harness), 11);
    // One is left of the burst, and one comes in the second that a refresh has.
    harness.scrape().await;
    assert!(calls(&harness) <= 13, "{}", calls(&harness));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_token_is_known_by_the_clock_that_nobody_sets() {
    let options = || Options {
        access: Access {
            token_lifetime: Duration::from_secs(4 * HOUR),
            ..Access::default()
        },
        ..steady()
    };
    for jump in [-86_400, 86_400] {
        let (harness, machine) = harness(OAUTH, options());
        harness.scrape().await;
        machine.set_wall(jump);
        pass(60).await;
        let page = harness.scrape().await;
        assert_eq!(page.value("density_up", &[]), 1.0);
        assert_eq!(harness.calls(EndpointName::Token), 1, "{jump}");
    }
    let (harness, machine) = harness(OAUTH, options());
    let page = harness.scrape().await;
    let expiry = |page: &Page| page.value("density_api_token_expiry_timestamp_seconds", &[]);
    assert_eq!(expiry(&page), (MONDAY + 4 * HOUR) as f64);
    suspend(&machine, 5 * HOUR);
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(harness.calls(EndpointName::Token), 2);
    // It was not tried in vain.
    assert_eq!(harness.simulator.calls().with_status(401), 0);
    assert_eq!(expiry(&page), (MONDAY + 9 * HOUR) as f64);
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_before_1970_breaks_nothing_and_is_shown_as_0() {
    let (harness, machine) = harness(OAUTH, steady());
    harness.scrape().await;
    machine.set_wall(-(MONDAY as i64) - 10 * 365 * 86_400);
    assert!(machine.wall() < std::time::SystemTime::UNIX_EPOCH);
    pass(10).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
    assert_eq!(last_success(&page, "presence"), 0.0);
    assert_eq!(last_success(&page, "spaces"), MONDAY as f64);
    // A date is 66 years away then, and a pause lasts an hour at the most.
    let date = "Mon, 23 Nov 2026 10:00:10 GMT";
    fault(
        &harness,
        &format!("presence=status:429,retry_after=\"{date}\",times=1"),
    );
    pass(10).await;
    harness.scrape().await;
    assert_eq!(harness.get("/", &[]).await.status, 200);
    pass(HOUR).await;
    harness.scrape().await;
    pass(1).await;
    let page = harness.scrape().await;
    assert_eq!(page.value("density_up", &[]), 1.0);
}
