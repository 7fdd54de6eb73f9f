//! A reload: new settings for organizations that remain, which keep their data and their refreshes in flight.
//!
//! An organization that remains is the same object before and after, so a refresh in flight is published
//! once, and a scrape that waits for it goes on waiting. The refresh uses the client that it started with;
//! the settings that are active when it is published decide how its data is joined, how long it is shown
//! and whether it is shown at all.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::{self, Collector};
use crate::density::Client;
use crate::snapshot::{CollectorState, Inventory};

use super::organization::ActiveSettings;
use super::publish::next_version;
use super::{Age, Organization, Portfolio, RefreshConfig, Schedule};

/// The new settings of an organization that remains.
pub struct OrganizationChange {
    /// The organization.
    pub organization: Arc<Organization>,
    /// Fetches its data from now on.
    pub client: Arc<Client>,
    /// How it is refreshed from now on.
    pub config: RefreshConfig,
    /// Other credentials or another route to the API may give other data: every collector is due, and one
    /// that has failed before is worth another try.
    pub refetch: bool,
}

/// A new portfolio to replace the current one.
pub struct Reload {
    portfolio: Portfolio,
    changes: Vec<OrganizationChange>,
    budget: config::Budget,
}

impl Reload {
    /// `portfolio`, in which the organizations of `changes` remain, and each host allows `budget`.
    pub fn new(
        portfolio: Portfolio,
        changes: Vec<OrganizationChange>,
        budget: config::Budget,
    ) -> Self {
        Self {
            portfolio,
            changes,
            budget,
        }
    }

    /// The portfolio, when it is the first one and there is nothing to replace.
    pub fn into_portfolio(self) -> Portfolio {
        self.portfolio
    }

    /// Applies the reload: `swap` is given the portfolio and a function that activates the new settings of
    /// the organizations, which takes microseconds. What takes longer is done before, so this must be called
    /// on a blocking thread.
    ///
    /// No inventory is published meanwhile: each one is joined either under the old settings before the
    /// swap, and again here, or under the new ones after it. The locks for that are held across the swap;
    /// every other holder takes only one of them, so there is no deadlock.
    pub fn apply(self, swap: impl FnOnce(Portfolio, &mut dyn FnMut())) {
        let Self {
            portfolio,
            changes,
            budget,
        } = self;
        let mut locks: Vec<MutexGuard<'_, Vec<String>>> = changes
            .iter()
            // Nothing panics while it is held.
            .map(|it| &it.organization.join_lock)
            .map(|it| it.lock().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let prepared = changes.iter().zip(&mut locks);
        let mut prepared: Vec<_> = prepared
            .map(|(change, reported_ids)| (change, change.inventory(reported_ids)))
            .collect();
        let budgets = portfolio.all_budgets().to_vec();
        swap(portfolio, &mut || {
            for it in &budgets {
                it.configure(budget);
            }
            for (change, inventory) in prepared.drain(..) {
                change.activate(inventory);
            }
        });
    }
}

impl OrganizationChange {
    /// The inventory under the new settings, where it differs from the current one.
    fn inventory(&self, reported_ids: &mut Vec<String>) -> Option<Inventory> {
        let (snapshot, old) = {
            let state = self.organization.state();
            (state.snapshot.clone(), state.active.clone())
        };
        let is_turned_off = |it: Collector| {
            old.config.collectors.ttl(it).is_some() && self.config.collectors.ttl(it).is_none()
        };
        let is_changed = old.config.filter != self.config.filter
            || Collector::ALL
                .into_iter()
                .any(|it| it.is_inventory() && is_turned_off(it));
        // Before the first inventory there is nothing to join.
        (is_changed && snapshot.inventory_version > 0).then(|| {
            self.organization
                .join(&snapshot, &self.config, reported_ids)
        })
    }

    fn activate(&self, inventory: Option<Inventory>) {
        let now = self.organization.clock.now();
        let mut state = self.organization.state();
        let state = &mut *state;
        let old = state.active.clone();
        // With batches, the data covers only the spaces that the old filter kept.
        let requests_other_spaces =
            old.config.request.batch_size > 0 && old.config.filter != self.config.filter;
        let refetch = self.refetch || requests_other_spaces;
        for collector in Collector::ALL {
            let schedule = &mut state.schedules[collector];
            let Some(ttl) = self.config.collectors.ttl(collector) else {
                *schedule = Schedule::new(Duration::ZERO, self.config.stale.max_age);
                state.snapshot.expire(collector);
                for states in [
                    &mut state.snapshot.states,
                    &mut state.snapshot.previous_states,
                ] {
                    *states.of_mut(collector) = CollectorState::default();
                }
                state.failing[collector] = None;
                continue;
            };
            // Expired data stays expired, however long data may be shown from now on.
            if schedule.age(now) == Age::Expired {
                state.snapshot.expire(collector);
                schedule.expire_data();
            }
            schedule.configure(ttl, self.config.stale.max_age);
            if refetch {
                schedule.invalidate();
            }
        }
        if let Some(inventory) = inventory {
            state.snapshot.inventory = Arc::new(inventory);
            state.snapshot.inventory_version = next_version();
        }
        state.active = Arc::new(ActiveSettings {
            client: self.client.clone(),
            config: self.config.clone(),
            generation: old.generation.saturating_add(refetch.into()),
        });
    }
}
