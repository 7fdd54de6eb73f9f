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

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
struct HandClock(AtomicU64);

impl Clock for HandClock {
    fn now(&self) -> Instant {
        Instant::new(Duration::from_secs(self.0.load(Ordering::Relaxed)))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_428_000 + self.0.load(Ordering::Relaxed))
    }
}

/// Answers from memory, in pieces as they come from a network.
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

/// The exporter and what it is told.
pub struct Bench {
    pub runtime: tokio::runtime::Runtime,
    pub router: axum::Router,
    pub exporter: Arc<Exporter>,
    pub answers: Answers,
    /// The same organization once more, of which no page is made.
    unseen: Arc<Organization>,
    transport: Arc<Recorded>,
    clock: Arc<HandClock>,
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
        // What goes wrong is told, for it is not what is to be measured.
        density_exporter::logging::begin(Log {
            level: LogLevel::Warn,
            format: LogFormat::Logfmt,
        });
        let config = config::from_text("bench.yml", CONFIG, &[("TOKEN", "tok_bench")])
            .unwrap_or_else(|errors| panic!("{errors}"));
        let clock = Arc::new(HandClock::default());
        let shared: SharedClock = clock.clone();
        let own =
            Arc::new(ExporterMetrics::new(build_info()).expect("the catalogue has good names"));
        let transport = Arc::new(Recorded::default());
        let assembled = || {
            let blocking_pool = BlockingPool::default();
            assemble(&config, &shared, &blocking_pool, &own, |_| {
                Ok(transport.clone())
            })
            .expect("nothing is read from the system")
        };
        let unseen = assembled().organizations()[0].clone();
        let parts = Parts {
            portfolio: assembled(),
            own: own.clone(),
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
            unseen,
            transport,
            clock,
        };
        bench.publish();
        bench
    }

    /// Changes what the API says and lets the live data grow too old, so that the next scrape
    /// refreshes it.
    pub fn change(&mut self, change: Change) {
        self.answers.change(change);
        self.publish();
        self.outdate();
    }

    /// Lets the live data grow too old; the API says the same as before.
    pub fn outdate(&self) {
        self.clock.0.fetch_add(31, Ordering::Relaxed);
    }

    /// As [`Self::change`], with the inventory too old as well.
    pub fn outdate_everything(&mut self, change: Change) {
        self.change(change);
        self.clock.0.fetch_add(3600, Ordering::Relaxed);
    }

    fn publish(&self) {
        *self.transport.0.lock().expect("no panic while it is held") = self.answers.by_path();
    }

    /// Refreshes what is too old: reads the answers and compares and joins what they say, and makes no
    /// page of it.
    pub fn read(&self) {
        let limit = self.clock.now() + Duration::from_secs(60);
        let refresh = self.unseen.freshen(CollectorSet::all(), limit);
        self.runtime.block_on(refresh);
    }

    /// Scrapes with gzip, and takes the parts of the answer as they are.
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
