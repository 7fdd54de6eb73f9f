//! The requests that the exporter answered. Every scrape is counted and every page shows the counters, so
//! counting and writing cost no more than a lookup in a short list.

use std::sync::{Mutex, PoisonError};

use crate::exposition::{Labels, LinePrefix, Samples, TextBuffer, write_header};

use super::catalogue;

/// Requests by handler and code.
#[derive(Debug, Default)]
pub(super) struct HttpRequests(Mutex<Vec<Counter>>);

#[derive(Debug)]
struct Counter {
    handler: String,
    code: u16,
    labels: Labels,
    count: u64,
}

impl HttpRequests {
    /// Counts `more` requests.
    pub(super) fn count(&self, handler: &str, code: u16, more: u64) {
        // Nothing panics while it is held.
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place =
            counters.binary_search_by(|it| (it.code, it.handler.as_str()).cmp(&(code, handler)));
        match place.map(|number| counters.get_mut(number)) {
            Ok(Some(counter)) => counter.count = counter.count.saturating_add(more),
            Ok(None) => {}
            Err(number) => counters.insert(
                number,
                Counter {
                    handler: handler.to_owned(),
                    code,
                    labels: Labels::new()
                        .with("code", &code.to_string())
                        .with("handler", handler),
                    count: more,
                },
            ),
        }
    }

    /// Writes the family.
    pub(super) fn write(&self, out: &mut TextBuffer) {
        // Nothing panics while it is held.
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let family = &catalogue::HTTP_REQUESTS;
        if counters.is_empty() {
            return;
        }
        write_header(out, family.name, family.kind, family.help);
        let prefix = LinePrefix::new(family.name);
        let mut samples = Samples::new(out, &prefix);
        for counter in counters.iter() {
            samples.write(counter.labels.escaped(), counter.count as f64);
        }
    }
}
