//! The page at `/`: it says what fails and for how long, old data never looks fresh, and looking at it
//! calls nothing.

use density_exporter::simulator::{EndpointName, Fault, Options};
use rstest::rstest;

use crate::harness::{Harness, OAUTH, pass, steady};

fn fault(text: &str) -> Fault {
    text.parse().unwrap()
}

/// The words of the page, without its tags, by line; a row of a table is one.
async fn words(harness: &Harness) -> Vec<String> {
    let page = harness.get("/", &[]).await;
    assert_eq!(page.status, 200);
    let (_, body) = page.text.split_once("<body>").unwrap();
    let body = body.replace("\n<td", "<td");
    let words = |line: &str| {
        let line = line.replace("</th>", " | ").replace("</td>", " | ");
        let from = line.split('<').enumerate();
        from.map(|(at, it)| match at {
            0 => it,
            _ => it.split_once('>').unwrap().1,
        })
        .collect::<String>()
    };
    body.lines().map(words).collect()
}

fn line<'w>(words: &'w [String], start: &str) -> &'w str {
    let found = words.iter().find(|it| it.starts_with(start));
    found.unwrap_or_else(|| panic!("{start}: {words:#?}"))
}

#[tokio::test(start_paused = true)]
async fn looking_calls_nothing_however_often_and_whatever_there_is() {
    let harness = Harness::new(OAUTH, steady());
    for _ in 0..20 {
        let words = words(&harness).await;
        line(
            &words,
            "Nothing is known yet: the API is asked when Prometheus scrapes.",
        );
        line(&words, "spaces | not asked yet | none yet | none shown");
        pass(60).await;
    }
    assert_eq!(harness.simulator.calls().total(), 0);

    harness.scrape().await;
    let calls = harness.simulator.calls().total();
    let shown = words(&harness).await;
    line(&shown, "No collector is failing.");
    line(&shown, "All 60 sensors are healthy (as of just now).");
    line(&shown, "presence | fresh | just now | ");
    // Five collectors and a token.
    line(&shown, "api.test | 6 calls | 600 a minute | 10 a second");
    pass(20).await;
    let shown = words(&harness).await;
    line(&shown, "All 60 sensors are healthy (as of 20 s ago).");
    line(&shown, "presence | due at the next scrape | 20 s ago | ");
    line(&shown, "sensor_health | fresh | 20 s ago | 60");
    // TTL 30 s, max_age 10 min.
    pass(611).await;
    let shown = words(&harness).await;
    line(
        &shown,
        "Data has ended: no scrape has asked for it for a while.",
    );
    line(
        &shown,
        "sensor_health | no scrape has asked for a while | 10 min ago: too old to be shown",
    );
    line(&shown, "The health of sensors is not known.");
    line(&shown, "api.test | 0 calls");
    assert_eq!(harness.simulator.calls().total(), calls);
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_told_with_how_long_and_why_until_it_has_recovered() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    harness.simulator.inject(fault("sensor_health=status:503"));
    for _ in 0..20 {
        pass(15).await;
        harness.scrape().await;
    }
    // It was due after 30 s, and a refresh of three attempts takes a moment.
    let shown = words(&harness).await;
    line(&shown, "1 of 5 collectors is failing.");
    line(
        &shown,
        "sensor_health | failing for 4 min: 503 from the API | 5 min ago | 60",
    );
    line(&shown, "All 60 sensors are healthy (as of 5 min ago).");

    harness.simulator.clear_faults();
    harness.simulator.inject(fault("presence=status:403"));
    pass(300).await;
    harness.scrape().await;
    let shown = words(&harness).await;
    line(&shown, "sensor_health | fresh | just now");
    line(
        &shown,
        "presence | failing for 0 s: 403: these credentials may not read this",
    );
}

#[rstest]
#[case("*=hang", "no whole answer within ")]
#[case("token=status:401", "token (")]
#[tokio::test(start_paused = true)]
async fn an_error_of_another_endpoint_says_of_which(#[case] text: &str, #[case] words_of: &str) {
    let harness = Harness::new(OAUTH, steady());
    harness.simulator.inject(fault(text));
    harness.scrape().await;
    pass(60).await;
    let shown = words(&harness).await;
    let spaces = line(&shown, "spaces | failing for ");
    assert!(spaces.contains(words_of), "{spaces}");
    line(&shown, "5 of 5 collectors are failing.");
}

#[tokio::test(start_paused = true)]
async fn sensors_that_are_offline_are_told_with_where_and_since_when() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let page = harness.scrape().await;
    let (labels, _) = page.samples("density_sensor_info").remove(0);
    let floor = format!("offline floor {}", labels["floor_id"]);
    harness.simulator.apply(floor.parse().unwrap()).unwrap();
    pass(7200).await;
    harness.scrape().await;
    let shown = words(&harness).await;
    let sensor = format!(
        "{} | 2026-11-23 10:00:00 UTC (2 h ago)",
        labels["serial_number"]
    );
    assert!(shown.iter().any(|it| it.contains(&sensor)), "{shown:#?}");
    let floors: Vec<_> = shown.iter().filter(|it| it.contains("(100 %)")).collect();
    assert_eq!(floors.len(), 1, "{shown:#?}");
    line(
        &shown,
        "1 floor with sensors that are not healthy, by share and number; health from just now",
    );
}

#[tokio::test(start_paused = true)]
async fn a_pause_after_a_429_is_told() {
    let harness = Harness::new(OAUTH, steady());
    harness.scrape().await;
    let limited = "presence=status:429,retry_after=60,times=1";
    harness.simulator.inject(fault(limited));
    pass(15).await;
    harness.scrape().await;
    let shown = words(&harness).await;
    let host = line(&shown, "api.test | ");
    assert!(
        host.contains("paused after a 429, for 1 min more"),
        "{host}"
    );
    pass(60).await;
    let shown = words(&harness).await;
    let host = line(&shown, "api.test | ");
    assert!(host.contains("slower after a 429: 5"), "{host}");
    assert!(harness.calls(EndpointName::Presence) >= 2);
}

#[tokio::test(start_paused = true)]
async fn the_page_of_a_large_portfolio_is_small_and_says_how_many_more_there_are() {
    let options = Options {
        sensors: 20_000,
        buildings: 400,
        ..steady()
    };
    let harness = Harness::new(OAUTH, options);
    harness
        .simulator
        .apply("offline all".parse().unwrap())
        .unwrap();
    harness.scrape().await;
    pass(60).await;
    harness.scrape().await;
    let page = harness.get("/", &[]).await.text;
    let size = page.len();
    assert!((10_000..50_000).contains(&size), "{size}");
    let shown = words(&harness).await;
    line(
        &shown,
        "20,000 of 20,000 sensors are not healthy, 20,000 of them offline",
    );
    line(&shown, "50 of 20,000 sensors, the last to go first");
    line(&shown, "10 of ");
}
