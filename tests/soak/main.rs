//! The soak: the exporter under storms of faults and in the quiet between them, with eight clients,
//! reloads and junk, while every page is checked and memory and descriptors are watched. `scripts/soak`
//! runs it.
//!
//! `page` and `sample` read pages, `ledger` compares them, `client` scrapes, `storm` breaks the API, `reloads` changes
//! the configuration, `resources` watches the process, `machine` the processors, `run` runs them all in
//! `phases`, `ending` checks what is left and `report` prints the results.

#![allow(
    clippy::disallowed_methods,
    reason = "the seconds are those of the test"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]
#![allow(
    dead_code,
    reason = "not all of what programs of tests share is used here"
)]
#![allow(
    clippy::print_stdout,
    reason = "what was measured is shown with --nocapture"
)]

#[path = "../process/mod.rs"]
mod process;

mod client;
mod ending;
mod ledger;
mod machine;
mod page;
mod phases;
mod reloads;
mod report;
mod resources;
mod rng;
mod run;
mod sample;
mod storm;

/// Run by scripts/soak and, for a short time, by scripts/verify; optimized.
#[test]
#[ignore = "takes SOAK_MINUTES (an hour); scripts/soak runs it"]
fn every_promise_is_kept_for_an_hour_of_faults() {
    let number =
        |name: &str, default: f64| std::env::var(name).map_or(default, |it| it.parse().unwrap());
    let minutes = number("SOAK_MINUTES", 60.0);
    let sensors = number("SOAK_SENSORS", 20_000.0) as usize;
    let seed = number("SOAK_SEED", 1.0) as u64;
    let report = run::run(minutes, sensors, seed);
    println!("{report}");
    assert!(
        report.violations.is_empty(),
        "{} broken promises",
        report.violations.len()
    );
}
