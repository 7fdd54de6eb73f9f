//! What the exporter counts about itself. Only this and `calls` know the `prometheus` crate.

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

use super::calls::{Calls, OrganizationObserver, is_shown};
use super::catalogue::{self, Family};
use super::counted::Counted;
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
pub struct ExporterMetrics {
    calls: Arc<Calls>,
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

impl ExporterMetrics {
    /// Nothing has happened yet.
    ///
    /// # Errors
    /// When the catalogue has a name that is not one; a test makes them all.
    pub fn new(build: BuildInfo) -> Result<Self, prometheus::Error> {
        let counter = |it: &Family| IntCounterVec::new(Opts::new(it.name, it.help), it.labels);
        let gauge = |it: &Family| GaugeVec::new(Opts::new(it.name, it.help), it.labels);
        let durations = &catalogue::API_REQUEST_DURATION;
        let own = Self {
            calls: Arc::new(Calls {
                requests: counter(&catalogue::API_REQUESTS)?,
                durations: HistogramVec::new(
                    HistogramOpts::new(durations.name, durations.help)
                        .buckets(DURATION_BUCKETS.to_vec()),
                    durations.labels,
                )?,
                retries: counter(&catalogue::API_RETRIES)?,
                rejected: counter(&catalogue::API_REJECTED_ENTRIES)?,
                token_expiry: gauge(&catalogue::API_TOKEN_EXPIRY)?,
                counted: Counted::default(),
                observers: Mutex::default(),
            }),
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

    /// The observer of one organization's client: the one that there is, where there is one, so that
    /// its counters go on. Its series end with the last who holds it. Everything that is known to be
    /// possible starts at 0, so that the first time that it happens is an increase.
    pub fn observer(
        &self,
        organization: &str,
        collectors: CollectorSet,
        oauth: bool,
    ) -> Arc<dyn Observer> {
        let observer = OrganizationObserver::of(organization, &self.calls);
        observer.expect(collectors, oauth);
        observer
    }

    /// Rises whenever what [`ExporterMetrics::write`] writes has changed.
    pub fn counted(&self) -> u64 {
        self.calls.counted.now()
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
            self.calls.rejected.collect(),
            self.calls.requests.collect(),
            self.calls.durations.collect(),
            self.calls.retries.collect(),
            self.calls.token_expiry.collect(),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::Collector;
    use crate::density::{Code, Endpoint, Reason};

    use super::*;

    fn own() -> ExporterMetrics {
        ExporterMetrics::new(BuildInfo {
            version: "1",
            revision: "",
            rustversion: "2",
        })
        .unwrap()
    }

    fn text(own: &ExporterMetrics, organizations: &[&str], collectors: CollectorSet) -> String {
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
        let _other = own.observer("other", CollectorSet::all(), false);
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
        let _observer = own.observer("acme", CollectorSet::all(), true);
        let only = CollectorSet::default().with(Collector::Presence);
        let page = text(&own, &["acme"], only);
        assert!(page.contains("endpoint=\"presence\"") && page.contains("endpoint=\"token\""));
        assert!(!page.contains("endpoint=\"spaces\""));
        assert_eq!(text(&own, &[], only), "");
    }

    #[test]
    fn series_end_with_the_last_who_counts_and_begin_anew() {
        let own = own();
        let time = Duration::from_millis(30);
        let count = |observer: &Arc<dyn Observer>| {
            observer.request_ended(Endpoint::Presence, Code::Status(418), time);
            observer.retried(Endpoint::Presence);
            observer.token_issued(Some(SystemTime::UNIX_EPOCH));
        };
        let other = own.observer("other", CollectorSet::all(), true);
        count(&other);
        let first = own.observer("acme", CollectorSet::all(), true);
        let second = own.observer("acme", CollectorSet::all(), true);
        drop(first);
        // A call under way goes on to count.
        count(&second);
        assert_ne!(text(&own, &["acme"], CollectorSet::all()), "");
        drop(second);
        assert_eq!(text(&own, &["acme"], CollectorSet::all()), "");
        let line = "density_api_requests_total{code=\"418\",endpoint=\"presence\",organization=\"other\"} ";
        assert!(text(&own, &["other"], CollectorSet::all()).contains(&format!("{line}1\n")));
        // A reload finds the counters that there are.
        count(&own.observer("other", CollectorSet::all(), true));
        assert!(text(&own, &["other"], CollectorSet::all()).contains(&format!("{line}2\n")));
        // One that is back begins anew.
        let _back = own.observer("acme", CollectorSet::all(), false);
        let page = text(&own, &["acme"], CollectorSet::all());
        assert!(!page.is_empty());
        assert!(!page.contains("code=\"418\"") && !page.contains("endpoint=\"token\""));
    }

    #[test]
    fn without_oauth_nothing_is_told_of_tokens_any_more() {
        let own = own();
        let observer = own.observer("acme", CollectorSet::all(), true);
        observer.token_issued(Some(SystemTime::UNIX_EPOCH));
        own.observer("acme", CollectorSet::all(), false);
        observer.token_issued(Some(SystemTime::UNIX_EPOCH));
        observer.retried(Endpoint::Token);
        let page = text(&own, &["acme"], CollectorSet::all());
        assert!(!page.contains("token"), "{page}");
    }
}
