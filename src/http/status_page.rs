//! `/`: the status page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::exporter::Exporter;
use super::status;

/// Shows what is known, and never causes a call.
pub(super) async fn status_page(State(exporter): State<Arc<Exporter>>) -> Response {
    let config = exporter.current_config.get();
    status::respond(
        &config.portfolio,
        &exporter.sensor_cache,
        &exporter.clock,
        &exporter.settings.telemetry_path,
        exporter.exporter_metrics.build(),
    )
    .await
}
