//! A reload: new rules for organizations that remain, which keep what they know and what is under way.
//!
//! An organization that remains is the same object before and after, so a refresh under way lands once,
//! in the one place that there is, and whoever waits for it goes on to wait. It uses the client that it
//! began with to its end; what is in force when it lands decides how it is joined, how long it stands and
//! whether it is shown at all.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::{self, Collector};
use crate::density::Client;
use crate::snapshot::{CollectorState, Inventory};

use super::landing::next_version;
use super::organization::InForce;
use super::{Age, Organization, Portfolio, Rules, Schedule};

/// What becomes of an organization that remains.
pub struct Change {
    /// The organization.
    pub organization: Arc<Organization>,
    /// Asks for its data from now on.
    pub client: Arc<Client>,
    /// How it is refreshed from now on.
    pub rules: Rules,
    /// Other credentials or another way to the API may show other data: all of it is due, and what has
    /// failed before is worth another try.
    pub asks_anew: bool,
}

/// What takes the place of a portfolio.
pub struct Reload {
    portfolio: Portfolio,
    changes: Vec<Change>,
    budget: config::Budget,
}

impl Reload {
    /// `portfolio`, in which the organizations of `changes` remain, and each host allows `budget`.
    pub fn new(portfolio: Portfolio, changes: Vec<Change>, budget: config::Budget) -> Self {
        Self {
            portfolio,
            changes,
            budget,
        }
    }

    /// The portfolio where there was none before.
    pub fn into_portfolio(self) -> Portfolio {
        self.portfolio
    }

    /// Puts it in force: `in_one_step` is given the portfolio and what puts the organizations under their
    /// new rules, which takes microseconds. What takes longer is done before. This must be called aside.
    ///
    /// No inventory lands meanwhile, so that each one is joined under the old rules before the step, and
    /// again here, or under the new ones after it. The locks for that are held across the step, and
    /// whoever else takes one takes no second, so nobody waits in a circle.
    pub fn put_in_force(self, in_one_step: impl FnOnce(Portfolio, &mut dyn FnMut())) {
        let Self {
            portfolio,
            changes,
            budget,
        } = self;
        let mut locks: Vec<MutexGuard<'_, Vec<String>>> = changes
            .iter()
            // Nothing panics while it is held.
            .map(|it| &it.organization.joining)
            .map(|it| it.lock().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let prepared = changes.iter().zip(&mut locks);
        let mut prepared: Vec<_> = prepared
            .map(|(change, not_listed)| (change, change.inventory(not_listed)))
            .collect();
        let budgets = portfolio.all_budgets().to_vec();
        in_one_step(portfolio, &mut || {
            for it in &budgets {
                it.configure(budget);
            }
            for (change, inventory) in prepared.drain(..) {
                change.take_effect(inventory);
            }
        });
    }
}

impl Change {
    /// The inventory as the new rules have it, where they make it another.
    fn inventory(&self, not_listed: &mut Vec<String>) -> Option<Inventory> {
        let (snapshot, old) = {
            let state = self.organization.state();
            (state.snapshot.clone(), state.in_force.clone())
        };
        let is_turned_off = |it: Collector| {
            old.rules.collectors.ttl(it).is_some() && self.rules.collectors.ttl(it).is_none()
        };
        let is_another = old.rules.filter != self.rules.filter
            || Collector::ALL
                .into_iter()
                .any(|it| it.is_inventory() && is_turned_off(it));
        // Before the first there is nothing to join.
        (is_another && snapshot.inventory_version > 0)
            .then(|| self.organization.join(&snapshot, &self.rules, not_listed))
    }

    fn take_effect(&self, inventory: Option<Inventory>) {
        let now = self.organization.clock.now();
        let mut state = self.organization.state();
        let state = &mut *state;
        let old = state.in_force.clone();
        // Asked for in batches, the data is of what the filter kept.
        let asks_for_others =
            old.rules.request.batch_size > 0 && old.rules.filter != self.rules.filter;
        let asks_anew = self.asks_anew || asks_for_others;
        for collector in Collector::ALL {
            let schedule = &mut state.schedules[collector];
            let Some(ttl) = self.rules.collectors.ttl(collector) else {
                *schedule = Schedule::new(Duration::ZERO, self.rules.stale.max_age);
                state.snapshot.end(collector);
                for states in [
                    &mut state.snapshot.states,
                    &mut state.snapshot.states_before,
                ] {
                    *states.of_mut(collector) = CollectorState::default();
                }
                state.failing[collector] = None;
                continue;
            };
            // What has ended stays so, however long data stands from now on.
            if schedule.age(now) == Age::Ended {
                state.snapshot.end(collector);
                schedule.forget_data();
            }
            schedule.configure(ttl, self.rules.stale.max_age);
            if asks_anew {
                schedule.outdate();
            }
        }
        if let Some(inventory) = inventory {
            state.snapshot.inventory = Arc::new(inventory);
            state.snapshot.inventory_version = next_version();
        }
        state.in_force = Arc::new(InForce {
            client: self.client.clone(),
            rules: self.rules.clone(),
            generation: old.generation.saturating_add(asks_anew.into()),
        });
    }
}
