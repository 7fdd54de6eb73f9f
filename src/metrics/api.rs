//! Metrics of the requests to the Density API.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use prometheus::core::{Collector as _, MetricVec, MetricVecBuilder};
use prometheus::{GaugeVec, HistogramVec, IntCounter, IntCounterVec};

use crate::clock::unix_seconds;
use crate::config::{Collector, CollectorSet};
use crate::density::{Code, Endpoint, Observer, RejectionReason};

use super::change_counter::ChangeCounter;

/// The request metrics of all organizations.
#[derive(Debug)]
pub(super) struct ApiMetrics {
    pub(super) requests: IntCounterVec,
    pub(super) durations: HistogramVec,
    pub(super) retries: IntCounterVec,
    pub(super) rejected: IntCounterVec,
    pub(super) token_expiry: GaugeVec,
    /// Incremented after a change to any of them.
    pub(super) changes: ChangeCounter,
    /// By the name of the organization, so that a reload finds the existing one.
    pub(super) observers: Mutex<HashMap<String, Weak<OrganizationObserver>>>,
}

impl ApiMetrics {
    fn observers(&self) -> MutexGuard<'_, HashMap<String, Weak<OrganizationObserver>>> {
        // Nothing panics while it is held.
        self.observers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes all series with these labels.
    fn remove_series(&self, organization: &str, endpoint: Option<&str>) {
        remove_from(&self.requests, organization, endpoint);
        remove_from(&self.durations, organization, endpoint);
        remove_from(&self.retries, organization, endpoint);
        remove_from(&self.rejected, organization, endpoint);
        // It has no endpoint label, because only one endpoint issues tokens.
        if endpoint.is_none_or(|it| it == Endpoint::Token.name()) {
            remove_from(&self.token_expiry, organization, None);
        }
    }
}

fn remove_from<B: MetricVecBuilder>(
    vector: &MetricVec<B>,
    organization: &str,
    endpoint: Option<&str>,
) {
    for family in vector.collect() {
        for metric in family.get_metric() {
            let labels = metric.get_label().iter();
            let labels: HashMap<&str, &str> = labels.map(|it| (it.name(), it.value())).collect();
            let is_of_it = labels.get("organization") == Some(&organization)
                && endpoint.is_none_or(|it| labels.get("endpoint") == Some(&it));
            if is_of_it {
                // Fails only when there is no such series.
                let _ = vector.remove(&labels);
            }
        }
    }
}

/// Counts for one organization. Its series are removed when this is dropped, which is after the last request
/// and the last scrape of the organization have ended.
#[derive(Debug)]
pub(super) struct OrganizationObserver {
    organization: String,
    metrics: Arc<ApiMetrics>,
    /// Held while anything is counted, so that no token metric is written after its series were removed.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether tokens are requested, and so have metrics.
    oauth: bool,
    /// Counters by code, so that counting a request needs no lookup by label text.
    codes: HashMap<(Endpoint, Code), IntCounter>,
}

impl OrganizationObserver {
    /// The observer of that organization, created when there is none.
    pub(super) fn of(organization: &str, metrics: &Arc<ApiMetrics>) -> Arc<Self> {
        let mut observers = metrics.observers();
        if let Some(observer) = observers.get(organization).and_then(Weak::upgrade) {
            return observer;
        }
        let observer = Arc::new(Self {
            organization: organization.to_owned(),
            metrics: metrics.clone(),
            state: Mutex::default(),
        });
        observers.insert(organization.to_owned(), Arc::downgrade(&observer));
        observer
    }

