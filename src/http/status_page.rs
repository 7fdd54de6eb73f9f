//! `/`: the status page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::exporter::Exporter;

/// Shows what is known, and never causes a call.
pub(super) async fn status_page(State(exporter): State<Arc<Exporter>>) -> Response {
    exporter.status().await
}
