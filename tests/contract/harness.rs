//! An exporter, a simulated API and a clock that a test moves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use density_exporter::app::{assemble, build_info};
use density_exporter::aside::Aside;
use density_exporter::clock::{RuntimeClock, SharedClock};
use density_exporter::config;
use density_exporter::density::{BodyStream, Transport, TransportError};
use density_exporter::http::{Exporter, Parts, Settings};
use density_exporter::metrics::OwnMetrics;
use density_exporter::simulator::{EndpointName, Options, Simulator};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use http::{Request, StatusCode};
use http_body_util::BodyExt;

/// Monday, 2026-11-23 10:00 UTC.
pub const MONDAY: u64 = 1_795_428_000;

/// One organization with OAuth; a test adds what it is about.
pub const OAUTH: &str = "
organizations:
  - name: acme
    api_url: https://api.test
    auth: { client_id: simulated-client, client_secret_env: SECRET }
";

/// The endpoints of the collectors.
pub const LIVE: [EndpointName; 5] = [
    EndpointName::Spaces,
    EndpointName::Sensors,
    EndpointName::CurrentCount,
    EndpointName::Presence,
    EndpointName::SensorHealth,
];

pub struct Harness {
    pub simulator: Arc<Simulator>,
    pub exporter: Arc<Exporter>,
    pub clock: SharedClock,
}

/// A portfolio in which nothing happens by itself.
pub fn steady() -> Options {
    Options {
        steady: true,
        ..Options::default()
    }
}

struct InProcess(Arc<Simulator>);

impl Transport for InProcess {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<BodyStream>, TransportError>> {
        async move {
            let (head, body) = self.0.handle(request).await.into_parts();
            let body = body
                .into_data_stream()
                .map(|it| it.map_err(|error| TransportError::Reset(error.to_string())));
            let body: BodyStream = Box::pin(body);
            Ok(http::Response::from_parts(head, body))
        }
        .boxed()
    }
}

/// What a scrape says, and what is to be found in it.
pub struct Page {
    pub status: StatusCode,
    pub text: String,
}

impl Harness {
    /// The exporter that `config` describes, in front of a simulated API.
    pub fn new(config: &str, options: Options) -> Self {
        Self::with_settings(config, options, 40)
    }

    pub fn with_settings(config: &str, options: Options, max_requests: usize) -> Self {
        let clock = RuntimeClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(MONDAY));
        let simulator = Simulator::new(options, clock.clone());
        let environment = [("SECRET", "simulated-secret"), ("TOKEN", "tok_simulated")];
        let config = config::from_text("test.yml", config, &environment)
            .unwrap_or_else(|errors| panic!("{errors}"));
        let aside = Aside::default();
        let own = Arc::new(OwnMetrics::new(build_info()).unwrap());
        let transport: Arc<dyn Transport> = Arc::new(InProcess(simulator.clone()));
        let portfolio = assemble(&config, &clock, &aside, &own, |_| Ok(transport.clone())).unwrap();
        let parts = Parts {
            portfolio,
            own,
            redacted_config: config::redacted(&config),
            clock: clock.clone(),
        };
        let settings = Settings {
            telemetry_path: "/metrics".to_owned(),
            timeout_offset: Duration::from_millis(500),
            max_requests,
        };
        Self {
            simulator,
            exporter: Exporter::new(parts, settings),
            clock,
        }
    }

    /// Scrapes with Prometheus' own timeout of ten seconds.
    pub async fn scrape(&self) -> Page {
        self.get("/metrics", &[("x-prometheus-scrape-timeout-seconds", "10")])
            .await
    }

    pub async fn get(&self, uri: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.exporter.answer(request.body(()).unwrap()).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Page {
            status,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Calls that the API has received for `endpoint`.
    pub fn calls(&self, endpoint: EndpointName) -> u64 {
        self.simulator.calls().of(endpoint)
    }
}

pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

impl Page {
    /// The labels and values of all samples of `name`.
    pub fn samples(&self, name: &str) -> Vec<(BTreeMap<String, String>, f64)> {
        self.text
            .lines()
            .filter_map(|line| sample(line, name))
            .collect()
    }

    /// The values of the samples of `name` that have all of `labels`.
    pub fn values(&self, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        self.samples(name)
            .into_iter()
            .filter(|(has, _)| {
                labels
                    .iter()
                    .all(|(label, value)| has.get(*label).is_some_and(|it| it == value))
            })
            .map(|(_, value)| value)
            .collect()
    }

    /// The value of the one sample of `name` that has all of `labels`.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        match self.values(name, labels).as_slice() {
            [value] => *value,
            values => panic!("{name}{labels:?}: {values:?}\n{}", self.text),
        }
    }

    /// The sum of the samples of `name` that have all of `labels`.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.values(name, labels).iter().sum()
    }

    pub fn success(&self, collector: &str) -> f64 {
        self.value("density_collector_success", &[("collector", collector)])
    }

    /// All series that are not about the exporter itself, in order.
    pub fn data(&self) -> Vec<&str> {
        self.text
            .lines()
            .filter(|line| line.starts_with("density_s"))
            .collect()
    }
}

/// Reads a line when it is a sample of `name`. The values of labels are left escaped.
fn sample(line: &str, name: &str) -> Option<(BTreeMap<String, String>, f64)> {
    let rest = line.strip_prefix(name)?;
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => rest.rsplit_once("} ")?,
        None => ("", rest.strip_prefix(' ')?),
    };
    let mut found = BTreeMap::new();
    let mut rest = labels;
    while let Some((label, after)) = rest.split_once("=\"") {
        let mut end = 0;
        let mut escaped = false;
        for (at, c) in after.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        found.insert(label.to_owned(), after[..end].to_owned());
        rest = after[end + 1..].trim_start_matches(',');
    }
    Some((found, value.parse().unwrap()))
}
