//! Self metrics that are cached may be sent again only while nothing was counted.

#[path = "../../../src/metrics/change_counter.rs"]
mod file;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use file::ChangeCounter;

/// As the `prometheus` crate counts.
#[derive(Default)]
struct Counter {
    value: AtomicU64,
    changes: ChangeCounter,
}

pub(crate) fn a_cached_value_is_current_while_the_change_counter_stays() {
    let counter = Arc::new(Counter::default());
    let counting = [1, 10].map(|more| {
        let counter = counter.clone();
        thread::spawn(move || {
            counter.value.fetch_add(more, Ordering::Relaxed);
            counter.changes.increment();
        })
    });
    // As `pages/self_metrics.rs` writes and looks up its cache.
    let written_at = counter.changes.value();
    let written = counter.value.load(Ordering::Relaxed);
    // A reader that sees the new value of the change counter sees what was counted.
    assert!(written_at != 2 || written == 11);
    assert!(written_at == 0 || written > 0);
    for it in counting {
        it.join().unwrap();
    }
    let is_current = counter.changes.value() == written_at;
    assert!(!is_current || written == 11);
}
