//! What the page is about, as plain data: nothing in here is HTML, and nothing asks the API.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Instant;
use crate::config::Collector;
use crate::density::BudgetStatus;
use crate::metrics::BuildInfo;
use crate::refresh::{Age, CollectorReport, Report};

use super::sensors::{FloorFacts, MOST_FLOORS, MOST_OFFLINE, OfflineSensor, SensorFacts};

/// How many organizations, and how many hosts, are told of.
pub(super) const MOST_ORGANIZATIONS: usize = 50;

/// What is known at one moment.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// Unix seconds: when that is.
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
    pub(super) standing: Standing,
    pub(super) data: Data,
    pub(super) entries: Option<usize>,
}

/// How a collector stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// No scrape has asked for it.
    Unasked,
    /// It is being asked.
    UnderWay,
    /// Its data is younger than its TTL.
    Fresh,
    /// Its data is older than its TTL, and no scrape has asked since.
    Due,
    /// Its data is too old, and no scrape has asked since.
    Abandoned,
    /// It fails for so long, and the last time of that.
    Failing(Duration, Arc<str>),
}

/// The data of a collector, by the age that it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Data {
    None,
    Shown(Duration),
    Ended(Duration),
}

/// The health of an organization's sensors.
#[derive(Clone, Debug)]
pub(super) enum Health {
    /// It is that old.
    Known(Duration, Arc<SensorFacts>),
    /// The collector is turned off.
    Off,
    /// There is none that may be shown.
    Unknown,
    /// Counting failed.
    Lost,
}

impl OrganizationFacts {
    /// An organization whose sensors are `counted`; nothing when that failed.
    pub(super) fn new(
        name: &str,
        report: &Report,
        counted: Option<Option<Arc<SensorFacts>>>,
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
            (None, _) => Health::Lost,
            (Some(Some(facts)), Some(requested_at)) => {
                Health::Known(now.since(requested_at), facts)
            }
            _ if report.collectors.iter().any(runs) => Health::Unknown,
            _ => Health::Off,
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
        let failing = |it: &&CollectorFacts| matches!(it.standing, Standing::Failing(..));
        self.collectors.iter().filter(failing).count()
    }
}

impl CollectorFacts {
    fn new(report: &CollectorReport, whole: &Report, now: Instant) -> Self {
        let age = report.requested_at.map(|it| now.since(it));
        let data = match (age, report.age) {
            (None, _) | (_, Age::Absent) => Data::None,
            (Some(age), Age::Expired) => Data::Ended(age),
            (Some(age), Age::Fresh | Age::Old) => Data::Shown(age),
        };
        let standing = match (&report.failing, report.age) {
            (Some(it), _) => Standing::Failing(now.since(it.since), it.error.clone()),
            _ if report.refreshing => Standing::UnderWay,
            (_, Age::Absent) => Standing::Unasked,
            (_, Age::Fresh) => Standing::Fresh,
            (_, Age::Old) => Standing::Due,
            (_, Age::Expired) => Standing::Abandoned,
        };
        let entries = whole.snapshot.states.of(report.collector).entries;
        Self {
            name: report.collector.name(),
            standing,
            data,
            entries: entries.filter(|_| matches!(data, Data::Shown(_))),
        }
    }
}

impl Facts {
    /// All collectors that run.
    pub(super) fn collectors(&self) -> impl Iterator<Item = &CollectorFacts> {
        self.organizations.iter().flat_map(|it| &it.collectors)
    }

    /// The organizations whose sensors are counted, with how old that is.
    pub(super) fn counted(
        &self,
    ) -> impl Iterator<Item = (&OrganizationFacts, Duration, &SensorFacts)> {
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
        worst.truncate(MOST_FLOORS);
        worst
    }

    /// The sensors of all that went offline last, each with its organization.
    pub(super) fn newest_offline(&self) -> Vec<(&OrganizationFacts, &OfflineSensor)> {
        let all = self.counted();
        let mut newest: Vec<_> = all
            .flat_map(|(of, _, facts)| facts.offline.iter().map(move |it| (of, it)))
            .collect();
        newest.sort_by(|a, b| OfflineSensor::newest_first(a.1, b.1));
        newest.truncate(MOST_OFFLINE);
        newest
    }
}
