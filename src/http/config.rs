//! `/config`: the configuration in use, without secrets.

use std::sync::Arc;

use axum::extract::State;

use super::exporter::Exporter;

/// As YAML that the exporter would read.
pub(super) async fn config(State(exporter): State<Arc<Exporter>>) -> String {
    exporter.current_config.get().redacted.clone()
}
