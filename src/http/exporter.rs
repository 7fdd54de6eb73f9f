//! The state that the handlers share.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::blocking_pool::BlockingPool;
use crate::clock::SharedClock;
use crate::metrics::{ExporterMetrics, ProcessMetrics};
use crate::pages::RenderStats;
use crate::refresh::Portfolio;
use crate::snapshot::Snapshot;

use super::current_config::CurrentConfig;
use super::lifecycle::Lifecycle;
use super::slow_client::LargeResponses;
use super::status::SensorCache;

/// How requests are answered.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The path of the metrics; begins with a slash.
    pub telemetry_path: String,
    /// How much earlier than the scrape's timeout a scrape is answered.
    pub timeout_offset: Duration,
    /// Scrapes that may be in flight at once; above it, 503.
    pub max_requests: usize,
}

/// What an exporter is made of.
#[derive(Debug)]
pub struct Parts {
    /// The organizations.
    pub portfolio: Portfolio,
    /// The exporter's metrics about itself.
    pub exporter_metrics: Arc<ExporterMetrics>,
    /// The configuration without secrets, for `/config`.
    pub redacted_config: String,
    /// Tells the time.
    pub clock: SharedClock,
}

/// The state of the HTTP server; handlers get it as `State<Arc<Exporter>>`.
#[derive(Debug)]
pub struct Exporter {
    pub(super) settings: Settings,
    pub(super) current_config: Arc<CurrentConfig>,
    /// None: no client may reload.
    pub(super) lifecycle: OnceLock<Arc<dyn Lifecycle>>,
    pub(super) exporter_metrics: Arc<ExporterMetrics>,
    pub(super) process: ProcessMetrics,
    pub(super) clock: SharedClock,
    /// A pool of its own: rendering must not queue behind the reading of answers.
    pub(super) rendering: BlockingPool,
    /// Another: the small families at the end of a page must not queue behind the rendering of large
    /// ones.
    pub(super) self_metrics: BlockingPool,
    /// One permit a scrape, until its body is sent.
    pub(super) scrape_permits: Arc<Semaphore>,
    pub(super) large_responses: LargeResponses,
    /// For the status page.
    pub(super) sensor_cache: SensorCache,
}

impl Exporter {
    /// An exporter that has answered nothing yet.
    pub fn new(parts: Parts, settings: Settings) -> Arc<Self> {
        let permits = settings.max_requests.min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            scrape_permits: Arc::new(Semaphore::new(permits)),
            large_responses: LargeResponses::default(),
            current_config: CurrentConfig::new(parts.portfolio, parts.redacted_config),
            lifecycle: OnceLock::new(),
            process: ProcessMetrics::new(parts.clock.clone()),
            exporter_metrics: parts.exporter_metrics,
            clock: parts.clock,
            rendering: BlockingPool::default(),
            self_metrics: BlockingPool::default(),
            sensor_cache: SensorCache::default(),
            settings,
        })
    }

    /// Lets clients reload through `lifecycle`. The first one stays.
    pub fn enable_lifecycle(&self, lifecycle: Arc<dyn Lifecycle>) {
        // Fails when it is set already.
        let _ = self.lifecycle.set(lifecycle);
    }

    /// The snapshot of the organization with that name.
    pub fn snapshot(&self, organization: &str) -> Option<Snapshot> {
        let config = self.current_config.get();
        let mut all = config.portfolio.organizations().iter();
        Some(all.find(|it| it.name() == organization)?.snapshot())
    }

    /// How much of pages was rendered and compressed so far.
    pub fn page_work(&self) -> RenderStats {
        self.current_config.get().pages.render_stats()
    }

    /// The configuration in use, which a reload replaces.
    pub fn current_config(&self) -> Arc<CurrentConfig> {
        self.current_config.clone()
    }
}