    /// Creates every series that is expected at 0; an existing one keeps its value.
    pub(super) fn create_series(&self, collectors: CollectorSet, oauth: bool) {
        let mut state = self.state();
        if state.oauth && !oauth {
            state.codes.retain(|(it, _), _| *it != Endpoint::Token);
            self.metrics
                .remove_series(&self.organization, Some(Endpoint::Token.name()));
        }
        state.oauth = oauth;
        let organization = self.organization.as_str();
        let endpoints = Endpoint::ALL
            .into_iter()
            .filter(|it| is_selected(it.name(), collectors, oauth));
        for endpoint in endpoints {
            let name = endpoint.name();
            self.metrics
                .retries
                .with_label_values(&[organization, name]);
            self.metrics
                .durations
                .with_label_values(&[organization, name]);
            for code in Code::EXPECTED {
                let labels = [organization, name, &code.label()];
                let counter = self.metrics.requests.with_label_values(&labels);
                state.codes.insert((endpoint, code), counter);
            }
            if endpoint != Endpoint::Token {
                for reason in RejectionReason::ALL {
                    let labels = [organization, name, reason.name()];
                    self.metrics.rejected.with_label_values(&labels);
                }
            }
        }
        self.mark_changed();
    }

    /// The state, locked for counting something of `endpoint`; none for the token endpoint when tokens are no
    /// longer requested.
    fn lock_for(&self, endpoint: Endpoint) -> Option<MutexGuard<'_, State>> {
        let state = self.state();
        let has_metrics = state.oauth || endpoint != Endpoint::Token;
        has_metrics.then_some(state)
    }

    /// Must be called after anything was counted.
    fn mark_changed(&self) {
        self.metrics.changes.increment();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OrganizationObserver {
    fn drop(&mut self) {
        let mut observers = self.metrics.observers();
        let current = observers.get(&self.organization).map(Weak::as_ptr);
        // Otherwise a new observer of the same name has already taken over the series.
        if current == Some(std::ptr::from_ref(self)) {
            observers.remove(&self.organization);
            self.metrics.remove_series(&self.organization, None);
            self.mark_changed();
        }
    }
}

impl Observer for OrganizationObserver {
    fn request_ended(&self, endpoint: Endpoint, code: Code, duration: Duration) {
        let Some(mut state) = self.lock_for(endpoint) else {
            return;
        };
        let (organization, name) = (self.organization.as_str(), endpoint.name());
        let counter = state.codes.entry((endpoint, code)).or_insert_with(|| {
            let labels = [organization, name, &code.label()];
            self.metrics.requests.with_label_values(&labels)
        });
        counter.inc();
        let durations = &self.metrics.durations;
        durations
            .with_label_values(&[organization, name])
            .observe(duration.as_secs_f64());
        self.mark_changed();
    }

    fn retried(&self, endpoint: Endpoint) {
        let Some(_state) = self.lock_for(endpoint) else {
            return;
        };
        let labels = [self.organization.as_str(), endpoint.name()];
        self.metrics.retries.with_label_values(&labels).inc();
        self.mark_changed();
    }

    fn entries_rejected(&self, endpoint: Endpoint, reason: RejectionReason, count: u64) {
        let Some(_state) = self.lock_for(endpoint) else {
            return;
        };
        let labels = [self.organization.as_str(), endpoint.name(), reason.name()];
        self.metrics
            .rejected
            .with_label_values(&labels)
            .inc_by(count);
        self.mark_changed();
    }

    fn token_issued(&self, expiry: Option<SystemTime>) {
        let Some(_state) = self.lock_for(Endpoint::Token) else {
            return;
        };
        let labels = [self.organization.as_str()];
        let gauge = &self.metrics.token_expiry;
        match expiry {
            Some(expiry) => gauge.with_label_values(&labels).set(unix_seconds(expiry)),
            // Fails only when there is no series, as when the first token has no expiry.
            None => drop(gauge.remove_label_values(&labels)),
        }
        self.mark_changed();
    }
}

/// Whether the endpoint of that name belongs to one of `collectors`, or is the token's.
pub(super) fn is_selected(endpoint: &str, collectors: CollectorSet, token: bool) -> bool {
    match Collector::from_name(endpoint) {
        Some(collector) => collectors.contains(collector),
        None => token,
    }
}
