//! The page at `/`: how things are, at a glance, for people.
//!
//! It shows what is known and never causes a call. It has no script and loads nothing; its size is bounded
//! whatever the size of the portfolio, and so is its work: sensors are counted once for each change of
//! theirs, aside from the threads that serve.

mod facts;
mod html;
mod page;
mod places;
mod sensors;
mod style;
mod tables;
mod words;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Body;
use http::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use tokio::sync::Mutex;

use crate::blocking_pool::{BlockingPool, TaskFailed};
use crate::clock::unix_seconds;
use crate::snapshot::Snapshot;

use super::exporter::Exporter;
use facts::{Facts, OrganizationFacts};
use sensors::SensorFacts;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// What was counted for the page, so that it is not counted again.
#[derive(Debug)]
pub(super) struct Counted {
    /// By the name of the organization. Held while one is counted: whoever asks then finds the result.
    organizations: Mutex<HashMap<String, Versioned>>,
    /// A place of its own: scrapes must not queue behind it.
    blocking_pool: BlockingPool,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            organizations: Mutex::default(),
            blocking_pool: BlockingPool::sequential(),
        }
    }
}

/// The sensors of an organization and what they were counted from; nothing when their health may not be
/// shown.
type Versioned = (Version, Option<Arc<SensorFacts>>);

/// What the counting depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    inventory: u64,
    healths: Option<u64>,
    names: bool,
    places: bool,
}

impl Version {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            inventory: snapshot.inventory_version,
            healths: snapshot.sensor_health.as_ref().map(|it| it.version),
            names: snapshot.spaces.is_some(),
            places: snapshot.sensors.is_some(),
        }
    }
}

impl Counted {
    /// The sensors of an organization; nothing when their health may not be shown.
    async fn of(
        &self,
        name: &str,
        snapshot: &Snapshot,
    ) -> Result<Option<Arc<SensorFacts>>, TaskFailed> {
        let version = Version::of(snapshot);
        let mut all = self.organizations.lock().await;
        if let Some((_, facts)) = all.get(name).filter(|it| it.0 == version) {
            return Ok(facts.clone());
        }
        let snapshot = snapshot.clone();
        let counting = self
            .blocking_pool
            .run(move || SensorFacts::count_in(&snapshot));
        let facts = counting.await?.map(Arc::new);
        all.insert(name.to_owned(), (version, facts.clone()));
        Ok(facts)
    }

    /// Forgets all organizations but those of these names.
    async fn keep(&self, names: &HashSet<&str>) {
        let mut all = self.organizations.lock().await;
        all.retain(|name, _| names.contains(name.as_str()));
    }
}

impl Exporter {
    /// The page at `/`.
    pub(super) async fn status(&self) -> Response<Body> {
        let facts = self.facts().await;
        let mut response = Response::new(Body::from(page::page(&facts)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HTML);
        headers.insert(CONTENT_SECURITY_POLICY, style::policy());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn facts(&self) -> Facts {
        let configured = self.current_config.get();
        let all = configured.portfolio.organizations();
        let mut known = Vec::with_capacity(all.len());
        for organization in all {
            let report = organization.report(self.clock.now());
            let counted = self.counted.of(organization.name(), &report.snapshot).await;
            if counted.is_err() {
                tracing::error!("counting sensors failed; this is a defect, please report it");
            }
            known.push((organization.name(), report, counted.ok()));
        }
        // After all that took its time: nothing is older than it is said to be.
        let now = self.clock.now();
        let organizations = known
            .into_iter()
            .map(|(name, report, counted)| OrganizationFacts::new(name, &report, counted, now))
            .collect();
        let names: HashSet<&str> = all.iter().map(|it| it.name()).collect();
        self.counted.keep(&names).await;
        Facts {
            at: unix_seconds(self.clock.wall()),
            organizations,
            budgets: configured.portfolio.budgets(),
            telemetry_path: self.settings.telemetry_path.clone(),
            build: self.own.build(),
        }
    }
}

#[cfg(test)]
mod tests;
