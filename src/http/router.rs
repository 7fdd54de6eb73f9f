//! The routes, and the layers that every request passes.
//!
//! A request passes the layers from the last that is added to the first.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use super::config::config;
use super::exporter::Exporter;
use super::healthy::healthy;
use super::layers::{
    Access, add_web_headers, authenticate, count_request, limit_rate, limit_scrapes,
    negotiate_encoding, set_scrape_deadline,
};
use super::metrics::metrics;
use super::ready::ready;
use super::refusal::{not_found, only_get, only_post};
use super::reload::reload;
use super::status_page::status_page;
use super::web_config::WatchedWebConfig;

/// All that the exporter serves, to those whom `web` lets in.
///
/// The telemetry path must be one that the command line accepts: another one may be no route.
pub fn router(exporter: Arc<Exporter>, web: WatchedWebConfig) -> Router {
    let access = Access::new(web, &exporter);
    let telemetry_path = exporter.settings.telemetry_path.clone();

    let scrapes = get(metrics)
        .layer(from_fn(negotiate_encoding))
        .layer(from_fn_with_state(exporter.clone(), limit_scrapes));
    let mut protected = Router::new()
        .route(&telemetry_path, scrapes)
        .route("/config", get(config))
        .route("/-/reload", post(reload).fallback(only_post))
        .fallback(not_found);
    if telemetry_path != "/" {
        protected = protected.route("/", get(status_page));
    }
    protected
        .layer(from_fn_with_state(access.clone(), authenticate))
        .layer(from_fn_with_state(access.clone(), limit_rate))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .method_not_allowed_fallback(only_get)
        .layer(from_fn_with_state(access, add_web_headers))
        .layer(from_fn_with_state(exporter.clone(), set_scrape_deadline))
        .layer(from_fn_with_state(exporter.clone(), count_request))
        .with_state(exporter)
}
