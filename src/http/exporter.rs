//! The exporter as a client sees it: one function from request to answer.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use tokio::sync::Semaphore;

use crate::blocking_pool::BlockingPool;
use crate::clock::SharedClock;
use crate::metrics::{ExporterMetrics, ProcessMetrics};
use crate::pages::RenderStats;
use crate::refresh::Portfolio;
use crate::snapshot::Snapshot;

use super::status::Counted;
use super::{Body, InForce, Lifecycle};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// How requests are answered.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the metrics are; begins with a slash.
    pub telemetry_path: String,
    /// How much earlier than the scrape's timeout an answer is given.
    pub timeout_offset: Duration,
    /// Scrapes that may be under way at once; above it, 503.
    pub max_requests: usize,
}

/// What answers are made of.
#[derive(Debug)]
pub struct Parts {
    /// The data.
    pub portfolio: Portfolio,
    /// The exporter's own counters.
    pub own: Arc<ExporterMetrics>,
    /// The configuration without secrets, for people to read.
    pub redacted_config: String,
    /// Tells the time.
    pub clock: SharedClock,
}

/// Answers requests.
#[derive(Debug)]
pub struct Exporter {
    pub(super) settings: Settings,
    pub(super) in_force: Arc<InForce>,
    /// None: no client may reload.
    pub(super) lifecycle: OnceLock<Arc<dyn Lifecycle>>,
    pub(super) own: Arc<ExporterMetrics>,
    pub(super) process: ProcessMetrics,
    pub(super) clock: SharedClock,
    /// A place of its own: rendering must not queue behind the reading of answers.
    pub(super) rendering: BlockingPool,
    /// Another: the small families at the end must not queue behind the rendering of large ones.
    pub(super) telling: BlockingPool,
    pub(super) slots: Semaphore,
    /// For the page at `/`.
    pub(super) counted: Counted,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Metrics,
    Status,
    Healthy,
    Ready,
    Config,
    Reload,
    Unknown,
}

impl Exporter {
    /// An exporter that has answered nothing yet.
    pub fn new(parts: Parts, settings: Settings) -> Arc<Self> {
        let exporter = Self {
            slots: Semaphore::new(settings.max_requests.min(Semaphore::MAX_PERMITS)),
            in_force: InForce::new(parts.portfolio, parts.redacted_config),
            lifecycle: OnceLock::new(),
            process: ProcessMetrics::new(parts.clock.clone()),
            own: parts.own,
            clock: parts.clock,
            rendering: BlockingPool::default(),
            telling: BlockingPool::default(),
            counted: Counted::default(),
            settings,
        };
        exporter
            .own
            .create_http_series(&[&exporter.settings.telemetry_path], &[200, 400, 503]);
        Arc::new(exporter)
    }

    /// What is known now of the organization of that name.
    pub fn snapshot(&self, organization: &str) -> Option<Snapshot> {
        let configured = self.in_force.now();
        let mut all = configured.portfolio.organizations().iter();
        let known = all.find(|it| it.name() == organization)?;
        Some(known.snapshot())
    }

    /// How much of pages was rendered and compressed so far.
    pub fn page_work(&self) -> RenderStats {
        self.in_force.now().pages.render_stats()
    }

    /// What a reload replaces.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.clone()
    }

    /// Answers a request, whatever it is.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Body> {
        let (head, _) = request.into_parts();
        let route = self.route(head.uri.path());
        let mut response = match (route, &head.method) {
            (Route::Unknown, _) => text(StatusCode::NOT_FOUND, "there is no such page\n"),
            (Route::Reload, method) => self.reload(method).await,
            (_, &Method::GET | &Method::HEAD) => match route {
                Route::Metrics => self.metrics(&head).await,
                Route::Status => self.status().await,
                Route::Healthy => text(StatusCode::OK, "density-exporter is healthy\n"),
                Route::Ready => text(StatusCode::OK, "density-exporter is ready\n"),
                Route::Config => respond(
                    StatusCode::OK,
                    TEXT,
                    Body::text(self.in_force.now().redacted_config.clone()),
                ),
                // Answered above.
                Route::Reload | Route::Unknown => {
                    text(StatusCode::NOT_FOUND, "there is no such page\n")
                }
            },
            _ => {
                let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
                let methods = HeaderValue::from_static("GET, HEAD");
                refused.headers_mut().insert(ALLOW, methods);
                refused
            }
        };
        self.finish(&mut response, route, &head.method);
        response
    }

    /// Answers a request for which there is no admittance with `response`.
    pub(super) fn refuse<B>(
        &self,
        request: &Request<B>,
        mut response: Response<Body>,
    ) -> Response<Body> {
        let route = self.route(request.uri().path());
        self.finish(&mut response, route, request.method());
        response
    }

    /// Whether it is asked only whether the exporter runs, which everyone may know.
    pub(super) fn is_about_health<B>(&self, request: &Request<B>) -> bool {
        matches!(
            self.route(request.uri().path()),
            Route::Healthy | Route::Ready
        )
    }

    fn finish(&self, response: &mut Response<Body>, route: Route, method: &Method) {
        let length = response.body().length();
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        if method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        self.own
            .http_request(self.handler(route), response.status().as_u16());
    }

    fn route(&self, path: &str) -> Route {
        match path {
            _ if path == self.settings.telemetry_path => Route::Metrics,
            "/" => Route::Status,
            "/-/healthy" => Route::Healthy,
            "/-/ready" => Route::Ready,
            "/config" => Route::Config,
            "/-/reload" => Route::Reload,
            _ => Route::Unknown,
        }
    }

    /// The value of the `handler` label: never what a client made up.
    fn handler(&self, route: Route) -> &str {
        match route {
            Route::Metrics => &self.settings.telemetry_path,
            Route::Status => "/",
            Route::Healthy => "/-/healthy",
            Route::Ready => "/-/ready",
            Route::Config => "/config",
            Route::Reload => "/-/reload",
            Route::Unknown => "other",
        }
    }
}

/// An answer.
pub(super) fn respond(status: StatusCode, kind: HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// An answer in words.
pub(super) fn text(status: StatusCode, words: impl Into<bytes::Bytes>) -> Response<Body> {
    respond(status, TEXT, Body::text(words))
}
