//! All organizations and the call budgets that they share.

use std::sync::Arc;

use crate::clock::Instant;
use crate::config::{CollectorSet, CollectorSettings};
use crate::density::{Budget, BudgetStatus};

use super::Organization;

/// All organizations, refreshed side by side.
#[derive(Debug)]
pub struct Portfolio {
    organizations: Vec<Arc<Organization>>,
    budgets: Vec<Arc<Budget>>,
    collectors: CollectorSettings,
}

impl Portfolio {
    /// Organizations and the budgets of the hosts that they are on.
    pub fn new(
        organizations: Vec<Arc<Organization>>,
        budgets: Vec<Arc<Budget>>,
        collectors: CollectorSettings,
    ) -> Self {
        Self {
            organizations,
            budgets,
            collectors,
        }
    }

    /// The organizations, as configured.
    pub fn organizations(&self) -> &[Arc<Organization>] {
        &self.organizations
    }

    /// Which collectors run, and how often.
    pub fn collectors(&self) -> &CollectorSettings {
        &self.collectors
    }

    pub(super) fn all_budgets(&self) -> &[Arc<Budget>] {
        &self.budgets
    }

    /// What each budget allows now and how long calls have waited for it.
    pub fn budgets(&self) -> Vec<BudgetStatus> {
        self.budgets.iter().map(|it| it.status()).collect()
    }

    /// Refreshes what is due in `organizations` and waits for it until `deadline` at the latest.
    pub async fn refresh_due(
        organizations: &[Arc<Organization>],
        wanted: CollectorSet,
        deadline: Instant,
    ) {
        let all = organizations
            .iter()
            .map(|it| it.refresh_due(wanted, deadline));
        futures_util::future::join_all(all).await;
    }
}
