//! What the exporter counts about itself. The only place that knows the `prometheus` crate.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use prometheus::core::Collector as _;
use prometheus::{
    Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, TextEncoder,
    proto::MetricFamily,
};

use crate::clock::unix_seconds;
use crate::config::{Collector, CollectorSet};
use crate::density::{Code, Endpoint, Observer, Reason};
use crate::exposition::TextBuffer;

use super::catalogue::{self, Family};
use super::http_requests::HttpRequests;

/// Seconds; an answer for a whole portfolio takes some.
const DURATION_BUCKETS: &[f64] = &[0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// What was built.
#[derive(Clone, Copy, Debug)]
pub struct BuildInfo {
    /// The package's version.
    pub version: &'static str,
    /// The revision of the source; empty where it is not known.
    pub revision: &'static str,
    /// The compiler's version; empty where it is not known.
    pub rustversion: &'static str,
}

/// The counters and histograms of the exporter itself.
#[derive(Debug)]
pub struct OwnMetrics {
    requests: IntCounterVec,
    durations: HistogramVec,
    retries: IntCounterVec,
    rejected: IntCounterVec,
    token_expiry: GaugeVec,
    /// Rises with whatever changes what [`OwnMetrics::write`] writes.
    counted: Arc<AtomicU64>,
    http_requests: HttpRequests,
    build: BuildInfo,
    build_info: GaugeVec,
    config_success: GaugeVec,
    config_time: GaugeVec,
}

/// Which part of it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// These organizations.
    pub organizations: &'a [&'a str],
    /// The endpoints of these collectors, and the token's.
    pub collectors: CollectorSet,
}

impl OwnMetrics {
    /// Nothing has happened yet.
    ///
    /// # Errors
    /// When the catalogue has a name that is not one; a test makes them all.
    pub fn new(build: BuildInfo) -> Result<Self, prometheus::Error> {
        let counter = |it: &Family| IntCounterVec::new(Opts::new(it.name, it.help), it.labels);
        let gauge = |it: &Family| GaugeVec::new(Opts::new(it.name, it.help), it.labels);
        let durations = &catalogue::API_REQUEST_DURATION;
        let own = Self {
            requests: counter(&catalogue::API_REQUESTS)?,
            durations: HistogramVec::new(
                HistogramOpts::new(durations.name, durations.help)
                    .buckets(DURATION_BUCKETS.to_vec()),
                durations.labels,
            )?,
            retries: counter(&catalogue::API_RETRIES)?,
            rejected: counter(&catalogue::API_REJECTED_ENTRIES)?,
            token_expiry: gauge(&catalogue::API_TOKEN_EXPIRY)?,
            counted: Arc::default(),
            http_requests: HttpRequests::default(),
            build,
            build_info: gauge(&catalogue::BUILD_INFO)?,
            config_success: gauge(&catalogue::CONFIG_RELOAD_SUCCESS)?,
            config_time: gauge(&catalogue::CONFIG_RELOAD_TIME)?,
        };
        own.build_info
            .with_label_values(&[build.version, build.revision, build.rustversion])
            .set(1.0);
        Ok(own)
    }

    /// What was built.
    pub fn build(&self) -> BuildInfo {
        self.build
    }

    /// The observer of one organization's client. Everything that is known to be possible starts at
    /// 0, so that the first time that it happens is an increase.
    pub fn observer(
        &self,
        organization: &str,
        collectors: CollectorSet,
        oauth: bool,
    ) -> Arc<dyn Observer> {
        self.counted.fetch_add(1, Ordering::Release);
        let endpoints = Endpoint::ALL
            .into_iter()
            .filter(|it| is_shown(it.name(), collectors, oauth));
        let mut codes = HashMap::new();
        for endpoint in endpoints {
            let name = endpoint.name();
            self.retries.with_label_values(&[organization, name]);
            self.durations.with_label_values(&[organization, name]);
            for code in Code::EXPECTED {
                let counter = self
                    .requests
                    .with_label_values(&[organization, name, &code.label()]);
                codes.insert((endpoint, code), counter);
            }
            if endpoint != Endpoint::Token {
                for reason in Reason::ALL {
                    self.rejected
                        .with_label_values(&[organization, name, reason.name()]);
                }
            }
        }
        Arc::new(OrganizationObserver {
            organization: organization.to_owned(),
            requests: self.requests.clone(),
            codes: Mutex::new(codes),
            durations: self.durations.clone(),
            retries: self.retries.clone(),
            rejected: self.rejected.clone(),
            token_expiry: self.token_expiry.clone(),
            counted: self.counted.clone(),
        })
    }

