//! Builds organizations from a configuration, and updates them from the next one at a reload.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blocking_pool::BlockingPool;
use crate::clock::SharedClock;
use crate::config::{self, Auth, Config};
use crate::density::{Authenticator, Budget, Client, Exchange, HttpsError, MemoryLimit, Transport};
use crate::metrics::{BuildInfo, ExporterMetrics};
use crate::refresh::{Organization, OrganizationChange, Portfolio, RefreshConfig, Reload};

/// An organization can't be set up.
#[derive(Debug, thiserror::Error)]
#[error("organization {organization}: {reason}")]
pub struct AssemblyError {
    organization: String,
    reason: HttpsError,
}

/// How this program was built.
pub fn build_info() -> BuildInfo {
    BuildInfo {
        version: env!("CARGO_PKG_VERSION"),
        revision: env!("BUILD_REVISION"),
        rustversion: env!("BUILD_RUSTC"),
    }
}

/// The portfolio that `config` describes, with a transport from `transport` for each organization.
///
/// # Errors
/// When a transport can't be made.
pub fn assemble(
    config: &Config,
    clock: &SharedClock,
    blocking_pool: &BlockingPool,
    exporter_metrics: &Arc<ExporterMetrics>,
    transport: impl FnMut(&config::Organization) -> Result<Arc<dyn Transport>, HttpsError>,
) -> Result<Portfolio, AssemblyError> {
    Assembler::new(
        clock.clone(),
        blocking_pool.clone(),
        exporter_metrics.clone(),
    )
    .first(config, transport)
}

/// Builds one portfolio after the other. Each takes over what remains of the one before.
pub struct Assembler {
    clock: SharedClock,
    blocking_pool: BlockingPool,
    exporter_metrics: Arc<ExporterMetrics>,
    memory_limit: Arc<MemoryLimit>,
    /// By the API's host.
    budgets: BTreeMap<String, Arc<Budget>>,
    assembled: Vec<Assembled>,
}

/// An organization of the last portfolio.
struct Assembled {
    settings: config::Organization,
    transport: Arc<dyn Transport>,
    client: Arc<Client>,
    organization: Arc<Organization>,
}

/// A portfolio that replaces the last one.
pub struct NextPortfolio {
    /// The portfolio, and the changes of the organizations that remain.
    pub reload: Reload,
    /// The names of the organizations that remain.
    pub remaining: Vec<String>,
    /// The names of the organizations that were removed.
    pub removed: Vec<String>,
}

impl Assembler {
    /// An assembler that has built no portfolio yet.
    pub fn new(
        clock: SharedClock,
        blocking_pool: BlockingPool,
        exporter_metrics: Arc<ExporterMetrics>,
    ) -> Self {
        Self {
            clock,
            blocking_pool,
            exporter_metrics,
            memory_limit: MemoryLimit::new(0),
            budgets: BTreeMap::new(),
            assembled: Vec::new(),
        }
    }

    /// The first portfolio.
    ///
    /// # Errors
    /// When a transport can't be made.
    pub fn first(
        &mut self,
        config: &Config,
        transport: impl FnMut(&config::Organization) -> Result<Arc<dyn Transport>, HttpsError>,
    ) -> Result<Portfolio, AssemblyError> {
        let next = self.next(config, transport)?;
        Ok(next.reload.into_portfolio())
    }

