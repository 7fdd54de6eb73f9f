//! The configuration file as it was typed: which keys there are, their values not judged yet.
//!
//! What is said of a key here is what an editor shows, by way of the JSON schema.

use std::time::Duration;

use schemars::{JsonSchema, Schema};
use serde::Deserialize;

use super::collector::PerCollector;
use super::value_schema;
use crate::yaml::node::Node;
use crate::yaml::scalar::Value;
use crate::yaml::schema::texts;

/// The JSON schema of the configuration file.
pub fn schema() -> Schema {
    schemars::schema_for!(Config)
}

pub(super) type List = Node<Vec<Value<String>>>;

/// What density-exporter asks, of whom, and how often.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Configuration of density-exporter")]
#[schemars(extend("required" = ["organizations"]))]
pub(super) struct Config {
    /// The accounts at Density; at least one.
    #[schemars(length(min = 1))]
    pub(super) organizations: Node<Vec<Node<Organization>>>,
    /// Which collectors run, and how often.
    pub(super) collectors: Node<PerCollector<Node<Collector>>>,
    /// How many calls each API host gets, whichever organization they are for.
    pub(super) budget: Node<Budget>,
    /// How a request is made.
    pub(super) request: Node<Request>,
    /// How long old data stands.
    pub(super) stale: Node<Stale>,
}

/// One Density organization.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name", "auth"]))]
pub(super) struct Organization {
    /// The value of the label organization; each has its own.
    #[schemars(length(max = 200), extend("pattern" = "\\S"))]
    pub(super) name: Value<String>,
    /// Scheme, host and port, without /v3; by default <https://api.density.io>.
    #[schemars(schema_with = "value_schema::url")]
    pub(super) api_url: Value<String>,
    /// Whether the token may travel unencrypted to a host that is not this machine.
    pub(super) allow_plain_http: Value<bool>,
    /// Where the secret is: token_file or token_env, or client_id with client_secret_file or client_secret_env.
    pub(super) auth: Node<Auth>,
    /// Which spaces are exported.
    pub(super) spaces: Node<Spaces>,
    /// Certificate authorities to trust besides the system's: a PEM file.
    pub(super) ca_file: Value<String>,
    /// A proxy for this organization, instead of that of HTTPS_PROXY: scheme, host and port.
    #[schemars(schema_with = "value_schema::url")]
    pub(super) proxy_url: Value<String>,
}

/// How an organization proves who it is.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["token_file"] },
    { "required": ["token_env"] },
    { "required": ["client_id", "client_secret_file"] },
    { "required": ["client_id", "client_secret_env"] },
]))]
pub(super) struct Auth {
    /// The id of OAuth client credentials, which is not secret.
    pub(super) client_id: Value<String>,
    /// The file that holds the client secret.
    pub(super) client_secret_file: Value<String>,
    /// The environment variable that holds the client secret.
    pub(super) client_secret_env: Value<String>,
    /// The file that holds a long-lived token.
    pub(super) token_file: Value<String>,
    /// The environment variable that holds a long-lived token.
    pub(super) token_env: Value<String>,
}

/// Which spaces are exported. An id names a space and everything below it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Spaces {
    /// Only these and all below them; by default everything.
    #[schemars(schema_with = "texts")]
    pub(super) include: List,
    /// Not these, nor anything below them.
    #[schemars(schema_with = "texts")]
    pub(super) exclude: List,
    /// Only spaces of these types; by default all.
    #[schemars(schema_with = "value_schema::space_types")]
    pub(super) types: List,
}

/// One collector.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Collector {
    /// How old its data may be before a scrape asks for it again: from 1s to 30days.
    #[schemars(schema_with = "value_schema::duration")]
    pub(super) ttl: Value<Duration>,
    /// Whether it runs.
    pub(super) enabled: Value<bool>,
}

/// How many calls an API host gets.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Budget {
    /// Calls per second in the long run; by default 10.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 100_000))]
    pub(super) requests_per_second: Value<f64>,
    /// Calls that may be made at once after a pause; by default 40.
    #[schemars(range(min = 1, max = 100_000))]
    pub(super) burst: Value<u32>,
    /// Whether the two may be above what Density documents: 15 a second and 100 at once.
    pub(super) exceed_documented_limit: Value<bool>,
}

/// How a request is made.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Request {
    /// How long one attempt may take: from 100ms to 5m, by default 10s.
    #[schemars(schema_with = "value_schema::duration")]
    pub(super) timeout: Value<Duration>,
    /// How many times a request that failed in a way that may pass is sent again; by default 2.
    #[schemars(range(min = 0, max = 10))]
    pub(super) retries: Value<u32>,
    /// Space ids in one call; by default 0, which is the whole portfolio in one call.
    #[schemars(range(min = 0, max = 100_000))]
    pub(super) batch_size: Value<u32>,
    /// Memory that all answers being read may hold together: from 1MiB to 64GiB, by default 256MiB.
    #[schemars(schema_with = "value_schema::size")]
    pub(super) max_memory: Value<u64>,
}

/// How long old data stands.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Stale {
    /// How long the last good data stands after its ttl ran out: up to 30days, by default 10m.
    #[schemars(schema_with = "value_schema::duration")]
    pub(super) max_age: Value<Duration>,
}
