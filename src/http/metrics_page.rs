//! The metrics: fresh where they are due, within the scrape's deadline.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, HeaderValue, VARY};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::aside::Lost;
use crate::clock::Moment;
use crate::config::CollectorSet;
use crate::exposition::Deflated;
use crate::pages::{Page, Tail, write_tail};
use crate::refresh::Portfolio;
use crate::snapshot::Snapshot;

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
        let snapshots: Vec<(String, Snapshot)> = organizations
            .iter()
            .map(|it| (it.name().to_owned(), it.snapshot()))
            .collect();
        let page = self.page(&selection, snapshots, deadline).await;
        page_response(page, accepts_gzip(&head.headers))
    }

    async fn page(
        &self,
        selection: &Selection,
        snapshots: Vec<(String, Snapshot)>,
        deadline: Moment,
    ) -> Page {
        let tail = {
            let shown = by_name(&snapshots);
            let mut tail = Vec::with_capacity(16 << 10);
            let budgets = self.portfolio.budgets();
            write_tail(
                &Tail {
                    organizations: &shown,
                    collectors: selection.collectors,
                    settings: self.portfolio.collectors(),
                    own: &self.own,
                    exporter: selection.full.then_some((&budgets, &self.process)),
                },
                &mut tail,
            );
            tail
        };
        let pieces = self.pieces(snapshots, selection.collectors, deadline).await;
        Page::new(pieces, tail)
    }

    /// The chunks of the page, rendered aside where they do not stand. When that takes longer than the
    /// scrape may wait, the page is without them; the next one finds them.
    async fn pieces(
        &self,
        snapshots: Vec<(String, Snapshot)>,
        collectors: CollectorSet,
        deadline: Moment,
    ) -> Vec<Deflated> {
        if let Some(pieces) = self.pages.standing(&by_name(&snapshots), collectors) {
            return pieces;
        }
        let pages = self.pages.clone();
        let rendering = self
            .rendering
            .run(move || pages.rendered(&by_name(&snapshots), collectors));
        let left = deadline.since(self.clock.now()).max(LEAST_FOR_RENDERING);
        match tokio::time::timeout(left, rendering).await {
            Ok(Ok(pieces)) => pieces,
            Ok(Err(Lost)) => {
                tracing::error!("rendering failed; this is a defect, please report it");
                Vec::new()
            }
            Err(_) => {
                tracing::warn!("rendering took longer than the scrape could wait");
                Vec::new()
            }
        }
    }
}

fn by_name(snapshots: &[(String, Snapshot)]) -> Vec<(&str, &Snapshot)> {
    snapshots
        .iter()
        .map(|(name, it)| (name.as_str(), it))
        .collect()
}

fn page_response(page: Page, gzip: bool) -> Response<Body> {
    let mut response = if gzip {
        let member = page.gzip();
        let body = Body::parts(member.parts, member.length);
        let mut response = respond(StatusCode::OK, TEXT_FORMAT, body);
        let encoding = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, encoding);
        response
    } else {
        let length = page.length();
        respond(
            StatusCode::OK,
            TEXT_FORMAT,
            Body::made(page.into_text(), length),
        )
    };
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().insert(VARY, vary);
    response
}
