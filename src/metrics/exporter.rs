//! The exporter's metrics about itself. Only this file and `api` use the `prometheus` crate.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use prometheus::core::Collector as _;
use prometheus::{
    Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, TextEncoder,
    proto::MetricFamily,
};

use crate::clock::unix_seconds;
use crate::config::CollectorSet;
use crate::density::Observer;
use crate::exposition::TextBuffer;

use super::api::{ApiMetrics, OrganizationObserver, is_selected};
use super::catalogue::{self, Family};
use super::change_counter::ChangeCounter;
use super::http_requests::HttpRequests;

/// In seconds; an answer for a whole portfolio takes several.
const DURATION_BUCKETS: &[f64] = &[0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How this program was built.
#[derive(Clone, Copy, Debug)]
pub struct BuildInfo {
    /// The package's version.
    pub version: &'static str,
    /// The revision of the source; empty when it is not known.
    pub revision: &'static str,
    /// The compiler's version; empty when it is not known.
    pub rustversion: &'static str,
}

/// The counters and histograms of the exporter itself.
#[derive(Debug)]
pub struct ExporterMetrics {
    api: Arc<ApiMetrics>,
    http_requests: HttpRequests,
    build: BuildInfo,
    build_info: GaugeVec,
    config_success: GaugeVec,
    config_time: GaugeVec,
}

/// Which series are written.
#[derive(Clone, Copy, Debug)]
pub struct SeriesFilter<'a> {
    /// These organizations.
    pub organizations: &'a [&'a str],
    /// The endpoints of these collectors, and the token's.
    pub collectors: CollectorSet,
}

impl ExporterMetrics {
    /// Metrics of an exporter that has just started.
    ///
    /// # Errors
    /// When the catalogue has a name that is not one; a test makes them all.
    pub fn new(build: BuildInfo) -> Result<Self, prometheus::Error> {
        let counter = |it: &Family| IntCounterVec::new(Opts::new(it.name, it.help), it.labels);
        let gauge = |it: &Family| GaugeVec::new(Opts::new(it.name, it.help), it.labels);
        let durations = &catalogue::API_REQUEST_DURATION;
        let metrics = Self {
            api: Arc::new(ApiMetrics {
                requests: counter(&catalogue::API_REQUESTS)?,
                durations: HistogramVec::new(
                    HistogramOpts::new(durations.name, durations.help)
                        .buckets(DURATION_BUCKETS.to_vec()),
                    durations.labels,
                )?,
                retries: counter(&catalogue::API_RETRIES)?,
                rejected: counter(&catalogue::API_REJECTED_ENTRIES)?,
                token_expiry: gauge(&catalogue::API_TOKEN_EXPIRY)?,
                changes: ChangeCounter::default(),
                observers: Mutex::default(),
            }),
            http_requests: HttpRequests::default(),
            build,
            build_info: gauge(&catalogue::BUILD_INFO)?,
            config_success: gauge(&catalogue::CONFIG_RELOAD_SUCCESS)?,
            config_time: gauge(&catalogue::CONFIG_RELOAD_TIME)?,
        };
        metrics
            .build_info
            .with_label_values(&[build.version, build.revision, build.rustversion])
            .set(1.0);
        Ok(metrics)
    }

    /// How this program was built.
    pub fn build(&self) -> BuildInfo {
        self.build
    }

    /// The observer of one organization's client. An existing one is returned again, so that its counters
    /// continue; its series are removed when the last reference is dropped. Every series that is expected
    /// starts at 0, so that its first event is an increase.
    pub fn observer(
        &self,
        organization: &str,
        collectors: CollectorSet,
        oauth: bool,
    ) -> Arc<dyn Observer> {
        let observer = OrganizationObserver::of(organization, &self.api);
        observer.create_series(collectors, oauth);
        observer
    }

    /// Changes whenever the output of [`ExporterMetrics::write`] has changed.
    pub fn change_count(&self) -> u64 {
        self.api.changes.value()
    }

    /// Counts a request that the exporter answered.
    pub fn http_request(&self, handler: &str, code: u16) {
        self.http_requests.count(handler, code, 1);
    }

    /// Creates the series of these handlers and codes at 0.
    pub fn create_http_series(&self, handlers: &[&str], codes: &[u16]) {
        for handler in handlers {
            for code in codes {
                self.http_requests.count(handler, *code, 0);
            }
        }
    }

    /// Records whether the configuration could be read.
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