    /// The portfolio that `config` describes. An organization whose name and API are the same remains,
    /// with its data, its schedules and its refreshes in flight; its token remains when its credentials do.
    /// A host that is still in use keeps its budget.
    ///
    /// # Errors
    /// When a transport can't be made. Then nothing has changed.
    pub fn next(
        &mut self,
        config: &Config,
        mut transport: impl FnMut(&config::Organization) -> Result<Arc<dyn Transport>, HttpsError>,
    ) -> Result<NextPortfolio, AssemblyError> {
        // Everything that may fail comes first.
        let transports = config.organizations.iter().map(|settings| {
            transport(settings).map_err(|reason| AssemblyError {
                organization: settings.name.clone(),
                reason,
            })
        });
        let transports: Vec<_> = transports.collect::<Result<_, _>>()?;

        self.memory_limit.set_bytes(config.request.max_memory);
        let mut budgets = BTreeMap::new();
        let mut assembled = Vec::with_capacity(transports.len());
        let mut changes = Vec::new();
        for (settings, transport) in config.organizations.iter().zip(transports) {
            let host = settings.api_host();
            let budget = self.budgets.get(&host).cloned();
            let budget = budgets
                .entry(host.clone())
                .or_insert_with(|| {
                    budget.unwrap_or_else(|| Budget::new(host, config.budget, self.clock.clone()))
                })
                .clone();
            let exchange = self.exchange(config, settings, transport.clone(), budget);
            let refresh_config = RefreshConfig {
                filter: settings.spaces.clone(),
                collectors: config.collectors.clone(),
                request: config.request,
                stale: config.stale,
            };
            let retries = config.request.retries;
            let old = self.assembled.iter().find(|it| it.is_same(settings));
            let (client, organization) = match old {
                Some(old) => {
                    let has_same_credentials = old.settings.auth == settings.auth;
                    let authenticator = match has_same_credentials {
                        true => old.client.authenticator(),
                        false => Authenticator::new(&settings.auth),
                    };
                    let client = old.client.reconfigured(exchange, authenticator, retries);
                    let client = Arc::new(client);
                    changes.push(OrganizationChange {
                        organization: old.organization.clone(),
                        client: client.clone(),
                        config: refresh_config,
                        refetch: !has_same_credentials || !Arc::ptr_eq(&old.transport, &transport),
                    });
                    (client, old.organization.clone())
                }
                None => {
                    let authenticator = Authenticator::new(&settings.auth);
                    let client = Arc::new(Client::new(exchange, authenticator, retries));
                    let (clock, blocking_pool) = (self.clock.clone(), self.blocking_pool.clone());
                    let name = settings.name.clone();
                    let organization = Organization::new(
                        name,
                        client.clone(),
                        refresh_config,
                        clock,
                        blocking_pool,
                    );
                    (client, organization)
                }
            };
            assembled.push(Assembled {
                settings: settings.clone(),
                transport,
                client,
                organization,
            });
        }
        let old = std::mem::replace(&mut self.assembled, assembled).into_iter();
        let removed = old
            .map(|it| it.settings.name)
            .filter(|name| self.assembled.iter().all(|it| it.settings.name != *name))
            .collect();
        self.budgets = budgets;
        let portfolio = Portfolio::new(
            self.assembled
                .iter()
                .map(|it| it.organization.clone())
                .collect(),
            self.budgets.values().cloned().collect(),
            config.collectors.clone(),
        );
        let remaining = changes.iter().map(|it| it.organization.name().to_owned());
        Ok(NextPortfolio {
            remaining: remaining.collect(),
            removed,
            reload: Reload::new(portfolio, changes, config.budget),
        })
    }

    fn exchange(
        &self,
        config: &Config,
        settings: &config::Organization,
        transport: Arc<dyn Transport>,
        budget: Arc<Budget>,
    ) -> Exchange {
        let oauth = matches!(settings.auth, Auth::ClientCredentials { .. });
        let collectors = config.collectors.enabled();
        Exchange {
            organization: settings.name.clone(),
            api_url: settings.api_url.clone(),
            transport,
            budget,
            memory_limit: self.memory_limit.clone(),
            observer: self
                .exporter_metrics
                .observer(&settings.name, collectors, oauth),
            blocking_pool: self.blocking_pool.clone(),
            clock: self.clock.clone(),
            timeout: config.request.timeout,
        }
    }
}

impl Assembled {
    /// Whether `settings` are of the same organization. Another URL may give other data.
    fn is_same(&self, settings: &config::Organization) -> bool {
        self.settings.name == settings.name && self.settings.api_url == settings.api_url
    }
}
