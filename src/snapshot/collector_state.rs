//! How the last refresh of each collector ended.

use std::time::Duration;

use crate::config::{Collector, PerCollector};

/// How a refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshOutcome {
    /// Whether it fetched data.
    pub success: bool,
    /// How long it took, waiting for the budget and retries included.
    pub duration: Duration,
}

/// The state of one collector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CollectorState {
    /// How the last refresh ended; none before the first.
    pub last_refresh: Option<RefreshOutcome>,
    /// Unix seconds of the last success; none before the first.
    pub last_success: Option<f64>,
    /// How many entries the last good answer had.
    pub entries: Option<usize>,
    /// Whether data older than its TTL is shown, because a refresh failed or is late.
    pub stale: bool,
}

/// The states of all collectors of one organization.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CollectorStates(PerCollector<CollectorState>);

impl CollectorStates {
    /// The state of `collector`.
    pub fn of(&self, collector: Collector) -> &CollectorState {
        &self.0[collector]
    }

    /// The state of `collector`, to be changed.
    pub fn of_mut(&mut self, collector: Collector) -> &mut CollectorState {
        &mut self.0[collector]
    }
}
