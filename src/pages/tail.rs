//! The end of each page: small families about the exporter itself.

use std::sync::{Mutex, PoisonError};

use crate::config::{CollectorSet, CollectorSettings};
use crate::density::BudgetReading;
use crate::exposition::{Deflated, Deflater, TextBuffer};
use crate::metrics::{
    CollectorsView, OwnMetrics, ProcessMetrics, Shown, write_budgets, write_collectors,
};
use crate::snapshot::CollectorStates;

/// What the states of collectors and the counters of requests are shown of.
#[derive(Clone, Copy, Debug)]
pub struct Tail<'a> {
    /// The organizations that are shown, and how their collectors are.
    pub organizations: &'a [(&'a str, &'a CollectorStates)],
    /// The collectors that are shown; none of them is turned off.
    pub collectors: CollectorSet,
    /// The TTLs.
    pub settings: &'a CollectorSettings,
    /// The exporter's own counters.
    pub own: &'a OwnMetrics,
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

impl Key {
    fn is_of(&self, tail: &Tail<'_>, counted: u64) -> bool {
        let organizations = self.organizations.iter();
        self.counted == counted
            && self.collectors == tail.collectors
            && organizations
                .map(|(name, states)| (name.as_str(), states))
                .eq(tail.organizations.iter().copied())
    }
}

impl Tails {
    /// The tail, compressed.
    pub(super) fn of(&self, tail: &Tail<'_>) -> Deflated {
        // Asked before it is written: what is counted meanwhile is written again the next time.
        let counted = tail.own.counted();
        // Nothing panics while it is held.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(key, _)| key.is_of(tail, counted));
        if let Some(number) = found {
            if let Some(from_there) = kept.get_mut(number..) {
                from_there.rotate_left(1);
            }
            return kept.last().map(|it| it.1.clone()).unwrap_or_default();
        }
        let mut text = TextBuffer::with_capacity(16 << 10);
        write(tail, &mut text);
        let deflated = Deflater::new().piece(text.as_slice());
        let organizations = tail.organizations.iter();
        let key = Key {
            organizations: organizations
                .map(|(name, states)| ((*name).to_owned(), **states))
                .collect(),
            collectors: tail.collectors,
            counted,
        };
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((key, deflated.clone()));
        deflated
    }
}

fn write(tail: &Tail<'_>, out: &mut TextBuffer) {
    let view = CollectorsView {
        organizations: tail.organizations,
        collectors: tail.collectors,
        settings: tail.settings,
    };
    write_collectors(&view, out);
    let names: Vec<&str> = tail.organizations.iter().map(|(name, _)| *name).collect();
    let shown = Shown {
        organizations: &names,
        collectors: tail.collectors,
    };
    tail.own.write(&shown, out);
}

/// Writes what belongs to no organization and may be different at every scrape.
pub fn write_exporter(
    budgets: &[BudgetReading],
    own: &OwnMetrics,
    process: &ProcessMetrics,
    out: &mut TextBuffer,
) {
    write_budgets(budgets, out);
    own.write_exporter(out);
    process.write(out);
}
