//! What stands of the end of a page may be sent again only while nothing was counted.

#[path = "../../../src/metrics/counted.rs"]
mod file;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use file::Counted;

/// As the `prometheus` crate counts.
#[derive(Default)]
struct Counter {
    value: AtomicU64,
    counted: Counted,
}

pub(crate) fn what_was_read_is_all_there_is_while_nothing_has_risen() {
    let counter = Arc::new(Counter::default());
    let counting = [1, 10].map(|more| {
        let counter = counter.clone();
        thread::spawn(move || {
            counter.value.fetch_add(more, Ordering::Relaxed);
            counter.counted.rise();
        })
    });
    // As `pages/tail.rs` writes one, and asks whether it stands.
    let written_at = counter.counted.now();
    let written = counter.value.load(Ordering::Relaxed);
    // Whoever sees a rise sees what was counted.
    assert!(written_at != 2 || written == 11);
    assert!(written_at == 0 || written > 0);
    for it in counting {
        it.join().unwrap();
    }
    let stands = counter.counted.now() == written_at;
    assert!(!stands || written == 11);
}
