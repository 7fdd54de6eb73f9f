//! Counts requests in `density_exporter_http_requests_total`.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::exporter::Exporter;

/// The `handler` label of requests for a path that has no route: never what a client made up.
const NO_ROUTE: &str = "other";

/// Counts by the route that matched and the status.
pub(in crate::http) async fn count_request(
    State(exporter): State<Arc<Exporter>>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    exporter
        .exporter_metrics
        .http_request(route, response.status().as_u16());
    response
}
