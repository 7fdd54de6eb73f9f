//! From a configuration to organizations that can be refreshed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::aside::Aside;
use crate::clock::SharedClock;
use crate::config::{self, Auth, Config};
use crate::density::{Authenticator, Budget, Client, Exchange, HttpsError, Memory, Transport};
use crate::metrics::{BuildInfo, OwnMetrics};
use crate::refresh::{Organization, Portfolio, Rules};

/// An organization can't be set up.
#[derive(Debug, thiserror::Error)]
#[error("organization {organization}: {reason}")]
pub struct AssemblyError {
    organization: String,
    reason: HttpsError,
}

/// What was built.
pub fn build_info() -> BuildInfo {
    BuildInfo {
        version: env!("CARGO_PKG_VERSION"),
        revision: env!("BUILD_REVISION"),
        rustversion: env!("BUILD_RUSTC"),
    }
}

/// The portfolio that `config` describes, its requests sent by what `transport` makes for each
/// organization.
///
/// # Errors
/// When a transport can't be made.
pub fn assemble<'c>(
    config: &'c Config,
    clock: &SharedClock,
    aside: &Aside,
    own: &OwnMetrics,
    mut transport: impl FnMut(&'c config::Organization) -> Result<Arc<dyn Transport>, HttpsError>,
) -> Result<Portfolio, AssemblyError> {
    let memory = Memory::new(config.request.max_memory);
    let mut budgets: BTreeMap<String, Arc<Budget>> = BTreeMap::new();
    let mut organizations = Vec::with_capacity(config.organizations.len());
    for organization in &config.organizations {
        let budget = budgets
            .entry(organization.api_host())
            .or_insert_with_key(|host| Budget::new(host.clone(), config.budget, clock.clone()));
        let oauth = matches!(organization.auth, Auth::ClientCredentials { .. });
        let exchange = Exchange {
            organization: organization.name.clone(),
            api_url: organization.api_url.clone(),
            transport: transport(organization).map_err(|reason| AssemblyError {
                organization: organization.name.clone(),
                reason,
            })?,
            budget: budget.clone(),
            memory: memory.clone(),
            observer: own.observer(&organization.name, config.collectors.enabled(), oauth),
            aside: aside.clone(),
            clock: clock.clone(),
            timeout: config.request.timeout,
        };
        let client = Client::new(
            exchange,
            Authenticator::new(&organization.auth),
            config.request.retries,
        );
        let rules = Rules {
            filter: organization.spaces.clone(),
            collectors: config.collectors.clone(),
            request: config.request,
            stale: config.stale,
        };
        let name = organization.name.clone();
        organizations.push(Organization::new(
            name,
            client,
            rules,
            clock.clone(),
            aside.clone(),
        ));
    }
    let budgets = budgets.into_values().collect();
    Ok(Portfolio::new(
        organizations,
        budgets,
        config.collectors.clone(),
    ))
}
