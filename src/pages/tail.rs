//! The end of each page: small families about the exporter itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{CollectorSet, CollectorSettings};
use crate::density::BudgetReading;
use crate::exposition::{Deflated, Deflater, TextBuffer};
use crate::metrics::{
    CollectorsView, ExporterMetrics, ProcessMetrics, Shown, write_budgets, write_collectors,
};
use crate::snapshot::CollectorStates;

/// What the states of collectors and the counters of requests are shown of.
#[derive(Clone, Debug)]
pub struct Tail {
    /// The organizations that are shown, and how their collectors are.
    pub organizations: Vec<(String, CollectorStates)>,
    /// The collectors that are shown; none of them is turned off.
    pub collectors: CollectorSet,
    /// The TTLs.
    pub settings: CollectorSettings,
    /// The exporter's own counters.
    pub own: Arc<ExporterMetrics>,
}

/// How many tails are kept: one for each way in which a page is asked for.
const KEPT: usize = 16;

/// Tails that may be sent again: between two refreshes nothing in them changes.
#[derive(Debug, Default)]
pub(super) struct Tails {
    /// The one that was used last comes last.
    kept: Mutex<Vec<(Key, Deflated)>>,
}

/// What a tail was written from.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    organizations: Vec<(String, CollectorStates)>,
    collectors: CollectorSet,
    counted: u64,
}

impl Tails {
    /// The tail as it was written, if it would be the same now.
    pub(super) fn standing(&self, tail: &Tail) -> Option<Deflated> {
        let counted = tail.own.counted();
        let mut kept = self.kept();
        let number = kept.iter().position(|(key, _)| {
            key.counted == counted
                && key.collectors == tail.collectors
                && key.organizations == tail.organizations
        })?;
        kept.get_mut(number..)?.rotate_left(1);
        kept.last().map(|it| it.1.clone())
    }

    /// Writes and compresses the tail. With many organizations this may take long.
    pub(super) fn write(&self, tail: Tail) -> Deflated {
        // Asked before it is written: what is counted meanwhile is written again the next time.
        let counted = tail.own.counted();
        let mut text = TextBuffer::with_capacity(16 << 10);
        write(&tail, &mut text);
        let deflated = Deflater::new().compress(text.as_slice());
        let key = Key {
            organizations: tail.organizations,
            collectors: tail.collectors,
            counted,
        };
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((key, deflated.clone()));
        deflated
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Key, Deflated)>> {
        // Nothing panics while it is held.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(tail: &Tail, out: &mut TextBuffer) {
    let organizations = tail.organizations.iter();
    let organizations: Vec<(&str, &CollectorStates)> = organizations
        .map(|(name, states)| (name.as_str(), states))
        .collect();
    let view = CollectorsView {
        organizations: &organizations,
        collectors: tail.collectors,
        settings: &tail.settings,
    };
    write_collectors(&view, out);
    let names: Vec<&str> = organizations.iter().map(|(name, _)| *name).collect();
    let shown = Shown {
        organizations: &names,
        collectors: tail.collectors,
    };
    tail.own.write(&shown, out);
}

/// Writes what belongs to no organization and may be different at every scrape.
pub fn write_exporter(
    budgets: &[BudgetReading],
    own: &ExporterMetrics,
    process: &ProcessMetrics,
    out: &mut TextBuffer,
) {
    write_budgets(budgets, out);
    own.write_exporter(out);
    process.write(out);
}
