//! What the schemas say of the files with which the reading of both is tested.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use serde_saphyr::options::NonFiniteFloatPolicy;

use super::*;

fn validator(web: bool) -> Validator {
    let schema = schema(web).unwrap_or_else(|error| panic!("{error}"));
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

/// A file as editors read it; `None` when it is no YAML, or none without repeated keys.
fn read(text: &str) -> Option<Value> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
    };
    serde_saphyr::from_str_with_options(text, options).ok()
}

fn accepts(validator: &Validator, file: &Path) -> Option<bool> {
    let text = std::fs::read_to_string(file).unwrap();
    Some(validator.is_valid(&read(&text)?))
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn good_files_are_good() {
    for (web, names) in [
        (
            false,
            &["src/config/testdata/design.yml", "docs/density.example.yml"][..],
        ),
        (true, &["docs/web-config.example.yml"]),
    ] {
        let validator = validator(web);
        for name in names {
            assert_eq!(accepts(&validator, &path(name)), Some(true), "{name}");
        }
    }
}

#[test]
fn what_the_reader_takes_is_good() {
    let config = validator(false);
    for rest in [
        "collectors:\nbudget:\nrequest:\nstale:",
        "collectors: { presence: , sensors: { enabled: false, ttl: 1h 30m } }",
        "request: { timeout: 2.5, max_memory: 64 mb }\nstale: { max_age: 0 }",
        "request: { timeout: 1day 2h, max_memory: 1048576 }\nstale: { max_age: '10' }",
        "budget: { requests_per_second: 0.5, burst: 100 }",
    ] {
        let text = format!(
            "organizations: [{{ name: a, auth: {{ token_env: A }}, spaces: {{ include: }} }}]\n{rest}"
        );
        assert!(config.is_valid(&read(&text).unwrap()), "{rest}");
    }
    let web = validator(true);
    for text in [
        "{}",
        "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:",
        "http_server_config: { headers: { X-XSS-Protection: 0, X-Frame-Options: } }",
        "tls_server_config: { client_auth_type: RequireClientCert, client_allowed_sans: [a] }",
        "rate_limit: { interval: 0, burst: 0 }",
        "rate_limit: { interval: 500ms, burst: 3 }",
    ] {
        assert!(web.is_valid(&read(text).unwrap()), "{text}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    for (web, text) in [
        (
            false,
            "organizations: [{ name: a, auth: { token_env: A }, nickname: b }]",
        ),
        (true, "basic_auth: {}"),
    ] {
        let validator = validator(web);
        let errors: Vec<String> = validator
            .iter_errors(&read(text).unwrap())
            .map(|it| it.to_string())
            .collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].contains("Additional properties are not allowed"),
            "{errors:?}"
        );
    }
}

/// The bad files of which only the reader knows what is wrong: it compares values, or looks at files, variables,
/// units and what a text stands for.
const GOOD_TO_THE_SCHEMA: [&[&str]; 2] = [
    &[
        "alias",
        "api-url-plain-http",
        "api-url-v3",
        "auth-file-empty",
        "auth-file-two-lines",
        "auth-file-unreadable",
        "auth-secret-for-file",
        "auth-secret-for-variable",
        "auth-variable-empty",
        "auth-variable-unset",
        "batches-without-spaces",
        "budget-burst-above-limit",
        "budget-rate-above-limit",
        "ca-file-not-pem",
        "ca-file-unreadable",
        "collectors-all-off",
        "filters-without-sensors",
        "filters-without-spaces",
        "name-twice",
        "proxy-url-path",
        "request-memory-small",
        "request-timeout-long",
        "request-timeout-short",
        "spaces-in-both",
        "stale-too-long",
        "ttl-too-long",
        "ttl-too-short",
        "ttl-zero",
        "worst-case",
    ],
    &[
        "clients-authority-not-pem",
        "clients-authority-without-type",
        "clients-names-not-required",
        "clients-verified-without-authority",
        "rate-burst-zero",
        "rate-without-burst",
        "tls-certificate-missing",
        "tls-certificate-not-pem",
        "tls-certificate-version-1",
        "tls-files-unreadable",
        "tls-given-twice",
        "tls-key-encrypted",
        "tls-key-inline-not-pem",
        "tls-key-missing",
        "tls-key-not-pem",
        "tls-key-of-another",
        "tls-key-unusable",
        "tls-settings-without-certificate",
        "tls-suites-of-another-version",
        "tls-versions-swapped",
        "users-cost",
    ],
];

#[test]
fn bad_files_are_refused_where_a_schema_can() {
    let folders = [
        "src/config/testdata/bad",
        "src/http/web_config/testdata/bad",
    ];
    for (index, folder) in folders.into_iter().enumerate() {
        let validator = validator(index == 1);
        let mut accepted = Vec::new();
        for entry in std::fs::read_dir(path(folder)).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_some_and(|it| it == "yml")
                && accepts(&validator, &file) == Some(true)
            {
                let name = file.file_stem().unwrap().to_string_lossy();
                accepted.push(name.into_owned());
            }
        }
        accepted.sort();
        assert_eq!(accepted, GOOD_TO_THE_SCHEMA[index], "{folder}");
    }
}