    /// Writes the families with an `organization` label.
    pub fn write(&self, filter: &SeriesFilter<'_>, out: &mut TextBuffer) {
        let mut families: Vec<MetricFamily> = [
            self.api.rejected.collect(),
            self.api.requests.collect(),
            self.api.durations.collect(),
            self.api.retries.collect(),
            self.api.token_expiry.collect(),
        ]
        .concat();
        for family in &mut families {
            family.mut_metric().retain(|metric| {
                metric.get_label().iter().all(|label| match label.name() {
                    "organization" => filter.organizations.contains(&label.value()),
                    "endpoint" => is_selected(label.value(), filter.collectors, true),
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

fn encode(families: Vec<MetricFamily>, out: &mut TextBuffer) {
    for mut family in families {
        if family.get_metric().is_empty() {
            continue;
        }
        // The vectors return their children in no order, and a page must not change without a cause.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::Collector;
    use crate::density::{Code, Endpoint, RejectionReason};

    use super::*;

    fn new_metrics() -> ExporterMetrics {
        ExporterMetrics::new(BuildInfo {
            version: "1",
            revision: "",
            rustversion: "2",
        })
        .unwrap()
    }

    fn text(metrics: &ExporterMetrics, organizations: &[&str], collectors: CollectorSet) -> String {
        let mut out = TextBuffer::new();
        let filter = SeriesFilter {
            organizations,
            collectors,
        };
        metrics.write(&filter, &mut out);
        String::from_utf8(out.into_vec()).unwrap()
    }

    #[test]
    fn what_can_happen_starts_at_0_and_what_happens_counts() {
        let metrics = new_metrics();
        let observer = metrics.observer("acme", CollectorSet::all(), true);
        let _other = metrics.observer("other", CollectorSet::all(), false);
        let before = text(&metrics, &["acme"], CollectorSet::all());
        assert!(before.contains(
            "density_api_requests_total{code=\"timeout\",endpoint=\"token\",organization=\"acme\"} 0"
        ));
        assert!(!before.contains("other"));

        let time = Duration::from_millis(30);
        observer.request_ended(Endpoint::Presence, Code::Status(200), time);
        observer.request_ended(Endpoint::Presence, Code::Status(418), time);
        observer.entries_rejected(Endpoint::Spaces, RejectionReason::Duplicate, 3);
        observer.token_issued(Some(SystemTime::UNIX_EPOCH + Duration::from_secs(5)));
        let after = text(&metrics, &["acme"], CollectorSet::all());
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
        let metrics = new_metrics();
        let _observer = metrics.observer("acme", CollectorSet::all(), true);
        let only = CollectorSet::default().with(Collector::Presence);
        let page = text(&metrics, &["acme"], only);
        assert!(page.contains("endpoint=\"presence\"") && page.contains("endpoint=\"token\""));
        assert!(!page.contains("endpoint=\"spaces\""));
        assert_eq!(text(&metrics, &[], only), "");
    }

    #[test]
    fn series_end_with_the_last_observer_and_start_again_at_zero() {
        let metrics = new_metrics();
        let time = Duration::from_millis(30);
        let count = |observer: &Arc<dyn Observer>| {
            observer.request_ended(Endpoint::Presence, Code::Status(418), time);
            observer.retried(Endpoint::Presence);
            observer.token_issued(Some(SystemTime::UNIX_EPOCH));
        };
        let other = metrics.observer("other", CollectorSet::all(), true);
        count(&other);
        let first = metrics.observer("acme", CollectorSet::all(), true);
        let second = metrics.observer("acme", CollectorSet::all(), true);
        drop(first);
        // A request in flight is still counted.
        count(&second);
        assert_ne!(text(&metrics, &["acme"], CollectorSet::all()), "");
        drop(second);
        assert_eq!(text(&metrics, &["acme"], CollectorSet::all()), "");
        let line = "density_api_requests_total{code=\"418\",endpoint=\"presence\",organization=\"other\"} ";
        assert!(text(&metrics, &["other"], CollectorSet::all()).contains(&format!("{line}1\n")));
        // A reload finds the existing counters.
        count(&metrics.observer("other", CollectorSet::all(), true));
        assert!(text(&metrics, &["other"], CollectorSet::all()).contains(&format!("{line}2\n")));
        // An organization that comes back starts at zero.
        let _back = metrics.observer("acme", CollectorSet::all(), false);
        let page = text(&metrics, &["acme"], CollectorSet::all());
        assert!(!page.is_empty());
        assert!(!page.contains("code=\"418\"") && !page.contains("endpoint=\"token\""));
    }

    #[test]
    fn without_oauth_there_are_no_token_metrics_any_more() {
        let metrics = new_metrics();
        let observer = metrics.observer("acme", CollectorSet::all(), true);
        observer.token_issued(Some(SystemTime::UNIX_EPOCH));
        metrics.observer("acme", CollectorSet::all(), false);
        observer.token_issued(Some(SystemTime::UNIX_EPOCH));
        observer.retried(Endpoint::Token);
        let page = text(&metrics, &["acme"], CollectorSet::all());
        assert!(!page.contains("token"), "{page}");
    }
}
