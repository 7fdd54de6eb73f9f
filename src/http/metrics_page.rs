//! The metrics: fresh where they are due, within the scrape's deadline.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_ENCODING, HeaderValue, VARY};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::blocking_pool::TaskFailed;
use crate::clock::Instant;
use crate::exposition::{Deflated, TextBuffer};
use crate::pages::{Page, RenderedOrganization, SelfMetricsInput, write_exporter};
use crate::refresh::{Organization, Portfolio};
use crate::snapshot::Snapshot;

use super::Body;
use super::encoding::accepts_gzip;
use super::exporter::{Exporter, respond, text};
use super::in_force::Configured;
use super::scrape_timeout;
use super::selection::{Selection, select};

/// The text format that every Prometheus reads.
const TEXT_FORMAT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// However late the data came: what the scrape leaves as a margin is more than that.
const LEAST_FOR_RENDERING: Duration = Duration::from_millis(250);

/// What a scrape asks for, of one configuration.
struct Chosen {
    configured: Arc<Configured>,
    organizations: Vec<Arc<Organization>>,
    selection: Selection,
}

impl Chosen {
    /// What `query` asks for; in words what is wrong with it.
    fn of(configured: Arc<Configured>, query: &str) -> Result<Self, String> {
        let portfolio = &configured.portfolio;
        let all = portfolio.organizations();
        let names: Vec<&str> = all.iter().map(|it| it.name()).collect();
        let selection = select(query, &names, portfolio.collectors().enabled())?;
        let numbers = selection.organizations.iter();
        let organizations = numbers.filter_map(|it| all.get(*it).cloned()).collect();
        Ok(Self {
            organizations,
            configured,
            selection,
        })
    }

    /// What is known now of its organizations, if what it was chosen of is `now` still in force; else
    /// that which is.
    fn snapshots(&self, now: &Arc<Configured>) -> Result<Vec<Snapshot>, Arc<Configured>> {
        if !Arc::ptr_eq(now, &self.configured) {
            return Err(now.clone());
        }
        Ok(self.organizations.iter().map(|it| it.snapshot()).collect())
    }
}

impl Exporter {
    /// Answers a scrape.
    pub(super) async fn metrics(&self, head: &Parts) -> Response<Body> {
        let deadline =
            self.clock.now() + scrape_timeout::wait(&head.headers, self.settings.timeout_offset);
        let query = head.uri.query().unwrap_or_default();
        let mut chosen = match Chosen::of(self.in_force.now(), query) {
            Ok(chosen) => chosen,
            Err(words) => return text(StatusCode::BAD_REQUEST, words),
        };
        // Held until the page is ready; how long it takes to send is the connection's affair.
        let Ok(_slot) = self.slots.try_acquire() else {
            return text(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many scrapes are under way; see --web.max-requests\n",
            );
        };
        // A reload meanwhile: the page is of what is in force now, which is to be asked too, as far as there
        // is time. Each round takes a reload, so there is an end.
        let snapshots = loop {
            let wanted = chosen.selection.collectors;
            Portfolio::refresh_due(&chosen.organizations, wanted, deadline).await;
            match self.in_force.look(|now| chosen.snapshots(now)) {
                Ok(snapshots) => break snapshots,
                Err(now) => match Chosen::of(now, query) {
                    Ok(newly) => chosen = newly,
                    Err(words) => return text(StatusCode::BAD_REQUEST, words),
                },
            }
        };
        let page = self.page(&chosen, &snapshots, deadline).await;
        page_response(page, accepts_gzip(&head.headers))
    }

    async fn page(&self, chosen: &Chosen, snapshots: &[Snapshot], deadline: Instant) -> Page {
        let Chosen {
            configured,
            organizations,
            selection,
        } = chosen;
        let (pages, portfolio) = (&configured.pages, &configured.portfolio);
        let standing = self.standing(chosen, snapshots, deadline).await;
        let names = organizations.iter().map(|it| it.name().to_owned());
        let states = standing.iter().map(|it| it.states);
        let tail = SelfMetricsInput {
            organizations: names.zip(states).collect(),
            collectors: selection.collectors,
            settings: portfolio.collectors().clone(),
            exporter_metrics: self.own.clone(),
        };
        let tail = pages.self_metrics(&self.telling, tail).await;
        let tail = tail.unwrap_or_else(|TaskFailed| {
            tracing::error!(
                "writing the collectors' states failed; this is a defect, please report it"
            );
            Deflated::default()
        });
        let mut end = TextBuffer::new();
        if selection.full {
            let budgets = portfolio.budgets();
            write_exporter(&budgets, &self.own, &self.process, &mut end);
        }
        Page::new(pages.body(&standing), tail, end.into_vec())
    }

    /// What there is to show of each organization, rendered aside where it does not stand. When that
    /// takes longer than the scrape may wait, what stood before is shown with its own age; the next
    /// scrape finds the rest.
    async fn standing(
        &self,
        chosen: &Chosen,
        snapshots: &[Snapshot],
        deadline: Instant,
    ) -> Vec<RenderedOrganization> {
        let (pages, collectors) = (&chosen.configured.pages, chosen.selection.collectors);
        let now = self.clock.now();
        let left = deadline.since(now).max(LEAST_FOR_RENDERING);
        let all = chosen.organizations.iter().zip(snapshots);
        let standing = all.map(async |(organization, snapshot)| {
            let name = organization.name();
            if let Some(standing) = pages.cached(name, snapshot, collectors) {
                return standing;
            }
            let rendering = pages.render(&self.rendering, name, snapshot, collectors);
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
            let now = self.clock.now();
            let aged = |collector, requested_at, state| {
                organization.state_with_data_from(collector, requested_at, state, now)
            };
            pages.latest_available(name, snapshot, collectors, aged)
        });
        futures_util::future::join_all(standing).await
    }
}

fn page_response(page: Page, gzip: bool) -> Response<Body> {
    let mut response = if gzip {
        let (parts, length) = page.into_gzip();
        let mut response = respond(StatusCode::OK, TEXT_FORMAT, Body::made(parts, length));
        let encoding = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, encoding);
        response
    } else {
        let (parts, length) = page.into_text();
        respond(StatusCode::OK, TEXT_FORMAT, Body::made(parts, length))
    };
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().insert(VARY, vary);
    response
}
