//! What one organization's calls count.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use prometheus::core::{Collector as _, MetricVec, MetricVecBuilder};
use prometheus::{GaugeVec, HistogramVec, IntCounter, IntCounterVec};

use crate::clock::unix_seconds;
use crate::config::{Collector, CollectorSet};
use crate::density::{Code, Endpoint, Observer, Reason};

use super::counted::Counted;

/// The counters of all organizations.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) requests: IntCounterVec,
    pub(super) durations: HistogramVec,
    pub(super) retries: IntCounterVec,
    pub(super) rejected: IntCounterVec,
    pub(super) token_expiry: GaugeVec,
    /// Rises with whatever changes any of them.
    pub(super) counted: Counted,
    /// By the name of the organization, so that a reload finds the one that there is.
    pub(super) observers: Mutex<HashMap<String, Weak<OrganizationObserver>>>,
}

impl Calls {
    fn observers(&self) -> MutexGuard<'_, HashMap<String, Weak<OrganizationObserver>>> {
        // Nothing panics while it is held.
        self.observers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all series that have this label.
    fn end(&self, organization: &str, endpoint: Option<&str>) {
        end(&self.requests, organization, endpoint);
        end(&self.durations, organization, endpoint);
        end(&self.retries, organization, endpoint);
        end(&self.rejected, organization, endpoint);
        // It has no endpoint, for there is but one.
        if endpoint.is_none_or(|it| it == Endpoint::Token.name()) {
            end(&self.token_expiry, organization, None);
        }
    }
}

fn end<B: MetricVecBuilder>(vector: &MetricVec<B>, organization: &str, endpoint: Option<&str>) {
    for family in vector.collect() {
        for metric in family.get_metric() {
            let labels = metric.get_label().iter();
            let labels: HashMap<&str, &str> = labels.map(|it| (it.name(), it.value())).collect();
            let is_of_it = labels.get("organization") == Some(&organization)
                && endpoint.is_none_or(|it| labels.get("endpoint") == Some(&it));
            if is_of_it {
                // Fails only where there is none, and then it has ended.
                let _ = vector.remove(&labels);
            }
        }
    }
}

/// Counts for one organization. Its series end when this is dropped, which is not before the last call
/// and the last scrape that know the organization have ended.
#[derive(Debug)]
pub(super) struct OrganizationObserver {
    organization: String,
    calls: Arc<Calls>,
    /// Held while anything is counted, so that nothing of a token is counted after its end.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether there are tokens to tell of.
    oauth: bool,
    /// Counters by code, so that counting a request looks nothing up by text.
    codes: HashMap<(Endpoint, Code), IntCounter>,
}

impl OrganizationObserver {
    /// The one of that name.
    pub(super) fn of(organization: &str, calls: &Arc<Calls>) -> Arc<Self> {
        let mut observers = calls.observers();
        if let Some(observer) = observers.get(organization).and_then(Weak::upgrade) {
            return observer;
        }
        let observer = Arc::new(Self {
            organization: organization.to_owned(),
            calls: calls.clone(),
            state: Mutex::default(),
        });
        observers.insert(organization.to_owned(), Arc::downgrade(&observer));
        observer
    }

    /// Everything that is known to be possible starts at 0, or goes on.
    pub(super) fn expect(&self, collectors: CollectorSet, oauth: bool) {
        let mut state = self.state();
        if state.oauth && !oauth {
            state.codes.retain(|(it, _), _| *it != Endpoint::Token);
            self.calls
                .end(&self.organization, Some(Endpoint::Token.name()));
        }
        state.oauth = oauth;
        let organization = self.organization.as_str();
        let endpoints = Endpoint::ALL
            .into_iter()
            .filter(|it| is_shown(it.name(), collectors, oauth));
        for endpoint in endpoints {
            let name = endpoint.name();
            self.calls.retries.with_label_values(&[organization, name]);
            self.calls
                .durations
                .with_label_values(&[organization, name]);
            for code in Code::EXPECTED {
                let labels = [organization, name, &code.label()];
                let counter = self.calls.requests.with_label_values(&labels);
                state.codes.insert((endpoint, code), counter);
            }
            if endpoint != Endpoint::Token {
                for reason in Reason::ALL {
                    let labels = [organization, name, reason.name()];
                    self.calls.rejected.with_label_values(&labels);
                }
            }
        }
        self.has_counted();
    }

    /// Where something of `endpoint` is to be counted; nowhere when there are no tokens any more.
    fn counting(&self, endpoint: Endpoint) -> Option<MutexGuard<'_, State>> {
        let state = self.state();
        let is_told = state.oauth || endpoint != Endpoint::Token;
        is_told.then_some(state)
    }

    /// After it was counted.
    fn has_counted(&self) {
        self.calls.counted.rise();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OrganizationObserver {
    fn drop(&mut self) {
        let mut observers = self.calls.observers();
        let place = observers.get(&self.organization).map(Weak::as_ptr);
        // Else one of the same name has come already, and goes on with the series.
        if place == Some(std::ptr::from_ref(self)) {
            observers.remove(&self.organization);
            self.calls.end(&self.organization, None);
            self.has_counted();
        }
    }
}

impl Observer for OrganizationObserver {
    fn request_ended(&self, endpoint: Endpoint, code: Code, duration: Duration) {
        let Some(mut state) = self.counting(endpoint) else {
            return;
        };
        let (organization, name) = (self.organization.as_str(), endpoint.name());
        let counter = state.codes.entry((endpoint, code)).or_insert_with(|| {
            let labels = [organization, name, &code.label()];
            self.calls.requests.with_label_values(&labels)
        });
        counter.inc();
        let durations = &self.calls.durations;
        durations
            .with_label_values(&[organization, name])
            .observe(duration.as_secs_f64());
        self.has_counted();
    }

    fn retried(&self, endpoint: Endpoint) {
        let Some(_state) = self.counting(endpoint) else {
            return;
        };
        let labels = [self.organization.as_str(), endpoint.name()];
        self.calls.retries.with_label_values(&labels).inc();
        self.has_counted();
    }

    fn entries_rejected(&self, endpoint: Endpoint, reason: Reason, count: u64) {
        let Some(_state) = self.counting(endpoint) else {
            return;
        };
        let labels = [self.organization.as_str(), endpoint.name(), reason.name()];
        self.calls.rejected.with_label_values(&labels).inc_by(count);
        self.has_counted();
    }

    fn token_issued(&self, expiry: Option<SystemTime>) {
        let Some(_state) = self.counting(Endpoint::Token) else {
            return;
        };
        let labels = [self.organization.as_str()];
        let gauge = &self.calls.token_expiry;
        match expiry {
            Some(expiry) => gauge.with_label_values(&labels).set(unix_seconds(expiry)),
            // Nothing to remove where the first token does not say when it ends.
            None => drop(gauge.remove_label_values(&labels)),
        }
        self.has_counted();
    }
}

/// Whether the endpoint of that name belongs to one of `collectors`, or is the token's.
pub(super) fn is_shown(endpoint: &str, collectors: CollectorSet, token: bool) -> bool {
    match Collector::from_name(endpoint) {
        Some(collector) => collectors.contains(collector),
        None => token,
    }
}
