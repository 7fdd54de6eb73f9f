//! What the configuration may cost an API host at most, in calls per second.
//!
//! First attempts only: retries and tokens come out of what the budget leaves. Pure arithmetic; it
//! never looks at what was really called.

use std::fmt;

use super::{Collector, Config, Organization};

/// The most calls that one API host may get.
#[derive(Clone, Debug, PartialEq)]
pub struct HostLoad {
    /// See [`Organization::api_host`]: every organization on it shares one budget.
    pub host: String,
    /// Calls per second if every collector is refreshed as often as it may be; with
    /// `request.batch_size`, if each refresh needs one batch.
    pub calls_per_second: f64,
    /// Calls per second that the budget allows.
    pub budget: f64,
    /// What the sum is made of, the largest first.
    pub contributions: Vec<Contribution>,
    /// How many spaces each of the host's organizations may have before batches cost more than the
    /// budget, or than it lets through in the time of one refresh; `None` when the number of spaces does
    /// not matter.
    pub most_spaces: Option<u64>,
}

/// What one collector of one organization may cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The organization's name.
    pub organization: String,
    /// Which of its collectors.
    pub collector: Collector,
    /// Calls per second.
    pub calls_per_second: f64,
}

/// A sum of fractions such as 1/10 is not exact; a budget that it meets to the last digit is met.
const ROUNDING: f64 = 1e-9;

impl HostLoad {
    /// Whether the budget does not suffice.
    pub fn is_over_budget(&self) -> bool {
        self.calls_per_second > self.budget * (1.0 + ROUNDING)
    }
}

impl Organization {
    /// The API host as the budget counts it, and as the `host` label shows it: with a port only
    /// where it is not the scheme's own. The scheme does not matter to a limit per IP address, nor
    /// does the dot at the end of a full name.
    pub fn api_host(&self) -> String {
        let host = self.api_url.host_str().unwrap_or_default();
        let host = host.trim_end_matches('.');
        match self.api_url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

/// The most calls that each API host may get, in the order in which the hosts are configured.
pub fn worst_case(config: &Config) -> Vec<HostLoad> {
    let mut loads: Vec<HostLoad> = Vec::new();
    for organization in &config.organizations {
        let host = organization.api_host();
        let contributions = contributions(config, organization);
        match loads.iter_mut().find(|it| it.host == host) {
            Some(load) => load.contributions.extend(contributions),
            None => loads.push(HostLoad {
                host,
                calls_per_second: 0.0,
                budget: config.budget.requests_per_second,
                contributions: contributions.collect(),
                most_spaces: None,
            }),
        }
    }
    for load in &mut loads {
        load.calls_per_second = sum(&load.contributions, |_| true);
        load.most_spaces = most_spaces(load, config);
        // A stable sort: equal ones stay in the order of the file.
        load.contributions
            .sort_by(|a, b| b.calls_per_second.total_cmp(&a.calls_per_second));
    }
    loads
}

/// One call a refresh each: the portfolio whole, or one batch at the least.
fn contributions<'a>(
    config: &'a Config,
    organization: &'a Organization,
) -> impl Iterator<Item = Contribution> + 'a {
    Collector::ALL.into_iter().filter_map(|collector| {
        let ttl = config.collectors.ttl(collector)?;
        Some(Contribution {
            organization: organization.name.clone(),
            collector,
            calls_per_second: 1.0 / ttl.as_secs_f64(),
        })
    })
}

fn sum(contributions: &[Contribution], which: impl Fn(Collector) -> bool) -> f64 {
    contributions
        .iter()
        .filter(|it| which(it.collector))
        .map(|it| it.calls_per_second)
        .sum()
}

/// The tree of spaces is always one call: it says which ids there are to put into batches.
fn is_batched(collector: Collector) -> bool {
    collector != Collector::Spaces
}

fn most_spaces(load: &HostLoad, config: &Config) -> Option<u64> {
    let (batch_size, budget) = (config.request.batch_size, &config.budget);
    let a_batch = sum(&load.contributions, is_batched);
    if batch_size == 0 || a_batch <= 0.0 {
        return None;
    }
    let once = sum(&load.contributions, |it| !is_batched(it));
    let batches = (load.budget * (1.0 + ROUNDING) - once) / a_batch;
    // A refresh that is not done within its time brings nothing.
    let limit = config.request.refresh_limit().as_secs_f64();
    let batches = batches.min(f64::from(budget.burst) + budget.requests_per_second * limit);
    // A float that is too large for the integer becomes its largest value, a negative one 0.
    let batches = batches as u64;
    Some(batches.saturating_mul(u64::try_from(batch_size).unwrap_or(u64::MAX)))
}

