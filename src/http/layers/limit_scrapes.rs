//! How many scrapes may be in flight at once.
//!
//! A scrape is in flight until its body is sent: until then its page is in memory. tower's own
//! concurrency limit lets the next one in when the head of the response is there. But a client that does
//! not take its page keeps no others out: its permit goes to the next scrape, and how many such clients
//! there are is bounded by `slow_client`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;

use crate::http::exporter::Exporter;
use crate::http::held_until_sent::HeldUntilSent;
use crate::http::scrape_permit::ScrapePermit;

/// 503 when there is no permit.
pub(in crate::http) async fn limit_scrapes(
    State(exporter): State<Arc<Exporter>>,
    request: Request,
    next: Next,
) -> Response {
    let permit = exporter.scrape_permits.clone().try_acquire_owned().ok();
    let permit = permit.or_else(|| exporter.large_responses.take_stalled_permit());
    let Some(permit) = permit.map(ScrapePermit::new) else {
        let later = [(RETRY_AFTER, "1")];
        let words = "too many scrapes are under way; see --web.max-requests\n";
        return (StatusCode::SERVICE_UNAVAILABLE, later, words).into_response();
    };
    let mut response = next.run(request).await;
    response.extensions_mut().insert(permit.clone());
    response.map(|body| Body::new(HeldUntilSent::new(body, permit)))
}
