//! The file of `--web.config.file` as it was typed: which keys there are, their values not judged yet.
//!
//! What is said of a key here is what an editor shows, by way of the JSON schema.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::config::value_schema::duration_with_unit;
use crate::yaml::node::Node;
use crate::yaml::scalar::Value;
use crate::yaml::schema::words;

/// The JSON schema of the web configuration.
pub fn web_schema() -> Schema {
    schemars::schema_for!(File)
}

pub(super) type List = Node<Vec<Value<String>>>;
pub(super) type Users = BTreeMap<String, Value<String>>;

/// How an exporter serves, as every Prometheus component reads it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Web configuration of density-exporter")]
pub(super) struct File {
    /// The certificate, and how connections are encrypted.
    pub(super) tls_server_config: Node<Tls>,
    /// What holds for every answer.
    pub(super) http_server_config: Node<Http>,
    /// Who may ask: names with bcrypt hashes of their passwords, as htpasswd -nBC 10 NAME prints them.
    #[schemars(schema_with = "users")]
    pub(super) basic_auth_users: Node<Users>,
    /// How often may be asked.
    pub(super) rate_limit: Node<RateLimit>,
}

/// The certificate with its key, who else must show one, and how connections are encrypted.
#[derive(Default, Deserialize, JsonSchema, PartialEq)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Tls {
    /// The file of the certificate, with the intermediate ones behind it.
    pub(super) cert_file: Value<String>,
    /// The file of the certificate's key, not encrypted.
    pub(super) key_file: Value<String>,
    /// The certificate itself instead of cert_file, in PEM.
    pub(super) cert: Value<String>,
    /// The key itself instead of key_file, in PEM.
    pub(super) key: Value<String>,
    /// Which certificates clients must show.
    #[schemars(extend("enum" = TYPES))]
    pub(super) client_auth_type: Value<String>,
    /// The file of the authorities that verify certificates of clients.
    pub(super) client_ca_file: Value<String>,
    /// The authorities themselves instead of client_ca_file, in PEM.
    pub(super) client_ca: Value<String>,
    /// Subject alternative names, of which a client's certificate must have one.
    #[schemars(length(min = 1))]
    pub(super) client_allowed_sans: List,
    /// The oldest version of TLS; older than TLS12 means that.
    #[schemars(extend("enum" = VERSIONS))]
    pub(super) min_version: Value<String>,
    /// The newest version of TLS.
    #[schemars(extend("enum" = VERSIONS[2..]))]
    pub(super) max_version: Value<String>,
    /// The cipher suites for TLS 1.2; by default all.
    #[schemars(schema_with = "suites")]
    pub(super) cipher_suites: List,
    /// Whether the server's order of suites counts; by default it does.
    pub(super) prefer_server_cipher_suites: Value<bool>,
    /// The curves, the preferred one first.
    #[schemars(schema_with = "curves")]
    pub(super) curve_preferences: List,
}

/// What holds for every answer.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Http {
    /// Whether HTTP/2 is offered; it needs TLS.
    pub(super) http2: Value<bool>,
    /// What every answer carries besides its own headers; one without a value is not set.
    pub(super) headers: Node<Headers>,
}

/// The headers that may be set.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"]))]
pub(super) struct Headers {
    #[serde(rename = "Content-Security-Policy")]
    #[schemars(schema_with = "header")]
    pub(super) csp: Value<String>,
    #[serde(rename = "X-Frame-Options")]
    #[schemars(extend("enum" = ["deny", "sameorigin", "", null]), schema_with = "header")]
    pub(super) frames: Value<String>,
    #[serde(rename = "X-Content-Type-Options")]
    #[schemars(extend("enum" = ["nosniff", "", null]), schema_with = "header")]
    pub(super) types: Value<String>,
    #[serde(rename = "X-XSS-Protection")]
    #[schemars(schema_with = "header")]
    pub(super) xss: Value<String>,
    #[serde(rename = "Strict-Transport-Security")]
    #[schemars(schema_with = "header")]
    pub(super) hsts: Value<String>,
}

/// How often may be asked: a bucket of tokens, one of which each request takes.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("type" = ["object", "null"], "dependentRequired" = { "burst": ["interval"] }))]
pub(super) struct RateLimit {
    /// After this time there is one more token: up to 24h, with its unit. 0 means no limit.
    #[schemars(schema_with = "duration_with_unit")]
    pub(super) interval: Value<String>,
    /// No more tokens than these are kept.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(super) burst: Value<u32>,
}

/// Which certificates clients must show. `RequireClientCert` is how the third was called at first.
pub(super) const TYPES: [&str; 6] = [
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
    "RequireClientCert",
];

/// Versions of TLS, the oldest first.
pub(super) const VERSIONS: [&str; 4] = ["TLS10", "TLS11", "TLS12", "TLS13"];

/// The suites of TLS 1.2 that can be chosen.
pub(super) const SUITES: [&str; 6] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// Those of TLS 1.3: valid words that choose nothing, here as in Go.
pub(super) const SUITES_OF_TLS13: [&str; 3] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
];

/// Curves; `CurveP521` is not served.
pub(super) const CURVES: [&str; 4] = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

fn users(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["object", "null"],
        "propertyNames": { "pattern": "^[^:]+$", "maxLength": 200 },
        "additionalProperties": { "type": "string", "pattern": "^\\$2[abxy]\\$[0-9]{2}\\$" },
    })
}

fn header(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "number", "null"], "pattern": "^[ -~]*$" })
}

fn suites(_: &mut SchemaGenerator) -> Schema {
    words(&[&SUITES[..], &SUITES_OF_TLS13].concat())
}

fn curves(_: &mut SchemaGenerator) -> Schema {
    words(&CURVES)
}
