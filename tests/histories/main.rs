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
use proptest::test_runner::{Config, TestCaseError};

use history::{history, run};

/// So many histories, or as many as `HISTORIES` says.
fn config(histories: u32) -> Config {
    let asked = std::env::var("HISTORIES").ok();
    let cases = asked.and_then(|it| it.parse().ok()).unwrap_or(histories);
    Config {
        cases,
        failure_persistence: None,
        // Shorter than this hardly any history gets, and each takes its time.
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config(5_000))]

    #[test]
    fn short_histories_go_as_the_contract_says(history in history(20)) {
        run(&history, false).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn histories_go_as_the_contract_says(history in history(20)) {
        run(&history, false).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn pages_go_as_the_contract_says(history in history(20)) {
        run(&history, true).map_err(TestCaseError::fail)?;
    }
}
