//! What the layers share that decide who may ask, and how often.

use std::sync::Arc;

use crate::clock::SharedClock;
use crate::http::exporter::Exporter;
use crate::http::passwords::Passwords;
use crate::http::web_config::WatchedWebConfig;

use super::token_bucket::Bucket;

/// The web configuration, and the state of its limits.
#[derive(Clone, Debug)]
pub(in crate::http) struct Access {
    pub(super) web: WatchedWebConfig,
    pub(super) passwords: Arc<Passwords>,
    pub(super) bucket: Arc<Bucket>,
    pub(super) clock: SharedClock,
}

impl Access {
    /// The access that `web` gives to `exporter`. Counters of requests start at 0 for what may happen.
    pub(in crate::http) fn new(web: WatchedWebConfig, exporter: &Exporter) -> Self {
        let path = exporter.settings.telemetry_path.as_str();
        let mut codes = vec![200, 400, 503];
        if web.has_users_or_rate() {
            codes.extend([401, 429]);
        }
        exporter
            .exporter_metrics
            .create_http_series(&[path], &codes);
        Self {
            web,
            passwords: Passwords::new(),
            bucket: Arc::default(),
            clock: exporter.clock.clone(),
        }
    }
}
