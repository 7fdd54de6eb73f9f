//! The page as a response, with the headers that keep it to itself.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::clock::SharedClock;
use crate::metrics::BuildInfo;
use crate::refresh::Portfolio;

use super::cache::SensorCache;
use super::facts::Facts;
use super::page::Page;
use super::style;

/// The page about `portfolio` as it is now.
pub(in crate::http) async fn respond(
    portfolio: &Portfolio,
    cache: &SensorCache,
    clock: &SharedClock,
    telemetry_path: &str,
    build: BuildInfo,
) -> Response {
    let facts = Facts::collect(portfolio, cache, clock, telemetry_path, build).await;
    let Ok(page) = Page::new(&facts).render() else {
        // Nothing that the template shows fails to be written into memory.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (CONTENT_SECURITY_POLICY, style::policy()),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Html(page)).into_response()
}
