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
