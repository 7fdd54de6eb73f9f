//! Files of the exporter as they are, with the primitives of loom, which tries every order in which
//! threads may do their steps.

#![allow(dead_code, reason = "a file is used as far as it keeps order")]

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

mod change_counter;
mod memory_limit;
mod refresh;

/// What holds in every order.
const CHECKS: [(&str, fn()); 5] = [
    (
        "reservations never exceed the limit, and all are released",
        memory_limit::reservations_never_exceed_the_limit_and_all_are_released,
    ),
    (
        "a limit that changes meanwhile loses nothing",
        memory_limit::a_limit_that_changes_meanwhile_loses_nothing,
    ),
    (
        "a cached value is current while the change counter stays",
        change_counter::a_cached_value_is_current_while_the_change_counter_stays,
    ),
    (
        "scrapes at once share one refresh and find its data when it has ended",
        refresh::scrapes_at_once_share_one_refresh_and_find_its_data_when_it_has_ended,
    ),
    (
        "a refresh that is lost ends for all, and the next scrape begins another",
        refresh::a_refresh_that_is_lost_ends_for_all_and_the_next_scrape_begins_another,
    ),
];

fn main() {
    for (name, check) in CHECKS {
        let orders = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = orders.clone();
        loom::model(move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            check();
        });
        let orders = orders.load(std::sync::atomic::Ordering::Relaxed);
        println!("{name}: {orders} orders");
    }
}
