//! JSON for people to read.

use axum::response::{IntoResponse, Response};
use http::header;
use serde::Serialize;

use crate::simulator::api_error::ApiError;

/// A 200 with `value`.
pub(super) fn pretty_json(value: &impl Serialize) -> Response {
    match serde_json::to_vec_pretty(value) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => ApiError::from(error).into_response(),
    }
}
