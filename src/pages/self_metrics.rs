//! The families about the exporter itself, at the end of each page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{CollectorSet, CollectorSettings};
use crate::density::BudgetStatus;
use crate::exposition::{Deflated, Deflater, TextBuffer};
use crate::metrics::{
    CollectorsView, ExporterMetrics, ProcessMetrics, SeriesFilter, write_budgets, write_collectors,
};
use crate::snapshot::CollectorStates;

/// What the self metrics of a page are written from.
#[derive(Clone, Debug)]
pub struct SelfMetricsInput {
    /// The selected organizations and the states of their collectors.
    pub organizations: Vec<(String, CollectorStates)>,
    /// The selected collectors, all of them enabled.
    pub collectors: CollectorSet,
    /// The TTLs.
    pub settings: CollectorSettings,
    /// The exporter's metrics about itself.
    pub exporter_metrics: Arc<ExporterMetrics>,
}

/// How many results are cached: one for each combination of organizations and collectors in use.
const CAPACITY: usize = 16;

/// A cache of written self metrics, which do not change between two refreshes.
#[derive(Debug, Default)]
pub(super) struct SelfMetricsCache {
    /// The most recently used last.
    entries: Mutex<Vec<(Key, Deflated)>>,
}

/// What self metrics were written from.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    organizations: Vec<(String, CollectorStates)>,
    collectors: CollectorSet,
    change_count: u64,
}

impl SelfMetricsCache {
    /// The cached self metrics, if writing them again would give the same.
    pub(super) fn cached(&self, input: &SelfMetricsInput) -> Option<Deflated> {
        let change_count = input.exporter_metrics.change_count();
        let mut entries = self.lock();
        let number = entries.iter().position(|(key, _)| {
            key.change_count == change_count
                && key.collectors == input.collectors
                && key.organizations == input.organizations
        })?;
        entries.get_mut(number..)?.rotate_left(1);
        entries.last().map(|it| it.1.clone())
    }

    /// Writes, compresses and caches the self metrics. With many organizations this may take long.
    pub(super) fn write(&self, input: SelfMetricsInput) -> Deflated {
        // Read before writing: what is counted meanwhile is written again the next time.
        let change_count = input.exporter_metrics.change_count();
        let mut text = TextBuffer::with_capacity(16 << 10);
        write_all(&input, &mut text);
        let deflated = Deflater::new().compress(text.as_slice());
        let key = Key {
            organizations: input.organizations,
            collectors: input.collectors,
            change_count,
        };
        let mut entries = self.lock();
        if entries.len() == CAPACITY {
            entries.remove(0);
        }
        entries.push((key, deflated.clone()));
        deflated
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Key, Deflated)>> {
        // Nothing panics while it is held.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_all(input: &SelfMetricsInput, out: &mut TextBuffer) {
    let organizations = input.organizations.iter();
    let organizations: Vec<(&str, &CollectorStates)> = organizations
        .map(|(name, states)| (name.as_str(), states))
        .collect();
    let view = CollectorsView {
        organizations: &organizations,
        collectors: input.collectors,
        settings: &input.settings,
    };
    write_collectors(&view, out);
    let names: Vec<&str> = organizations.iter().map(|(name, _)| *name).collect();
    let filter = SeriesFilter {
        organizations: &names,
        collectors: input.collectors,
    };
    input.exporter_metrics.write(&filter, out);
}

/// Writes the families that belong to no organization and may differ at every scrape.
pub fn write_exporter(
    budgets: &[BudgetStatus],
    exporter_metrics: &ExporterMetrics,
    process: &ProcessMetrics,
    out: &mut TextBuffer,
) {
    write_budgets(budgets, out);
    exporter_metrics.write_exporter(out);
    process.write(out);
}