    /// Rises whenever what [`OwnMetrics::write`] writes has changed.
    pub fn counted(&self) -> u64 {
        self.counted.load(Ordering::Acquire)
    }

    /// The exporter answered a request.
    pub fn http_request(&self, handler: &str, code: u16) {
        self.http_requests.count(handler, code, 1);
    }

    /// Requests of these handlers can end with these codes: they start at 0.
    pub fn expect_http_requests(&self, handlers: &[&str], codes: &[u16]) {
        for handler in handlers {
            for code in codes {
                self.http_requests.count(handler, *code, 0);
            }
        }
    }

    /// The configuration was read, or could not be.
    pub fn config_read(&self, success: bool, wall: SystemTime) {
        let none: [&str; 0] = [];
        self.config_success
            .with_label_values(&none)
            .set(f64::from(success));
        if success {
            self.config_time
                .with_label_values(&none)
                .set(unix_seconds(wall));
        }
    }

    /// Writes the families of the organizations that are shown.
    pub fn write(&self, shown: &Shown<'_>, out: &mut TextBuffer) {
        let mut families: Vec<MetricFamily> = [
            self.rejected.collect(),
            self.requests.collect(),
            self.durations.collect(),
            self.retries.collect(),
            self.token_expiry.collect(),
        ]
        .concat();
        for family in &mut families {
            family.mut_metric().retain(|metric| {
                metric.get_label().iter().all(|label| match label.name() {
                    "organization" => shown.organizations.contains(&label.value()),
                    "endpoint" => is_shown(label.value(), shown.collectors, true),
                    _ => true,
                })
            });
        }
        encode(families, out);
    }

    /// Writes the families that belong to no organization.
    pub fn write_exporter(&self, out: &mut TextBuffer) {
        self.http_requests.write(out);
        let families = [
            self.build_info.collect(),
            self.config_success.collect(),
            self.config_time.collect(),
        ]
        .concat();
        encode(families, out);
    }
}

/// Whether the endpoint of that name belongs to one of `collectors`, or is the token's.
fn is_shown(endpoint: &str, collectors: CollectorSet, token: bool) -> bool {
    match Collector::from_name(endpoint) {
        Some(collector) => collectors.contains(collector),
        None => token,
    }
}

fn encode(families: Vec<MetricFamily>, out: &mut TextBuffer) {
    for mut family in families {
        if family.get_metric().is_empty() {
            continue;
        }
        // The vectors give their children in no order, and a page should not change by itself.
        family.mut_metric().sort_by(|a, b| {
            let values = |it: &prometheus::proto::Metric| -> Vec<String> {
                it.get_label()
                    .iter()
                    .map(|it| it.value().to_owned())
                    .collect()
            };
            values(a).cmp(&values(b))
        });
        // Writing to memory does not fail, and every family here has a name and samples.
        let _ = TextEncoder::new().encode(&[family], out);
    }
}

struct OrganizationObserver {
    organization: String,
    requests: IntCounterVec,
    /// Counters by code, so that counting a request looks nothing up by text.
    codes: Mutex<HashMap<(Endpoint, Code), IntCounter>>,
    durations: HistogramVec,
    retries: IntCounterVec,
    rejected: IntCounterVec,
    token_expiry: GaugeVec,
    counted: Arc<AtomicU64>,
}

impl OrganizationObserver {
    /// After it was counted, so that whoever sees this rise sees what was counted.
    fn has_counted(&self) {
        self.counted.fetch_add(1, Ordering::Release);
    }
}

