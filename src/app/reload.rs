//! Reads the configuration again while serving: on SIGHUP, and on a request where that is enabled.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::blocking_pool::{BlockingPool, TaskFailed};
use crate::clock::SharedClock;
use crate::config::{self, Config, Errors, Organization};
use crate::density::{HttpsError, Transport};
use crate::http::{CurrentConfig, Exporter, Lifecycle};
use crate::metrics::ExporterMetrics;

use super::assembly::{Assembler, NextPortfolio};
use super::service_manager;

/// Reads the configuration from its source.
pub type ReadConfig = Box<dyn Fn() -> Result<Config, Errors> + Send>;
/// Gives an organization the transport for its requests.
pub type MakeTransport =
    Box<dyn FnMut(&Organization) -> Result<Arc<dyn Transport>, HttpsError> + Send>;

/// Reads the configuration again and applies it. Reloads run one after the other.
pub struct Reloader {
    current_config: Arc<CurrentConfig>,
    exporter_metrics: Arc<ExporterMetrics>,
    clock: SharedClock,
    /// Runs one reload at a time.
    blocking_pool: BlockingPool,
    sources: Mutex<Sources>,
}

struct Sources {
    read: ReadConfig,
    transport: MakeTransport,
    assembler: Assembler,
}

impl std::fmt::Debug for Reloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reloader").finish_non_exhaustive()
    }
}

impl Reloader {
    /// Reloads the configuration of `exporter`, whose portfolio `assembler` has built.
    pub fn new(
        exporter: &Exporter,
        assembler: Assembler,
        exporter_metrics: Arc<ExporterMetrics>,
        clock: SharedClock,
        read: ReadConfig,
        transport: MakeTransport,
    ) -> Arc<Self> {
        Arc::new(Self {
            current_config: exporter.current_config(),
            exporter_metrics,
            clock,
            blocking_pool: BlockingPool::sequential(),
            sources: Mutex::new(Sources {
                read,
                transport,
                assembler,
            }),
        })
    }

    fn read_and_replace(&self) -> Result<(), Vec<String>> {
        // Each value in it is consistent by itself, even after a panic.
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let Sources {
            read,
            transport,
            assembler,
        } = &mut *sources;
        let messages = |errors: Errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
        let config = read().map_err(messages)?;
        let NextPortfolio {
            reload,
            remaining,
            removed,
        } = assembler
            .next(&config, transport)
            .map_err(|error| vec![error.to_string()])?;
        let redacted = config::redacted(&config);
        self.current_config.replace(reload, &remaining, redacted);
        tracing::info!(
            organizations = config.organizations.len(),
            removed = %removed.join(", "),
            "the configuration was read again"
        );
        Ok(())
    }
}

impl Lifecycle for Reloader {
    fn reload(self: Arc<Self>) -> BoxFuture<'static, Result<(), String>> {
        async move {
            let reloader = self.clone();
            let reloaded = self.blocking_pool.run(move || {
                service_manager::reloading();
                let reloaded = reloader.read_and_replace();
                for error in reloaded.as_ref().err().into_iter().flatten() {
                    tracing::error!(
                        error,
                        "the configuration is not good; the one before stays in force"
                    );
                }
                // Recorded here, so that results are in the order of the reloads.
                reloader
                    .exporter_metrics
                    .config_read(reloaded.is_ok(), reloader.clock.wall());
                // In either case a configuration is active and served.
                service_manager::ready();
                reloaded
            });
            match reloaded.await {
                Ok(reloaded) => reloaded.map_err(|errors| errors.join("\n")),
                Err(TaskFailed) => {
                    tracing::error!("the reload was lost; this is a defect, please report it");
                    Err("the reload was lost; this is a defect".to_owned())
                }
            }
        }
        .boxed()
    }
}
