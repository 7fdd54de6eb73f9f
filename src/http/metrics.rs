//! The metrics: fresh where they are due, within the scrape's deadline.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};

use crate::blocking_pool::TaskFailed;
use crate::clock::Instant;
use crate::exposition::{Deflated, TextBuffer};
use crate::pages::{Page, RenderedOrganization, SelfMetricsInput, write_exporter};
use crate::refresh::{Organization, Portfolio};
use crate::snapshot::Snapshot;

use super::chunked_body::ChunkedBody;
use super::content_encoding::ContentEncoding;
use super::current_config::Config;
use super::exporter::Exporter;
use super::layers::ScrapeDeadline;
use super::selection::{RequestedNames, Selection, UnknownName};

/// The text format that every Prometheus reads.
const TEXT_FORMAT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// However late the data came: the margin that a scrape leaves is more than that.
const LEAST_FOR_RENDERING: Duration = Duration::from_millis(250);

/// Answers a scrape.
pub(super) async fn metrics(
    State(exporter): State<Arc<Exporter>>,
    Extension(ScrapeDeadline(deadline)): Extension<ScrapeDeadline>,
    Extension(encoding): Extension<ContentEncoding>,
    names: RequestedNames,
) -> Result<MetricsResponse, UnknownName> {
    let mut scrape = Scrape::new(exporter.current_config.get(), &names)?;
    // After a reload meanwhile the page is of the new configuration, whose data is fetched too as far as
    // there is time. Each round takes a reload, so there is an end.
    let snapshots = loop {
        let wanted = scrape.selection.collectors;
        Portfolio::refresh_due(&scrape.organizations, wanted, deadline).await;
        match exporter.current_config.read(|now| scrape.snapshots(now)) {
            Ok(snapshots) => break snapshots,
            Err(now) => scrape = Scrape::new(now, &names)?,
        }
    };
    let page = scrape.page(&exporter, &snapshots, deadline).await;
    Ok(MetricsResponse { page, encoding })
}

/// What a scrape asks for, in one configuration.
struct Scrape {
    config: Arc<Config>,
    organizations: Vec<Arc<Organization>>,
    selection: Selection,
}

impl Scrape {
    fn new(config: Arc<Config>, requested: &RequestedNames) -> Result<Self, UnknownName> {
        let portfolio = &config.portfolio;
        let all = portfolio.organizations();
        let names: Vec<&str> = all.iter().map(|it| it.name()).collect();
        let selection = requested.select(&names, portfolio.collectors().enabled())?;
        let numbers = selection.organizations.iter();
        let organizations = numbers.filter_map(|it| all.get(*it).cloned()).collect();
        Ok(Self {
            organizations,
            config,
            selection,
        })
    }

    /// The snapshots of its organizations, if its configuration is still `current`; else that which is.
    fn snapshots(&self, current: &Arc<Config>) -> Result<Vec<Snapshot>, Arc<Config>> {
        if !Arc::ptr_eq(current, &self.config) {
            return Err(current.clone());
        }
        Ok(self.organizations.iter().map(|it| it.snapshot()).collect())
    }

    async fn page(&self, exporter: &Exporter, snapshots: &[Snapshot], deadline: Instant) -> Page {
        let Self {
            config,
            organizations,
            selection,
        } = self;
        let (pages, portfolio) = (&config.pages, &config.portfolio);
        let rendered = self.render(exporter, snapshots, deadline).await;
        let names = organizations.iter().map(|it| it.name().to_owned());
        let states = rendered.iter().map(|it| it.states);
        let input = SelfMetricsInput {
            organizations: names.zip(states).collect(),
            collectors: selection.collectors,
            settings: portfolio.collectors().clone(),
            exporter_metrics: exporter.exporter_metrics.clone(),
        };
        let self_metrics = pages.self_metrics(&exporter.self_metrics, input).await;
        let self_metrics = self_metrics.unwrap_or_else(|TaskFailed| {
            tracing::error!(
                "writing the collectors' states failed; this is a defect, please report it"
            );
            Deflated::default()
        });
        let mut trailer = TextBuffer::new();
        if selection.full {
            let budgets = portfolio.budgets();
            write_exporter(
                &budgets,
                &exporter.exporter_metrics,
                &exporter.process,
                &mut trailer,
            );
        }
        Page::new(pages.body(&rendered), self_metrics, trailer.into_vec())
    }

    /// The views of each organization, rendered where they are out of date. When that takes longer than the
    /// scrape may wait, the previous views are shown with their own age, and the next scrape finds the rest.
    async fn render(
        &self,
        exporter: &Exporter,
        snapshots: &[Snapshot],
        deadline: Instant,
    ) -> Vec<RenderedOrganization> {
        let (pages, collectors) = (&self.config.pages, self.selection.collectors);
        let now = exporter.clock.now();
        let left = deadline.since(now).max(LEAST_FOR_RENDERING);
        let all = self.organizations.iter().zip(snapshots);
        let rendered = all.map(async |(organization, snapshot)| {
            let name = organization.name();
            if let Some(cached) = pages.cached(name, snapshot, collectors) {
                return cached;
            }
            let rendering = pages.render(&exporter.rendering, name, snapshot, collectors);
            match tokio::time::timeout(left, rendering).await {
                Ok(Ok(())) => {}
                Ok(Err(TaskFailed)) => {
                    tracing::error!("rendering failed; this is a defect, please report it");
                }
                Err(_) => tracing::warn!(
                    organization = name,
                    "rendering took longer than the scrape could wait; what stood before is shown"
                ),
            }
            let now = exporter.clock.now();
            let aged = |collector, requested_at, state| {
                organization.state_with_data_from(collector, requested_at, state, now)
            };
            pages.latest_available(name, snapshot, collectors, aged)
        });
        futures_util::future::join_all(rendered).await
    }
}

/// The whole page in the text format.
pub(super) struct MetricsResponse {
    page: Page,
    encoding: ContentEncoding,
}

impl IntoResponse for MetricsResponse {
    fn into_response(self) -> Response {
        let kind = (CONTENT_TYPE, TEXT_FORMAT);
        match self.encoding {
            ContentEncoding::Gzip => {
                let (chunks, length) = self.page.into_gzip();
                let body = Body::new(ChunkedBody::new(chunks, length));
                let encoding = (CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                ([kind, encoding], body).into_response()
            }
            ContentEncoding::Identity => {
                let (chunks, length) = self.page.into_text();
                let body = Body::new(ChunkedBody::new(chunks, length));
                ([kind], body).into_response()
            }
        }
    }
}

impl IntoResponse for UnknownName {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, format!("{self}\n")).into_response()
    }
}
