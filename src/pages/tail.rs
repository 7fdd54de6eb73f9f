//! The end of each page: small families that are different at every scrape.

use crate::config::{CollectorSet, CollectorSettings};
use crate::density::BudgetReading;
use crate::metrics::{
    CollectorsView, OwnMetrics, ProcessMetrics, Shown, write_budgets, write_collectors,
};
use crate::snapshot::Snapshot;

/// What the tail tells of.
#[derive(Clone, Copy, Debug)]
pub struct Tail<'a> {
    /// The organizations that are shown.
    pub organizations: &'a [(&'a str, &'a Snapshot)],
    /// The collectors that are shown; none of them is turned off.
    pub collectors: CollectorSet,
    /// The TTLs.
    pub settings: &'a CollectorSettings,
    /// The exporter's own counters.
    pub own: &'a OwnMetrics,
    /// What belongs to no organization; none on a narrowed page.
    pub exporter: Option<(&'a [BudgetReading], &'a ProcessMetrics)>,
}

/// Writes the tail.
pub fn write_tail(tail: &Tail<'_>, out: &mut Vec<u8>) {
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
    if let Some((budgets, process)) = tail.exporter {
        write_budgets(budgets, out);
        tail.own.write_exporter(out);
        process.write(out);
    }
}