impl Observer for OrganizationObserver {
    fn request_ended(&self, endpoint: Endpoint, code: Code, duration: Duration) {
        let name = endpoint.name();
        // Nothing panics while it is held.
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes
            .entry((endpoint, code))
            .or_insert_with(|| {
                self.requests
                    .with_label_values(&[self.organization.as_str(), name, &code.label()])
            })
            .inc();
        self.durations
            .with_label_values(&[self.organization.as_str(), name])
            .observe(duration.as_secs_f64());
        self.has_counted();
    }

    fn retried(&self, endpoint: Endpoint) {
        self.retries
            .with_label_values(&[self.organization.as_str(), endpoint.name()])
            .inc();
        self.has_counted();
    }

    fn entries_rejected(&self, endpoint: Endpoint, reason: Reason, count: u64) {
        self.rejected
            .with_label_values(&[self.organization.as_str(), endpoint.name(), reason.name()])
            .inc_by(count);
        self.has_counted();
    }

    fn token_issued(&self, expiry: Option<SystemTime>) {
        let organization = [self.organization.as_str()];
        match expiry {
            Some(expiry) => self
                .token_expiry
                .with_label_values(&organization)
                .set(unix_seconds(expiry)),
            // Nothing to remove where the first token does not say when it ends.
            None => drop(self.token_expiry.remove_label_values(&organization)),
        }
        self.has_counted();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> OwnMetrics {
        OwnMetrics::new(BuildInfo {
            version: "1",
            revision: "",
            rustversion: "2",
        })
        .unwrap()
    }

    fn text(own: &OwnMetrics, organizations: &[&str], collectors: CollectorSet) -> String {
        let mut out = TextBuffer::new();
        let shown = Shown {
            organizations,
            collectors,
        };
        own.write(&shown, &mut out);
        String::from_utf8(out.into_vec()).unwrap()
    }

    #[test]
    fn what_can_happen_starts_at_0_and_what_happens_counts() {
        let own = own();
        let observer = own.observer("acme", CollectorSet::all(), true);
        own.observer("other", CollectorSet::all(), false);
        let before = text(&own, &["acme"], CollectorSet::all());
        assert!(before.contains(
            "density_api_requests_total{code=\"timeout\",endpoint=\"token\",organization=\"acme\"} 0"
        ));
        assert!(!before.contains("other"));

        let time = Duration::from_millis(30);
        observer.request_ended(Endpoint::Presence, Code::Status(200), time);
        observer.request_ended(Endpoint::Presence, Code::Status(418), time);
        observer.entries_rejected(Endpoint::Spaces, Reason::Duplicate, 3);
        observer.token_issued(Some(SystemTime::UNIX_EPOCH + Duration::from_secs(5)));
        let after = text(&own, &["acme"], CollectorSet::all());
        for line in [
            "density_api_requests_total{code=\"200\",endpoint=\"presence\",organization=\"acme\"} 1",
            "density_api_requests_total{code=\"418\",endpoint=\"presence\",organization=\"acme\"} 1",
            "density_api_rejected_entries_total{endpoint=\"spaces\",organization=\"acme\",reason=\"duplicate\"} 3",
            "density_api_token_expiry_timestamp_seconds{organization=\"acme\"} 5",
            "density_api_request_duration_seconds_count{endpoint=\"presence\",organization=\"acme\"} 2",
        ] {
            assert!(after.lines().any(|it| it == line), "{line}\n{after}");
        }
    }

    #[test]
    fn a_narrowed_page_has_the_endpoints_that_it_names() {
        let own = own();
        own.observer("acme", CollectorSet::all(), true);
        let only = CollectorSet::default().with(Collector::Presence);
        let page = text(&own, &["acme"], only);
        assert!(page.contains("endpoint=\"presence\"") && page.contains("endpoint=\"token\""));
        assert!(!page.contains("endpoint=\"spaces\""));
        assert_eq!(text(&own, &[], only), "");
    }
}
