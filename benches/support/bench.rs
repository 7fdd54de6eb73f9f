//! An exporter whose API answers from memory and whose clock is moved by hand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use density_exporter::app::{assemble, build_info};
use density_exporter::blocking_pool::BlockingPool;
use density_exporter::cli::{Log, LogFormat, LogLevel};
use density_exporter::clock::{Clock, Instant, SharedClock};
use density_exporter::config::{self, CollectorSet};
use density_exporter::density::{BodyStream, Transport, TransportError};
use density_exporter::http::{Exporter, Parts, Settings, WatchedWebConfig, router};
use density_exporter::metrics::ExporterMetrics;
use density_exporter::refresh::Organization;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use tower::Service;

use super::{Answers, Change};

/// A clock that stops until it is advanced.
#[derive(Debug, Default)]
struct ManualClock(AtomicU64);

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::new(Duration::from_secs(self.0.load(Ordering::Relaxed)))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_428_000 + self.0.load(Ordering::Relaxed))
    }
}

/// Answers from memory, in pieces as from a network.
#[derive(Default)]
pub struct Recorded(Mutex<HashMap<&'static str, Bytes>>);

impl Transport for Recorded {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<BodyStream>, TransportError>> {
        const PIECE: usize = 64 << 10;

        let answers = self.0.lock().expect("no panic while it is held");
        let mut body = answers[request.uri().path()].clone();
        let pieces = std::iter::from_fn(move || {
            let piece = body.split_to(body.len().min(PIECE));
            (!piece.is_empty()).then_some(Ok(piece))
        });
        let stream: BodyStream = Box::pin(futures_util::stream::iter(pieces));
        std::future::ready(Ok(http::Response::new(stream))).boxed()
    }
}

/// The exporter and its simulated API.
pub struct Bench {
    pub runtime: tokio::runtime::Runtime,
    pub router: axum::Router,
    pub exporter: Arc<Exporter>,
    pub answers: Answers,
    /// The same organization again, without a page.
    unrendered: Arc<Organization>,
    transport: Arc<Recorded>,
    clock: Arc<ManualClock>,
}

const CONFIG: &str = "
organizations: [{ name: acme, api_url: https://api.test, auth: { token_env: TOKEN } }]
collectors:
  spaces: { ttl: 1h }
  sensors: { ttl: 1h }
";

impl Bench {
    /// An exporter of `sensors` in `spaces` that has not been scraped yet.
    pub fn new(sensors: usize, spaces: usize) -> Self {
        // Errors are logged, because a run with errors measures something else.
        density_exporter::logging::init(Log {
            level: LogLevel::Warn,
            format: LogFormat::Logfmt,
        });
        let config = config::from_text("bench.yml", CONFIG, &[("TOKEN", "tok_bench")])
            .unwrap_or_else(|errors| panic!("{errors}"));
        let clock = Arc::new(ManualClock::default());
        let shared: SharedClock = clock.clone();
        let exporter_metrics =
            Arc::new(ExporterMetrics::new(build_info()).expect("the catalogue has good names"));
        let transport = Arc::new(Recorded::default());
        let assembled = || {
            let blocking_pool = BlockingPool::default();
            assemble(&config, &shared, &blocking_pool, &exporter_metrics, |_| {
                Ok(transport.clone())
            })
            .expect("nothing is read from the system")
        };
        let unrendered = assembled().organizations()[0].clone();
        let parts = Parts {
            portfolio: assembled(),
            exporter_metrics: exporter_metrics.clone(),
            redacted_config: String::new(),
            clock: shared.clone(),
        };
        let settings = Settings {
            telemetry_path: "/metrics".to_owned(),
            timeout_offset: Duration::ZERO,
            max_requests: 40,
        };
        let web = WatchedWebConfig::open(None, shared.clone()).expect("no file is read");
        let exporter = Exporter::new(parts, settings);
        let bench = Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            router: router(exporter.clone(), web),
            exporter,
            answers: Answers::new(sensors, spaces),
            unrendered,
            transport,
            clock,
        };
        bench.publish();
        bench
    }

    /// Changes the answers of the API and lets the TTL of live data pass, so that the next scrape refreshes it.
    pub fn change(&mut self, change: Change) {
        self.answers.change(change);
        self.publish();
        self.pass_ttl();
    }

    /// Lets the TTL of live data pass; the answers of the API stay the same.
    pub fn pass_ttl(&self) {
        self.clock.0.fetch_add(31, Ordering::Relaxed);
    }

    /// As [`Self::change`], for the inventory as well.
    pub fn pass_every_ttl(&mut self, change: Change) {
        self.change(change);
        self.clock.0.fetch_add(3600, Ordering::Relaxed);
    }

    fn publish(&self) {
        *self.transport.0.lock().expect("no panic while it is held") = self.answers.by_path();
    }

    /// Refreshes what is due: decodes, compares and joins the answers, without rendering a page.
    pub fn read(&self) {
        let limit = self.clock.now() + Duration::from_secs(60);
        let refresh = self.unrendered.refresh_due(CollectorSet::all(), limit);
        self.runtime.block_on(refresh);
    }

    /// Scrapes with gzip and collects the parts of the response.
    pub fn scrape(&self) -> Vec<Bytes> {
        self.get("gzip")
    }

    /// The page's text.
    pub fn text(&self) -> Vec<u8> {
        self.get("identity").concat()
    }

    fn get(&self, encoding: &str) -> Vec<Bytes> {
        let request = http::Request::get("/metrics")
            .header("accept-encoding", encoding)
            .header("x-prometheus-scrape-timeout-seconds", "60")
            .body(axum::body::Body::empty())
            .expect("a request");
        self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().call(request).await;
            assert_eq!(answer.status(), 200);
            let mut body = answer.into_body();
            let mut parts = Vec::with_capacity(64);
            while let Some(frame) = body.frame().await {
                let data = frame.expect("nothing breaks").into_data();
                parts.push(data.unwrap_or_default());
            }
            parts
        })
    }
}
