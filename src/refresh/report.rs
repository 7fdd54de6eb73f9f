//! The state of an organization's refreshes, for people to read. Building a report never starts a refresh.

use crate::clock::Instant;
use crate::config::Collector;
use crate::snapshot::Snapshot;

use super::{Age, Failing, Organization};

/// The state of one collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorReport {
    /// The collector.
    pub collector: Collector,
    /// How old its data is.
    pub age: Age,
    /// When its last data was requested, expired or not; none before the first.
    pub requested_at: Option<Instant>,
    /// The ongoing failure, if any.
    pub failing: Option<Failing>,
    /// Whether a refresh is in flight.
    pub refreshing: bool,
}

/// An organization's data and the state of its enabled collectors at one time.
#[derive(Clone, Debug)]
pub struct Report {
    /// The current data, without what has expired.
    pub snapshot: Snapshot,
    /// The enabled collectors.
    pub collectors: Vec<CollectorReport>,
}

impl Organization {
    /// The report at `now`.
    pub fn report(&self, now: Instant) -> Report {
        let snapshot = self.snapshot();
        let state = self.state();
        let enabled = state.active.config.collectors.enabled();
        let collectors = enabled.iter().map(|collector| {
            let schedule = &state.schedules[collector];
            CollectorReport {
                collector,
                age: schedule.age(now),
                requested_at: schedule.requested_at(),
                failing: state.failing[collector].clone(),
                refreshing: state.flights[collector].is_some(),
            }
        });
        Report {
            collectors: collectors.collect(),
            snapshot,
        }
    }
}
