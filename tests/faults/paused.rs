//! What takes long, on paused time: outages of a quarter of an hour, tokens that end, pauses of an hour.

use std::time::Duration;

use density_exporter::clock::Instant;
use density_exporter::density::{Endpoint, TransportError};
use density_exporter::simulator::{Access, EndpointName, Fault, FaultKind, Options};
use rstest::rstest;

use crate::harness::{Harness, MONDAY, OAUTH, Page, steady};

/// Data stands for ten seconds, and two minutes more.
const SETTINGS: &str = "
collectors: { spaces: { ttl: 10s }, sensors: { ttl: 10s }, current_count: { ttl: 10s }, presence: { ttl: 10s }, sensor_health: { ttl: 10s } }
stale: { max_age: 2m }
";
const LIVE: [Endpoint; 5] = [
    Endpoint::Spaces,
    Endpoint::Sensors,
    Endpoint::CurrentCount,
    Endpoint::Presence,
    Endpoint::SensorHealth,
];
const LONGEST_BACKOFF: u64 = 300;

/// A fault of the simulated API or of the way to it, the code that it is counted as, and whether it is
/// worth trying again at once.
enum Wrong {
    Api(&'static str, &'static str, bool),
    Way(TransportError, &'static str, bool),
}

fn wrongs() -> Vec<Wrong> {
    use TransportError::{Connect, Dns, Encoding, Reset, Tls};
    let why = || "as the test says".to_owned();
    let mut wrongs = vec![
        Wrong::Api("hang", "timeout", true),
        Wrong::Api("hang_in_body", "timeout", true),
        Wrong::Api("latency:1h", "timeout", true),
        Wrong::Api("trickle:1", "timeout", true),
        Wrong::Api("truncate", "reset", true),
        Wrong::Api("garbage", "decode", false),
        Wrong::Api("html", "502", true),
        Wrong::Api("error_with_200", "decode", false),
        Wrong::Api("redirect:https://elsewhere.test/", "307", false),
        Wrong::Way(Connect(why()), "connect", true),
        Wrong::Way(Dns(why()), "dns", true),
        Wrong::Way(Tls(why()), "tls", false),
        Wrong::Way(Reset(why()), "reset", true),
        Wrong::Way(Encoding(why()), "decode", false),
    ];
    for (text, code, again) in [
        ("status:301", "301", false),
        ("status:401", "401", false),
        ("status:403", "403", false),
        ("status:404", "404", false),
        ("status:408", "408", false),
        ("status:413", "413", false),
        ("status:500", "500", false),
        ("status:502", "502", true),
        ("status:503", "503", true),
        ("status:503,retry_after=999999999999", "503", false),
        ("status:504", "504", true),
    ] {
        wrongs.push(Wrong::Api(text, code, again));
    }
    wrongs
}

impl Wrong {
    fn name(&self) -> String {
        match self {
            Wrong::Api(text, ..) => (*text).to_owned(),
            Wrong::Way(error, ..) => error.to_string(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Wrong::Api(_, code, _) | Wrong::Way(_, code, _) => code,
        }
    }

    /// Requests of one refresh, at the most.
    fn attempts(&self) -> u64 {
        match self {
            // Once more with another token.
            Wrong::Api("status:401", ..) => 2,
            Wrong::Api(_, _, again) | Wrong::Way(_, _, again) => 1 + 2 * u64::from(*again),
        }
    }

    fn begin(&self, harness: &Harness, endpoint: Endpoint) {
        match self {
            Wrong::Api(text, ..) => {
                let fault = format!("{endpoint}={text}");
                harness.simulator.inject(fault.parse().unwrap());
            }
            Wrong::Way(error, ..) => harness.cut_off(Some((endpoint, error.clone()))),
        }
    }
}

fn end(harness: &Harness) {
    harness.simulator.clear_faults();
    harness.cut_off(None);
}

fn small(token_lifetime: Duration) -> Options {
    Options {
        buildings: 1,
        sensors: 6,
        spaces: Some(12),
        access: Access {
            token_lifetime,
            ..Access::default()
        },
        ..steady()
    }
}

/// Calls of `endpoint`, whether they got through or not.
fn calls(harness: &Harness, endpoint: Endpoint) -> u64 {
    harness.calls(name(endpoint)) + harness.calls_cut_off()
}

fn name(endpoint: Endpoint) -> EndpointName {
    endpoint.name().parse().unwrap()
}

/// Scrapes as Prometheus does by itself, and there is a page in time.
async fn scrape(harness: &Harness) -> Page {
    let start = harness.clock.now();
    let page = harness.scrape().await;
    let took = harness.clock.now().since(start);
    assert!(took <= Duration::from_millis(9501), "{took:?}");
    assert_eq!(page.status, 200);
    page
}

/// Waits until so long after Monday's start.
async fn until(harness: &Harness, seconds: f64) {
    let now = density_exporter::clock::unix_seconds(harness.clock.wall()) - MONDAY as f64;
    tokio::time::sleep(Duration::from_secs_f64((seconds - now).max(0.0))).await;
}

fn counted(page: &Page, endpoint: Endpoint, code: &str) -> f64 {
    let labels = [("endpoint", endpoint.name()), ("code", code)];
    page.sum("density_api_requests_total", &labels)
}

/// All requests that were counted are of these codes.
fn assert_codes(page: &Page, endpoint: Endpoint, codes: &[&str], what: &str) {
    let all = page.sum(
        "density_api_requests_total",
        &[("endpoint", endpoint.name())],
    );
    let known: f64 = codes.iter().map(|it| counted(page, endpoint, it)).sum();
    assert_eq!(all, known, "{what}: not only {codes:?}\n{}", page.text);
}

/// The series that end with the data of an endpoint.
fn series(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Token => unreachable!("it has none"),
        Endpoint::Spaces => "density_space_info",
        Endpoint::Sensors => "density_sensor_info",
        Endpoint::CurrentCount => "density_space_occupancy",
        Endpoint::Presence => "density_space_presence",
        Endpoint::SensorHealth => "density_sensor_health",
    }
}

/// For a quarter of an hour an endpoint fails, in each way.
#[rstest]
#[case(Endpoint::Spaces)]
#[case(Endpoint::Sensors)]
#[case(Endpoint::CurrentCount)]
#[case(Endpoint::Presence)]
#[case(Endpoint::SensorHealth)]
#[tokio::test(start_paused = true)]
async fn a_quarter_of_an_hour_of_each_fault_costs_few_calls_and_nothing_else(
    #[case] endpoint: Endpoint,
) {
    for wrong in wrongs() {
        let what = format!("{} at {endpoint}", wrong.name());
        let harness = Harness::new(
            &format!("{OAUTH}{SETTINGS}"),
            small(Duration::from_secs(24 * 3600)),
        );
        let before = scrape(&harness).await;
        assert_eq!(before.value("density_up", &[]), 1.0);
        let calls_before = calls(&harness, endpoint);
        wrong.begin(&harness, endpoint);

        let mut last = None;
        for seconds in (30..=900).step_by(30) {
            until(&harness, f64::from(seconds)).await;
            let page = scrape(&harness).await;
            for other in LIVE.into_iter().filter(|it| *it != endpoint) {
                let labels = [("collector", other.name())];
                assert_eq!(page.success(other.name()), 1.0, "{what}: {other}");
                assert_eq!(
                    page.value("density_collector_stale", &labels),
                    0.0,
                    "{what}: {other}"
                );
            }
            // By now the first refresh has ended, its retries too.
            if seconds >= 90 {
                assert_eq!(page.success(endpoint.name()), 0.0, "{what}");
                assert_eq!(page.value("density_up", &[]), 0.0, "{what}");
            }
            let stale = page.value("density_collector_stale", &[("collector", endpoint.name())]);
            let samples = |page: &Page| page.samples(series(endpoint)).len();
            if seconds < 120 {
                assert_eq!(page.data(), before.data(), "{what} after {seconds} s");
                assert_eq!(stale, 1.0, "{what} after {seconds} s");
            } else if seconds > 150 {
                assert_eq!(
                    (samples(&page), stale),
                    (0, 0.0),
                    "{what} after {seconds} s"
                );
            }
            last = Some(page);
        }
        let page = last.unwrap();
        assert!(
            counted(&page, endpoint, wrong.code()) >= 3.0,
            "{what}: {}",
            page.text
        );
        assert_codes(&page, endpoint, &["200", wrong.code()], &what);
        for other in Endpoint::ALL.into_iter().filter(|it| *it != endpoint) {
            assert_codes(&page, other, &["200"], &what);
        }
        // Every 30 s at first, and then after 10, 20, 40, 80, 160 and 300 s.
        let spent = calls(&harness, endpoint) - calls_before;
        assert!(spent <= 10 * wrong.attempts(), "{what}: {spent} calls");

        end(&harness);
        let start = harness.clock.now();
        let spent = calls(&harness, endpoint);
        let page = recovered(&harness, start).await;
        assert_eq!(
            calls(&harness, endpoint) - spent,
            1,
            "{what}: more than one call to recover"
        );
        assert_eq!(page.data(), before.data(), "{what}");
    }
}

/// The first page on which all is well, which is there when the longest backoff is over.
async fn recovered(harness: &Harness, start: Instant) -> Page {
    loop {
        let page = scrape(harness).await;
        if page.value("density_up", &[]) == 1.0 {
            return page;
        }
        let waited = harness.clock.now().since(start);
        assert!(
            waited <= Duration::from_secs(LONGEST_BACKOFF + 20),
            "{}",
            page.text
        );
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

/// The token endpoint fails: nobody notices while the token lasts, and then everyone does.
#[tokio::test(start_paused = true)]
async fn without_its_endpoint_a_token_serves_to_its_end_and_the_next_one_brings_all_back() {
    for wrong in wrongs() {
        let what = format!("{} at the token endpoint", wrong.name());
        let harness = Harness::new(
            &format!("{OAUTH}{SETTINGS}"),
            small(Duration::from_secs(3600)),
        );
        let before = scrape(&harness).await;
        wrong.begin(&harness, Endpoint::Token);
        // It is renewed five minutes before its end, and in vain.
        for seconds in [1000].into_iter().chain((3300..3590).step_by(20)) {
            until(&harness, f64::from(seconds)).await;
            let page = scrape(&harness).await;
            assert_eq!(
                page.value("density_up", &[]),
                1.0,
                "{what} after {seconds} s"
            );
            assert_eq!(page.data(), before.data(), "{what} after {seconds} s");
        }
        let spent = calls(&harness, Endpoint::Token);
        assert!(
            (2..=11).contains(&spent),
            "{what}: {spent} calls ahead of the end"
        );
        for seconds in (3605..3900).step_by(15) {
            until(&harness, f64::from(seconds)).await;
            let page = scrape(&harness).await;
            let failed = |it: &Endpoint| page.success(it.name()) == 0.0;
            assert!(
                seconds < 3660 || LIVE.iter().all(failed),
                "{what} after {seconds} s"
            );
        }
        let page = scrape(&harness).await;
        assert!(
            counted(&page, Endpoint::Token, wrong.code()) >= 3.0,
            "{what}: {}",
            page.text
        );
        assert_codes(&page, Endpoint::Token, &["200", wrong.code()], &what);
        for other in LIVE {
            assert_codes(&page, other, &["200"], &what);
        }
        // Five collectors share the first attempt of a refresh; they try again at different times.
        let spent = calls(&harness, Endpoint::Token) - spent;
        assert!(
            spent <= 8 * (1 + 5 * (wrong.attempts() - 1)),
            "{what}: {spent} calls"
        );

        end(&harness);
        let spent = calls(&harness, Endpoint::Token);
        let page = recovered(&harness, harness.clock.now()).await;
        assert_eq!(calls(&harness, Endpoint::Token) - spent, 1, "{what}");
        assert_eq!(page.data(), before.data(), "{what}");
    }
}

/// What `Retry-After` says, and for how many seconds there is no call then.
fn waits() -> Vec<(Option<&'static str>, f64)> {
    // Five seconds where it can't be read, never less than one nor more than an hour.
    vec![
        (None, 5.0),
        (Some("0"), 1.0),
        (Some("1"), 1.0),
        (Some(" 7 "), 7.0),
        (Some("30"), 30.0),
        (Some("Mon, 23 Nov 2026 10:01:00 GMT"), 60.0),
        (Some("Monday, 23-Nov-26 10:01:00 GMT"), 60.0),
        (Some("Mon Nov 23 10:01:00 2026"), 60.0),
        (Some("Sun, 22 Nov 2026 10:00:00 GMT"), 1.0),
        (Some("Thu, 01 Jan 1970 00:00:00 GMT"), 1.0),
        (Some("Fri, 31 Dec 9999 23:59:59 GMT"), 3600.0),
        (Some("Mon, 23 Nov 2026 25:61:61 GMT"), 5.0),
        (Some("Mon, 23 Nov 2026 10:01:00 +0100"), 5.0),
        (Some("3600"), 3600.0),
        (Some("999999999999"), 3600.0),
        (Some("99999999999999999999999999"), 3600.0),
        (Some("-1"), 5.0),
        (Some("1.5"), 5.0),
        (Some("1e9"), 5.0),
        (Some("+5"), 5.0),
        (Some("0x10"), 5.0),
        (Some("soon"), 5.0),
        (Some("5 seconds"), 5.0),
        (Some("5, 9"), 5.0),
        (Some(""), 5.0),
        (Some("NaN"), 5.0),
        (Some("\u{663}\u{660}"), 5.0),
    ]
}

/// A 429 of any endpoint stops all calls for as long as it says, within reason, and then all is well.
#[rstest]
#[case(Endpoint::Token)]
#[case(Endpoint::Spaces)]
#[case(Endpoint::Sensors)]
#[case(Endpoint::CurrentCount)]
#[case(Endpoint::Presence)]
#[case(Endpoint::SensorHealth)]
#[tokio::test(start_paused = true)]
async fn each_retry_after_pauses_all_calls_for_as_long_as_it_says(#[case] endpoint: Endpoint) {
    for (text, pause) in waits() {
        let what = format!("Retry-After {text:?} at {endpoint}");
        let harness = Harness::new(
            &format!("{OAUTH}{SETTINGS}"),
            small(Duration::from_secs(24 * 3600)),
        );
        let kind = FaultKind::Status {
            code: 429,
            retry_after: text.map(str::to_owned),
            body: None,
        };
        harness
            .simulator
            .inject(Fault::of(name(endpoint), kind).times(1));
        // The others, of the same burst, are answered; without a token nothing else is sent.
        let first = harness.clock.now();
        let (step, look) = if pause > 60.0 {
            (30.0, 1.0)
        } else {
            (1.0, 0.05)
        };
        let scrapes = async {
            loop {
                let start = harness.clock.now();
                let page = scrape(&harness).await;
                let passed = start.since(first).as_secs_f64();
                if passed > 0.0 && harness.clock.now().since(first).as_secs_f64() < pause {
                    let rate = page.value("density_api_budget_requests_per_second", &[]);
                    assert_eq!(rate, 0.0, "{what}");
                    assert_eq!(counted(&page, endpoint, "429"), 1.0, "{what}");
                }
                if page.value("density_up", &[]) == 1.0 {
                    return;
                }
                let waited = passed - pause;
                assert!(waited < 2.0 * step + 10.0, "{what}: {}", page.text);
                tokio::time::sleep(Duration::from_secs_f64(step)).await;
            }
        };
        let next_call = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let calls = harness.simulator.calls().total();
            while harness.simulator.calls().total() == calls {
                tokio::time::sleep(Duration::from_secs_f64(look)).await;
            }
            harness.clock.now().since(first).as_secs_f64()
        };
        let ((), next_call) = tokio::join!(scrapes, next_call);
        // A refresh that waits for it goes on then; a collector that gave up is due at the next scrape.
        let latest = pause + step + look + 0.1;
        assert!(
            (pause..=latest).contains(&next_call),
            "{what}: calls after {next_call} s"
        );
        assert_eq!(harness.simulator.calls().with_status(429), 1, "{what}");
    }
}