/// A host whose budget does not suffice. Displayed, it says so and what to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BudgetExceeded(HostLoad);

/// The hosts whose budget does not suffice.
pub(super) fn budget_exceeded(config: &Config) -> impl Iterator<Item = BudgetExceeded> {
    worst_case(config)
        .into_iter()
        .filter(HostLoad::is_over_budget)
        .map(BudgetExceeded)
}

/// How many of the largest contributions a message names.
const NAMED: usize = 3;

impl fmt::Display for BudgetExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = &self.0;
        write!(
            f,
            "{} may be asked {:.2} times a second, and the budget is {}; the most comes from ",
            load.host, load.calls_per_second, load.budget
        )?;
        for (index, it) in load.contributions.iter().take(NAMED).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let name = it.organization.escape_debug();
            write!(
                f,
                "{comma}{name} {} {:.2}",
                it.collector, it.calls_per_second
            )?;
        }
        f.write_str("; raise a ttl, turn a collector off or raise the budget")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::from_text;

    fn config(organizations: &str, rest: &str) -> Config {
        let text = format!("organizations: [{organizations}]\n{rest}");
        from_text("density.yml", &text, &[("TOKEN", "secret")]).unwrap()
    }

    const ACME: &str = "{ name: acme, auth: { token_env: TOKEN } }";
    const GLOBEX: &str = "{ name: globex, auth: { token_env: TOKEN } }";

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn the_defaults_cost_little() {
        let loads = worst_case(&config(ACME, ""));
        let [load] = loads.as_slice() else {
            panic!("{loads:?}")
        };
        assert_eq!(load.host, "api.density.io");
        assert!(near(
            load.calls_per_second,
            2.0 / 900.0 + 2.0 / 10.0 + 1.0 / 30.0
        ));
        assert_eq!(load.most_spaces, None);
        assert!(!load.is_over_budget());
    }

    #[test]
    fn organizations_on_one_host_share_its_budget() {
        let elsewhere =
            "{ name: umbrella, api_url: 'http://localhost:8080', auth: { token_env: TOKEN } }";
        let loads = worst_case(&config(
            &format!("{ACME}, {elsewhere}, {GLOBEX}"),
            "collectors: { presence: { ttl: 2s }, current_count: { enabled: false } }",
        ));
        let hosts: Vec<&str> = loads.iter().map(|it| it.host.as_str()).collect();
        assert_eq!(hosts, ["api.density.io", "localhost:8080"]);
        let one = 2.0 / 900.0 + 1.0 / 2.0 + 1.0 / 30.0;
        assert!(near(loads[0].calls_per_second, 2.0 * one));
        assert!(near(loads[1].calls_per_second, one));
        let first = &loads[0].contributions[0];
        assert_eq!(first.collector, Collector::Presence);
        assert_eq!(first.organization, "acme");
    }

    #[test]
    fn batches_bound_the_number_of_spaces() {
        let loads = worst_case(&config(
            ACME,
            "collectors:
  spaces: { ttl: 1s }
  sensors: { enabled: false }
  current_count: { ttl: 1s }
  presence: { ttl: 1s }
  sensor_health: { enabled: false }
request: { batch_size: 50 }",
        ));
        // 10 a second, less 1 for the tree, is 4 batches of both others with 1 to spare.
        assert_eq!(loads[0].most_spaces, Some(200));
        assert!(near(loads[0].calls_per_second, 3.0));
    }

    #[test]
    fn batches_must_fit_into_one_refresh() {
        let rarely = "collectors:
  current_count: { enabled: false }
  presence: { enabled: false }
  sensor_health: { ttl: 1h }
budget: { requests_per_second: 10, burst: 40 }
request: { batch_size: 50, timeout: 10s, retries: 2 }";
        // 40 at once and 10 a second for 30 s, though the budget of an hour is enough for more.
        let loads = worst_case(&config(ACME, rarely));
        assert_eq!(loads[0].most_spaces, Some(340 * 50));
    }

    #[test]
    fn a_budget_met_to_the_last_digit_is_met() {
        let rest = "collectors:
  spaces: { enabled: false }
  sensors: { enabled: false }
  current_count: { ttl: 10s }
  presence: { ttl: 5s }
  sensor_health: { enabled: false }
budget: { requests_per_second: 0.3 }";
        assert!(!worst_case(&config(ACME, rest))[0].is_over_budget());
    }
}
