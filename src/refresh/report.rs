//! How an organization's refreshes go, for people to read. Looking at it begins none.

use std::mem::Discriminant;
use std::sync::Arc;

use crate::clock::Instant;
use crate::config::Collector;
use crate::density::ErrorKind;
use crate::snapshot::Snapshot;

use super::{Age, Organization};

/// Since when a collector fails, and what its last refresh failed of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// When the first of these failures was noted.
    pub since: Instant,
    /// The last error in words, which hold nothing of an answer and no secret.
    pub error: Arc<str>,
    /// Of which kind the error is that the log has told last.
    pub(super) told: Discriminant<ErrorKind>,
}

/// How one collector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorReport {
    /// Which one.
    pub collector: Collector,
    /// How old its data is.
    pub age: Age,
    /// When its last data was asked for, ended or not; none before the first.
    pub asked_at: Option<Instant>,
    /// That it fails, when it does.
    pub failing: Option<Failing>,
    /// Whether a refresh is under way.
    pub under_way: bool,
}

/// What is known of an organization, and how its collectors that run are, at one moment.
#[derive(Clone, Debug)]
pub struct Report {
    /// What is known: what is too old is not in it.
    pub snapshot: Snapshot,
    /// The collectors that run.
    pub collectors: Vec<CollectorReport>,
}

impl Organization {
    /// How it is at `now`.
    pub fn report(&self, now: Instant) -> Report {
        let snapshot = self.snapshot();
        let state = self.state();
        let enabled = state.in_force.rules.collectors.enabled();
        let collectors = enabled.iter().map(|collector| {
            let schedule = &state.schedules[collector];
            CollectorReport {
                collector,
                age: schedule.age(now),
                asked_at: schedule.asked_at(),
                failing: state.failing[collector].clone(),
                under_way: state.flights[collector].is_some(),
            }
        });
        Report {
            collectors: collectors.collect(),
            snapshot,
        }
    }
}
