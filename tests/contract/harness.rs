//! An exporter, a simulated API and a clock that a test moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use density_exporter::app::{Assembler, Reloader, build_info};
use density_exporter::blocking_pool::BlockingPool;
use density_exporter::clock::{RuntimeClock, SharedClock};
use density_exporter::config;
use density_exporter::density::{BodyStream, Endpoint, Transport, TransportError};
use density_exporter::http::{Exporter, Parts, Settings, WatchedWebConfig, router};
use density_exporter::metrics::ExporterMetrics;
use density_exporter::simulator::{EndpointName, Options, Simulator};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::Service;

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
    router: Router,
    pub clock: SharedClock,
    config: Arc<Mutex<String>>,
    bearers: Arc<Mutex<BTreeSet<String>>>,
    cut: Arc<Mutex<Cut>>,
}

/// What does not reach the simulator.
#[derive(Default)]
struct Cut {
    off: Option<(Endpoint, TransportError)>,
    calls: u64,
}

/// A portfolio in which nothing happens by itself.
pub fn steady() -> Options {
    Options {
        steady: true,
        ..Options::default()
    }
}

/// Hands requests to the simulator, and notes which tokens are sent.
struct InProcess(Router, Arc<Mutex<BTreeSet<String>>>, Arc<Mutex<Cut>>);

impl Transport for InProcess {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<BodyStream>, TransportError>> {
        if let Some(bearer) = request.headers().get(http::header::AUTHORIZATION) {
            let bearer = bearer.to_str().unwrap().to_owned();
            self.1.lock().unwrap().insert(bearer);
        }
        let mut cut = self.2.lock().unwrap();
        if let Some((endpoint, error)) = cut.off.clone()
            && request.uri().path() == endpoint.path()
        {
            cut.calls += 1;
            return std::future::ready(Err(error)).boxed();
        }
        let mut router = self.0.clone();
        async move {
            let Ok(response) = router.call(request.map(Body::from)).await;
            let (head, body) = response.into_parts();
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
        Self::on(clock, config, options, max_requests)
    }

    /// On a clock of the test's own.
    pub fn on(clock: SharedClock, config: &str, options: Options, max_requests: usize) -> Self {
        let settings = Settings {
            telemetry_path: "/metrics".to_owned(),
            timeout_offset: Duration::from_millis(500),
            max_requests,
        };
        Self::serving(clock, config, options, settings)
    }

    /// With the metrics at another path.
    pub fn at_path(telemetry_path: &str, config: &str, options: Options) -> Self {
        let clock = RuntimeClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(MONDAY));
        let settings = Settings {
            telemetry_path: telemetry_path.to_owned(),
            timeout_offset: Duration::from_millis(500),
            max_requests: 40,
        };
        Self::serving(clock, config, options, settings)
    }

    fn serving(clock: SharedClock, config: &str, options: Options, settings: Settings) -> Self {
        let simulator = Simulator::new(options, clock.clone());
        let environment = [("SECRET", "simulated-secret"), ("TOKEN", "tok_simulated")];
        let text = Arc::new(Mutex::new(config.to_owned()));
        let source = text.clone();
        let read = move || config::from_text("test.yml", &source.lock().unwrap(), &environment);
        let config = read().unwrap_or_else(|errors| panic!("{errors}"));
        let blocking_pool = BlockingPool::default();
        let exporter_metrics = Arc::new(ExporterMetrics::new(build_info()).unwrap());
        exporter_metrics.config_read(true, clock.wall());
        let bearers = Arc::<Mutex<BTreeSet<String>>>::default();
        let cut = Arc::<Mutex<Cut>>::default();
        let api: Arc<dyn Transport> = Arc::new(InProcess(
            simulator.clone().router(),
            bearers.clone(),
            cut.clone(),
        ));
        let mut assembler = Assembler::new(clock.clone(), blocking_pool, exporter_metrics.clone());
        let transport = move |_: &_| Ok(api.clone());
        let portfolio = assembler.first(&config, &transport).unwrap();
        let parts = Parts {
            portfolio,
            exporter_metrics: exporter_metrics.clone(),
            redacted_config: config::redacted(&config),
            clock: clock.clone(),
        };
        let exporter = Exporter::new(parts, settings);
        exporter.enable_lifecycle(Reloader::new(
            &exporter,
            assembler,
            exporter_metrics,
            clock.clone(),
            Box::new(read),
            Box::new(transport),
        ));
        let web = WatchedWebConfig::open(None, clock.clone()).unwrap();
        Self {
            simulator,
            router: router(exporter.clone(), web),
            exporter,
            clock,
            config: text,
            bearers,
            cut,
        }
    }

    /// Changes the configuration and reloads; the answer.
    pub async fn try_reload(&self, config: &str) -> Page {
        config.clone_into(&mut self.config.lock().unwrap());
        let request = Request::post("/-/reload").body(()).unwrap();
        page(self.send(request).await).await
    }

    /// Changes the configuration and reloads, which must succeed.
    pub async fn reload(&self, config: &str) {
        let answer = self.try_reload(config).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    /// The `Authorization` headers that were sent since this was asked for the last time.
    pub fn bearers(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.bearers.lock().unwrap())
    }

    /// From now on requests of an endpoint do not get through, or all do again.
    pub fn cut_off(&self, off: Option<(Endpoint, TransportError)>) {
        self.cut.lock().unwrap().off = off;
    }

    /// Calls that did not get through.
    pub fn calls_cut_off(&self) -> u64 {
        self.cut.lock().unwrap().calls
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
        page(self.send(request.body(()).unwrap()).await).await
    }

    /// The answer to a request.
    pub async fn send(&self, request: Request<()>) -> http::Response<Body> {
        let request = request.map(|()| Body::empty());
        let Ok(answer) = self.router.clone().call(request).await;
        answer
    }

    /// Calls that the API has received for `endpoint`.
    pub fn calls(&self, endpoint: EndpointName) -> u64 {
        self.simulator.calls().of(endpoint)
    }
}

async fn page(answer: http::Response<Body>) -> Page {
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    Page {
        status,
        text: String::from_utf8(body.to_vec()).unwrap(),
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
