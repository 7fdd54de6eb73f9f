//! The metrics: fresh where they are due, within the scrape's deadline.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_ENCODING, HeaderValue, VARY};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::aside::Lost;
use crate::clock::Moment;
use crate::config::CollectorSet;
use crate::exposition::{Deflated, TextBuffer};
use crate::pages::{Page, Standing, Tail, write_exporter};
use crate::refresh::{Organization, Portfolio};

use super::Body;
use super::encoding::accepts_gzip;
use super::exporter::{Exporter, respond, text};
use super::scrape_timeout;
use super::selection::{Selection, select};

/// The text format that every Prometheus reads.
const TEXT_FORMAT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// However late the data came: what the scrape leaves as a margin is more than that.
const LEAST_FOR_RENDERING: Duration = Duration::from_millis(250);

impl Exporter {
    /// Answers a scrape.
    pub(super) async fn metrics(&self, head: &Parts) -> Response<Body> {
        let deadline =
            self.clock.now() + scrape_timeout::wait(&head.headers, self.settings.timeout_offset);
        let all = self.portfolio.organizations();
        let names: Vec<&str> = all.iter().map(|it| it.name()).collect();
        let enabled = self.portfolio.collectors().enabled();
        let selection = match select(head.uri.query().unwrap_or_default(), &names, enabled) {
            Ok(selection) => selection,
            Err(words) => return text(StatusCode::BAD_REQUEST, words),
        };
        // Held until the page is ready; how long it takes to send is the connection's affair.
        let Ok(_slot) = self.slots.try_acquire() else {
            return text(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many scrapes are under way; see --web.max-requests\n",
            );
        };
        let organizations: Vec<_> = selection
            .organizations
            .iter()
            .filter_map(|number| all.get(*number).cloned())
            .collect();
        Portfolio::freshen(&organizations, selection.collectors, deadline).await;
        let page = self.page(&organizations, &selection, deadline).await;
        page_response(page, accepts_gzip(&head.headers))
    }

    async fn page(
        &self,
        organizations: &[Arc<Organization>],
        selection: &Selection,
        deadline: Moment,
    ) -> Page {
        let standing = self
            .standing(organizations, selection.collectors, deadline)
            .await;
        let names = organizations.iter().map(|it| it.name().to_owned());
        let states = standing.iter().map(|it| it.states);
        let tail = Tail {
            organizations: names.zip(states).collect(),
            collectors: selection.collectors,
            settings: self.portfolio.collectors().clone(),
            own: self.own.clone(),
        };
        let tail = self.pages.tail(&self.telling, tail).await;
        let tail = tail.unwrap_or_else(|Lost| {
            tracing::error!(
                "writing the collectors' states failed; this is a defect, please report it"
            );
            Deflated::default()
        });
        let mut end = TextBuffer::new();
        if selection.full {
            let budgets = self.portfolio.budgets();
            write_exporter(&budgets, &self.own, &self.process, &mut end);
        }
        Page::new(self.pages.body(&standing), tail, end.into_vec())
    }

    /// What there is to show of each organization, rendered aside where it does not stand. When that
    /// takes longer than the scrape may wait, what stood before is shown with its own age; the next
    /// scrape finds the rest.
    async fn standing(
        &self,
        organizations: &[Arc<Organization>],
        collectors: CollectorSet,
        deadline: Moment,
    ) -> Vec<Standing> {
        let now = self.clock.now();
        let left = deadline.since(now).max(LEAST_FOR_RENDERING);
        let standing = organizations.iter().map(async |organization| {
            let (name, snapshot) = (organization.name(), organization.snapshot());
            if let Some(standing) = self.pages.standing(name, &snapshot, collectors) {
                return standing;
            }
            let rendering = self
                .pages
                .render(&self.rendering, name, &snapshot, collectors);
            match tokio::time::timeout(left, rendering).await {
                Ok(Ok(())) => {}
                Ok(Err(Lost)) => {
                    tracing::error!("rendering failed; this is a defect, please report it");
                }
                Err(_) => tracing::warn!(
                    organization = name,
                    "rendering took longer than the scrape could wait; what stood before is shown"
                ),
            }
            let now = self.clock.now();
            let aged =
                |collector, asked_at, state| organization.aged(collector, asked_at, state, now);
            self.pages.what_there_is(name, &snapshot, collectors, aged)
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
