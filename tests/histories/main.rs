//! Random histories: the exporter beside a small model of its contract, step by step and on paused
//! time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

mod api;
mod building;
mod clock;
mod contract;
mod expected;
mod exporter;
mod flight;
mod history;
mod page;
mod settings;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};

use history::{history, run};

/// Of 10,000 histories, or as many as `HISTORIES` says, so many thousandths. Those 10,000 are the same each
/// time, so that a commit is red for what it changes; as many as one says are others each time.
fn config(thousandths: u32, seed: u64) -> Config {
    let asked = std::env::var("HISTORIES").ok();
    let asked = asked.and_then(|it| it.parse().ok());
    let histories = asked.unwrap_or(10_000u32);
    let cases = (histories / 1000 * thousandths).max(1);
    Config {
        cases,
        failure_persistence: None,
        rng_seed: match asked {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(seed),
        },
        // Shorter than this hardly any history gets, and each takes its time.
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config(500, 1))]

    #[test]
    fn half_of_the_histories_go_as_the_contract_says(history in history(20)) {
        run(&history, false).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(config(500, 2))]

    #[test]
    fn the_other_half_of_the_histories_go_as_the_contract_says(history in history(20)) {
        run(&history, false).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(config(10, 3))]

    #[test]
    fn pages_go_as_the_contract_says(history in history(20)) {
        run(&history, true).map_err(TestCaseError::fail)?;
    }
}
