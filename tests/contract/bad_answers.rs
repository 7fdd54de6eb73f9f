//! One bad entry is one bad entry, and answers come wrapped in any of the known ways.

use density_exporter::simulator::{
    EndpointName, Nesting, Options, Verdict, Wrapping, malformed_count,
};

use crate::harness::{Harness, LIVE, OAUTH, pass, steady};

#[tokio::test(start_paused = true)]
async fn every_malformed_entry_costs_only_itself() {
    let good = Harness::new(OAUTH, steady()).scrape().await;
    for endpoint in LIVE {
        let harness = Harness::new(OAUTH, steady());
        let fault = format!("{endpoint}=malformed");
        harness.simulator.inject(fault.parse().unwrap());
        let page = harness.scrape().await;
        assert_eq!(page.value("density_up", &[]), 1.0, "{endpoint}");
        for line in good.data() {
            assert!(page.text.contains(line), "{endpoint} lost {line}");
        }
        let rejected = page.sum(
            "density_api_rejected_entries_total",
            &[("endpoint", endpoint.name())],
        );
        let expected = malformed_count(endpoint, Verdict::Rejected)
            + malformed_count(endpoint, Verdict::Duplicate);
        assert_eq!(rejected, expected as f64, "{endpoint}: {}", page.text);
        let entries = |page: &crate::harness::Page| {
            page.value(
                "density_collector_entries",
                &[("collector", endpoint.name())],
            )
        };
        let more = entries(&page) - entries(&good);
        assert!(more >= 0.0 && more <= malformed_count(endpoint, Verdict::Kept) as f64);
    }
}

#[tokio::test(start_paused = true)]
async fn every_wrapping_and_nesting_gives_the_same_page() {
    let expected = Harness::new(OAUTH, steady()).scrape().await;
    for nesting in [Nesting::Flat, Nesting::Nested, Nesting::Mixed] {
        let harness = Harness::new(
            OAUTH,
            Options {
                nesting,
                ..steady()
            },
        );
        for wrapping in [Wrapping::Bare, Wrapping::Data, Wrapping::Results] {
            harness.simulator.set_wrapping(wrapping);
            let page = harness.scrape().await;
            assert_eq!(
                page.value("density_up", &[]),
                1.0,
                "{nesting:?} {wrapping:?}"
            );
            assert_eq!(page.data(), expected.data(), "{nesting:?} {wrapping:?}");
            pass(900).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_entry_is_shown_again_when_it_is_mended() {
    let harness = Harness::new(OAUTH, steady());
    harness
        .simulator
        .inject("sensor_health=malformed,times=1".parse().unwrap());
    harness.scrape().await;
    pass(30).await;
    let page = harness.scrape().await;
    assert_eq!(page.samples("density_sensor_health").len(), 240);
    assert_eq!(harness.calls(EndpointName::SensorHealth), 2);
}

#[tokio::test(start_paused = true)]
async fn in_batches_too_a_bad_entry_costs_only_itself() {
    let small = || Options {
        buildings: 1,
        sensors: 20,
        ..steady()
    };
    let good = Harness::new(OAUTH, small()).scrape().await;
    // Batches of one space: some hold nothing but bad entries.
    let config = format!(
        "{OAUTH}
request: {{ batch_size: 1 }}
budget: {{ requests_per_second: 1000, burst: 1000, exceed_documented_limit: true }}"
    );
    for endpoint in [EndpointName::Sensors, EndpointName::Presence] {
        let options = Options {
            requests_per_second: 0.0,
            ..small()
        };
        let harness = Harness::new(&config, options);
        let fault = format!("{endpoint}=malformed");
        harness.simulator.inject(fault.parse().unwrap());
        let page = harness.scrape().await;
        assert!(harness.calls(endpoint) > 20);
        assert_eq!(page.success(endpoint.name()), 1.0, "{endpoint}");
        for line in good.data() {
            assert!(page.text.contains(line), "{endpoint} lost {line}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_one_readable_entry_is_no_empty_portfolio() {
    let harness = Harness::new(OAUTH, steady());
    let before = harness.scrape().await;
    // Lists in lists: JSON, but no entry. Of spaces, the fault nests real ones.
    let live: Vec<EndpointName> = LIVE
        .into_iter()
        .filter(|it| *it != EndpointName::Spaces)
        .collect();
    for endpoint in &live {
        let fault = format!("{endpoint}=deep:5");
        harness.simulator.inject(fault.parse().unwrap());
    }
    pass(900).await;
    let page = harness.scrape().await;
    for endpoint in live {
        assert_eq!(page.success(endpoint.name()), 0.0, "{endpoint}");
    }
    // The last good data stands where it is not too old.
    let sensors = |page: &crate::harness::Page| page.samples("density_sensor_info").len();
    assert_eq!(sensors(&page), sensors(&before));
}
