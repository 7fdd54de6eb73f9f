//! The validated configuration: what the program uses, with every default filled in.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{Collector, CollectorSet, PerCollector, SecretSource};

/// Everything that was configured. Every value has been checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// At least one; names are unique.
    pub organizations: Vec<Organization>,
    /// Which collectors run, and how often.
    pub collectors: CollectorSettings,
    /// The call budget of each API host.
    pub budget: Budget,
    /// How a request is made.
    pub request: Request,
    /// How long old data stands.
    pub stale: Stale,
}

/// One Density organization: an account of its own.
#[derive(Clone, Debug)]
pub struct Organization {
    /// The value of the `organization` label.
    pub name: String,
    /// Scheme, host and port, perhaps a path in front of `/v3`.
    pub api_url: Url,
    /// How to prove who is asking.
    pub auth: Auth,
    /// Which spaces are exported.
    pub spaces: SpaceFilter,
    /// Certificate authorities to trust besides the system's: a PEM file.
    pub ca_file: Option<PathBuf>,
    /// A proxy for this organization; otherwise `HTTPS_PROXY` and its like are honoured.
    pub proxy_url: Option<Url>,
}

impl Organization {
    /// Whether its API runs on this machine, which no proxy can reach for us.
    pub fn is_on_this_machine(&self) -> bool {
        super::address::is_loopback(&self.api_url)
    }
}

/// How to prove to Density who is asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Auth {
    /// A long-lived token.
    Token(SecretSource),
    /// OAuth client credentials, exchanged for a short-lived token.
    ClientCredentials {
        /// Not a secret.
        client_id: String,
        /// The secret that goes with it.
        client_secret: SecretSource,
    },
}

/// Which spaces are exported. Ids name a space and everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpaceFilter {
    /// Only these and all below them; empty: everything.
    pub include: Vec<String>,
    /// Not these, nor anything below them.
    pub exclude: Vec<String>,
    /// Only spaces of these types (`portfolio`, `region`, `campus`, `building`, `floor`, `space`);
    /// empty: all types.
    pub types: Vec<String>,
}

/// Which collectors run, and how old each one's data may be before a scrape asks for it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorSettings {
    ttls: PerCollector<Option<Duration>>,
}

impl CollectorSettings {
    /// The TTL of `collector`, or `None` when it is turned off.
    pub fn ttl(&self, collector: Collector) -> Option<Duration> {
        self.ttls[collector]
    }

    /// Sets the TTL of `collector`; `None` turns it off.
    pub fn set(&mut self, collector: Collector, ttl: Option<Duration>) {
        self.ttls[collector] = ttl;
    }

    /// The collectors that run.
    pub fn enabled(&self) -> CollectorSet {
        Collector::ALL
            .into_iter()
            .filter(|it| self.ttl(*it).is_some())
            .collect()
    }
}

impl Default for CollectorSettings {
    fn default() -> Self {
        Self {
            ttls: PerCollector::new(|it| Some(it.default_ttl())),
        }
    }
}

/// How many calls an API host gets from here, whichever organization they are for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Calls per second in the long run; greater than 0.
    pub requests_per_second: f64,
    /// Calls that may be made at once after a pause; at least 1.
    pub burst: u32,
}

impl Budget {
    /// Density's documented limit per IP address.
    pub const DOCUMENTED_LIMIT: Budget = Budget {
        requests_per_second: 15.0,
        burst: 100,
    };
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            requests_per_second: 10.0,
            burst: 40,
        }
    }
}

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// How long one attempt may take, its answer read whole.
    pub timeout: Duration,
    /// How many times a request that failed in a way that may pass is sent again.
    pub retries: u32,
    /// Space ids in one call; 0: the whole portfolio in one call.
    pub batch_size: usize,
    /// Bytes that all answers being read may hold together.
    pub max_memory: u64,
}

impl Request {
    /// How long a refresh may take, its retries included.
    pub fn refresh_limit(&self) -> Duration {
        self.timeout.saturating_mul(self.retries.saturating_add(1))
    }
}

impl Default for Request {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            retries: 2,
            batch_size: 0,
            max_memory: 256 << 20,
        }
    }
}

/// How long old data stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale {
    /// How long the last good data stands after its TTL ran out.
    pub max_age: Duration,
}

impl Default for Stale {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(600),
        }
    }
}
