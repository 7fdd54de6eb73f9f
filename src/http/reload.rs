//! `POST /-/reload`: reads the configuration again, as SIGHUP does.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::exporter::Exporter;

/// Answers with Prometheus' own words where it can't be done.
pub(super) async fn reload(State(exporter): State<Arc<Exporter>>) -> Response {
    let Some(lifecycle) = exporter.lifecycle.get().cloned() else {
        return (StatusCode::FORBIDDEN, "Lifecycle API is not enabled.\n").into_response();
    };
    match lifecycle.reload().await {
        Ok(()) => "the configuration was read again\n".into_response(),
        Err(errors) => {
            let words =
                format!("the configuration is not good; the one before stays in force\n{errors}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
        }
    }
}
