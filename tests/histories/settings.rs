//! What is configured, as far as it differs from history to history.

use std::collections::BTreeMap;
use std::time::Duration;

use density_exporter::config::{Budget, Collector};
use proptest::prelude::*;

/// A configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Of the collectors that run, in milliseconds.
    pub ttls: BTreeMap<Collector, u64>,
    pub max_age: u64,
    pub timeout: u64,
    pub retries: u32,
    /// Which token is sent.
    pub token: bool,
}

/// The budget of all histories: it is short of nothing but after a 429.
pub const BUDGET: Budget = Budget {
    requests_per_second: 10.0,
    burst: 40,
};

/// The organization of all histories.
pub const NAME: &str = "acme";

pub fn settings() -> impl Strategy<Value = Settings> {
    let ttl = prop::sample::select(&[1_000u64, 2_000, 5_000, 10_000, 30_000, 900_000][..]);
    // Mostly on.
    let ttl = prop_oneof![5 => ttl.prop_map(Some), 1 => Just(None)];
    let ttls = prop::array::uniform5(ttl)
        .prop_filter("a collector runs", |it| it.iter().any(Option::is_some));
    let max_age = prop::sample::select(&[0u64, 5_000, 60_000, 600_000][..]);
    let timeout = prop::sample::select(&[1_000u64, 3_000, 10_000][..]);
    (ttls, max_age, timeout, 0u32..3, any::<bool>()).prop_map(
        |(ttls, max_age, timeout, retries, token)| Settings {
            ttls: Collector::ALL
                .into_iter()
                .zip(ttls)
                .filter_map(|(collector, ttl)| Some((collector, ttl?)))
                .collect(),
            max_age,
            timeout,
            retries,
            token,
        },
    )
}

impl Settings {
    /// How long a refresh may take.
    pub fn limit(&self) -> u64 {
        self.timeout * u64::from(self.retries + 1)
    }

    pub fn token_name(&self) -> &'static str {
        match self.token {
            true => "ONE",
            false => "OTHER",
        }
    }

    /// As a file.
    pub fn yaml(&self) -> String {
        let collectors = Collector::ALL.map(|it| match self.ttls.get(&it) {
            Some(ttl) => format!("{}: {{ ttl: {}ms }}", it.name(), ttl),
            None => format!("{}: {{ enabled: false }}", it.name()),
        });
        format!(
            "organizations: [{{ name: {NAME}, api_url: \"https://api.test\", auth: {{ token_env: {} }} }}]\n\
             collectors: {{ {} }}\n\
             budget: {{ requests_per_second: {}, burst: {} }}\n\
             request: {{ timeout: {}ms, retries: {} }}\n\
             stale: {{ max_age: {}ms }}\n",
            self.token_name(),
            collectors.join(", "),
            BUDGET.requests_per_second,
            BUDGET.burst,
            self.timeout,
            self.retries,
            self.max_age,
        )
    }

    pub fn max_age(&self) -> Duration {
        Duration::from_millis(self.max_age)
    }
}
