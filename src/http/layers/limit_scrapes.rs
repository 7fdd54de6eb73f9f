//! How many scrapes may be in flight at once.
//!
//! A scrape is in flight until its body is sent: until then its page is in memory. tower's own
//! concurrency limit lets the next one in when the head of the response is there.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use tokio::sync::OwnedSemaphorePermit;

use crate::http::exporter::Exporter;
use crate::http::held_until_sent::HeldUntilSent;

/// How long a scrape waits for the permit of a client that was disconnected for it.
const DISCONNECT_WAIT: Duration = Duration::from_secs(1);

/// 503 when there is no permit.
pub(in crate::http) async fn limit_scrapes(
    State(exporter): State<Arc<Exporter>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(permit) = permit(&exporter).await else {
        let later = [(RETRY_AFTER, "1")];
        let words = "too many scrapes are under way; see --web.max-requests\n";
        return (StatusCode::SERVICE_UNAVAILABLE, later, words).into_response();
    };
    let response = next.run(request).await;
    response.map(|body| Body::new(HeldUntilSent::new(body, permit)))
}

/// A permit: when all are taken, that of a client that does not take its page.
async fn permit(exporter: &Exporter) -> Option<OwnedSemaphorePermit> {
    let permits = &exporter.scrape_permits;
    if let Ok(permit) = permits.clone().try_acquire_owned() {
        return Some(permit);
    }
    if !exporter.large_responses.disconnect_stalled() {
        return None;
    }
    let freed = tokio::time::timeout(DISCONNECT_WAIT, permits.clone().acquire_owned());
    freed.await.ok()?.ok()
}
