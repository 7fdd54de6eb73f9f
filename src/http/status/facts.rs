//! What the page shows, as plain data. Nothing here is HTML, and nothing asks the API.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Instant, SharedClock, unix_seconds};
use crate::config::Collector;
use crate::density::BudgetStatus;
use crate::metrics::BuildInfo;
use crate::refresh::{Age, CollectorReport, Portfolio, Report};

use super::cache::SensorCache;
use super::sensors::{FloorFacts, MAX_FLOORS, MAX_OFFLINE, OfflineSensor, SensorSummary};

/// How many organizations, and how many hosts, are shown.
pub(super) const MAX_ORGANIZATIONS: usize = 50;

/// What is known at one time.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// That time, in Unix seconds.
    pub(super) at: f64,
    pub(super) organizations: Vec<OrganizationFacts>,
    pub(super) budgets: Vec<BudgetStatus>,
    pub(super) telemetry_path: String,
    pub(super) build: BuildInfo,
}

/// An organization.
#[derive(Clone, Debug)]
pub(super) struct OrganizationFacts {
    pub(super) name: String,
    pub(super) collectors: Vec<CollectorFacts>,
    pub(super) health: Health,
}

/// A collector.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CollectorFacts {
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) data: Data,
    pub(super) entries: Option<usize>,
}

/// What a collector does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// No scrape has asked for it.
    NotRequested,
    /// It is being refreshed.
    Refreshing,
    /// Its data is younger than its TTL.
    Fresh,
    /// Its data is older than its TTL, and no scrape has asked since.
    Due,
    /// Its data is too old, and no scrape has asked since.
    NotScraped,
    /// It fails for so long; and the last error.
    Failing(Duration, Arc<str>),
}

/// The data of a collector, by the age that it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Data {
    None,
    Shown(Duration),
    Expired(Duration),
}

/// The health of an organization's sensors.
#[derive(Clone, Debug)]
pub(super) enum Health {
    /// It is that old.
    Known(Duration, Arc<SensorSummary>),
    /// The collector is turned off.
    Disabled,
    /// There is none that may be shown.
    Unknown,
    /// Counting failed.
    CountFailed,
}

impl OrganizationFacts {
    /// An organization whose sensors are `counted`; nothing when that failed.
    pub(super) fn new(
        name: &str,
        report: &Report,
        counted: Option<Option<Arc<SensorSummary>>>,
        now: Instant,
    ) -> Self {
        let collectors = report.collectors.iter();
        let runs = |it: &CollectorReport| it.collector == Collector::SensorHealth;
        let requested_at = report
            .snapshot
            .sensor_health
            .as_ref()
            .map(|it| it.requested_at);
        let health = match (counted, requested_at) {
            (None, _) => Health::CountFailed,
            (Some(Some(facts)), Some(requested_at)) => {
                Health::Known(now.since(requested_at), facts)
            }
            _ if report.collectors.iter().any(runs) => Health::Unknown,
            _ => Health::Disabled,
        };
        Self {
            name: name.to_owned(),
            collectors: collectors
                .map(|it| CollectorFacts::new(it, report, now))
                .collect(),
            health,
        }
    }

    pub(super) fn failing(&self) -> usize {
        let failing = |it: &&CollectorFacts| matches!(it.state, State::Failing(..));
        self.collectors.iter().filter(failing).count()
    }
}

impl CollectorFacts {
    fn new(report: &CollectorReport, whole: &Report, now: Instant) -> Self {
        let age = report.requested_at.map(|it| now.since(it));
        let data = match (age, report.age) {
            (None, _) | (_, Age::Absent) => Data::None,
            (Some(age), Age::Expired) => Data::Expired(age),
            (Some(age), Age::Fresh | Age::Old) => Data::Shown(age),
        };
        let state = match (&report.failing, report.age) {
            (Some(it), _) => State::Failing(now.since(it.since), it.error.clone()),
            _ if report.refreshing => State::Refreshing,
            (_, Age::Absent) => State::NotRequested,
            (_, Age::Fresh) => State::Fresh,
            (_, Age::Old) => State::Due,
            (_, Age::Expired) => State::NotScraped,
        };
        let entries = whole.snapshot.states.of(report.collector).entries;
        Self {
            name: report.collector.name(),
            state,
            data,
            entries: entries.filter(|_| matches!(data, Data::Shown(_))),
        }
    }
}

impl Facts {
    /// What is known of `portfolio` now.
    pub(super) async fn collect(
        portfolio: &Portfolio,
        cache: &SensorCache,
        clock: &SharedClock,
        telemetry_path: &str,
        build: BuildInfo,
    ) -> Self {
        let all = portfolio.organizations();
        let mut reports = Vec::with_capacity(all.len());
        for organization in all {
            let report = organization.report(clock.now());
            let sensors = cache.get(organization.name(), &report.snapshot).await;
            if sensors.is_err() {
                tracing::error!("counting sensors failed; this is a defect, please report it");
            }
            reports.push((organization.name(), report, sensors.ok()));
        }
        // After everything that took its time: nothing is older than the page says.
        let now = clock.now();
        let organizations = reports
            .into_iter()
            .map(|(name, report, sensors)| OrganizationFacts::new(name, &report, sensors, now))
            .collect();
        let names: HashSet<&str> = all.iter().map(|it| it.name()).collect();
        cache.keep(&names).await;
        Self {
            at: unix_seconds(clock.wall()),
            organizations,
            budgets: portfolio.budgets(),
            telemetry_path: telemetry_path.to_owned(),
            build,
        }
    }

    /// All collectors that run.
    pub(super) fn collectors(&self) -> impl Iterator<Item = &CollectorFacts> {
        self.organizations.iter().flat_map(|it| &it.collectors)
    }

    /// The organizations whose sensors are counted, with how old that is.
    pub(super) fn counted(
        &self,
    ) -> impl Iterator<Item = (&OrganizationFacts, Duration, &SensorSummary)> {
        self.organizations.iter().filter_map(|it| match &it.health {
            Health::Known(age, facts) => Some((it, *age, facts.as_ref())),
            _ => None,
        })
    }

    /// The worst floors of all, each with its organization.
    pub(super) fn worst_floors(&self) -> Vec<(&OrganizationFacts, &FloorFacts)> {
        let all = self.counted();
        let mut worst: Vec<_> = all
            .flat_map(|(of, _, facts)| facts.floors.iter().map(move |it| (of, it)))
            .collect();
        worst.sort_by(|a, b| FloorFacts::worst_first(a.1, b.1));
        worst.truncate(MAX_FLOORS);
        worst
    }

    /// The sensors of all that went offline last, each with its organization.
    pub(super) fn newest_offline(&self) -> Vec<(&OrganizationFacts, &OfflineSensor)> {
        let all = self.counted();
        let mut newest: Vec<_> = all
            .flat_map(|(of, _, facts)| facts.offline.iter().map(move |it| (of, it)))
            .collect();
        newest.sort_by(|a, b| OfflineSensor::newest_first(a.1, b.1));
        newest.truncate(MAX_OFFLINE);
        newest
    }
}
