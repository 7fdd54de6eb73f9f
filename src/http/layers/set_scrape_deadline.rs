//! When a scrape must be answered, counted from when its request came: what checking a password takes is
//! part of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::clock::Instant;
use crate::http::exporter::Exporter;
use crate::http::scrape_timeout;

/// When the answer must be there at the latest; an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct ScrapeDeadline(pub(in crate::http) Instant);

/// Reads the scrape's timeout from its header.
pub(in crate::http) async fn set_scrape_deadline(
    State(exporter): State<Arc<Exporter>>,
    mut request: Request,
    next: Next,
) -> Response {
    let wait = scrape_timeout::wait(request.headers(), exporter.settings.timeout_offset);
    let deadline = ScrapeDeadline(exporter.clock.now() + wait);
    request.extensions_mut().insert(deadline);
    next.run(request).await
}
