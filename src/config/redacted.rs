//! The configuration as the program uses it, written as a file: every default filled in, no secret.
//!
//! What it writes can be loaded again and gives the same configuration. It never reads a secret: it
//! writes the place that one comes from.

use std::fmt::Write;
use std::path::Path;

use url::Url;

use super::address::is_loopback;
use super::{Auth, Budget, Collector, Config, Organization, SecretSource, duration, size};
use crate::yaml::writing::{list, text};

/// The whole configuration as YAML, without secrets.
pub fn redacted(config: &Config) -> String {
    let mut out = String::from("organizations:\n");
    for organization in &config.organizations {
        write_organization(&mut out, organization);
    }
    out.push_str("collectors:\n");
    for collector in Collector::ALL {
        let value = match config.collectors.ttl(collector) {
            Some(ttl) => format!("ttl: {}", duration::format(ttl)),
            None => "enabled: false".to_owned(),
        };
        line(&mut out, 1, collector.name(), &format!("{{ {value} }}"));
    }
    let (budget, request) = (&config.budget, &config.request);
    let (rate, burst) = (budget.requests_per_second, budget.burst);
    // Writing to a string can't fail.
    let _ = write!(
        out,
        "budget:\n  requests_per_second: {rate}\n  burst: {burst}\n"
    );
    let limit = Budget::DOCUMENTED_LIMIT;
    if rate > limit.requests_per_second || burst > limit.burst {
        line(&mut out, 1, "exceed_documented_limit", "true");
    }
    let _ = write!(
        out,
        "request:\n  timeout: {}\n  retries: {}\n  batch_size: {}\n  max_memory: {}\nstale:\n  max_age: {}\n",
        duration::format(request.timeout),
        request.retries,
        request.batch_size,
        size::format(request.max_memory),
        duration::format(config.stale.max_age),
    );
    out
}

fn write_organization(out: &mut String, organization: &Organization) {
    let url = &organization.api_url;
    let name = text(&organization.name);
    let _ = writeln!(out, "  - name: {name}\n    api_url: {}", url_text(url));
    if url.scheme() == "http" && !is_loopback(url) {
        line(out, 2, "allow_plain_http", "true");
    }
    out.push_str("    auth:\n");
    match &organization.auth {
        Auth::Token(token) => write_source(out, "token", token),
        Auth::ClientCredentials {
            client_id,
            client_secret,
        } => {
            line(out, 3, "client_id", &text(client_id));
            write_source(out, "client_secret", client_secret);
        }
    }
    let spaces = &organization.spaces;
    let [include, exclude, types] =
        [&spaces.include, &spaces.exclude, &spaces.types].map(|it| list(it));
    let _ = write!(
        out,
        "    spaces:\n      include: {include}\n      exclude: {exclude}\n      types: {types}\n"
    );
    if let Some(path) = &organization.ca_file {
        line(out, 2, "ca_file", &path_text(path));
    }
    if let Some(url) = &organization.proxy_url {
        line(out, 2, "proxy_url", &url_text(url));
    }
}

fn write_source(out: &mut String, secret: &str, source: &SecretSource) {
    match source {
        SecretSource::Environment { variable, .. } => {
            line(out, 3, &format!("{secret}_env"), &text(variable));
        }
        SecretSource::File(path) => line(out, 3, &format!("{secret}_file"), &path_text(path)),
    }
}

fn line(out: &mut String, level: usize, key: &str, value: &str) {
    let indent = level.saturating_mul(2);
    let _ = writeln!(out, "{:indent$}{key}: {value}", "");
}

/// No URL with a password is ever accepted; should one come here all the same, it stays here.
fn url_text(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    text(url.as_str())
}

fn path_text(path: &Path) -> String {
    text(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Errors, from_environment, from_text};
    use proptest::prelude::*;

    const CANARY: &str = "canary-9f8e7d6c";

    fn load(text: &str) -> Result<Config, Errors> {
        from_text("density.yml", text, &[("TOKEN", CANARY)])
    }

    /// Loads what was written: it must be the same configuration, and be written the same again.
    fn assert_survives(config: &Config) {
        let text = redacted(config);
        assert!(!text.contains(CANARY), "{text}");
        let again = load(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        assert_eq!(format!("{again:?}"), format!("{config:?}"));
        assert_eq!(redacted(&again), text);
    }

    #[test]
    fn everything_is_written_and_read_back() {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), CANARY).unwrap();
        let authority = format!(
            "{}/src/config/testdata/authority.pem",
            env!("CARGO_MANIFEST_DIR")
        );
        let config = load(&format!(
            "organizations:
  - name: \"Zoë: 'a' \\\"b\\\"\\n# c\"
    api_url: http://api.example:8080/density
    allow_plain_http: true
    auth: {{ client_id: \"12\", client_secret_file: {} }}
    spaces: {{ include: [spc_hq, 'a, b'], exclude: ['true'], types: [floor] }}
    ca_file: {authority}
    proxy_url: http://proxy.example:3128
  - name: globex
    auth: {{ token_env: TOKEN }}
collectors: {{ current_count: {{ enabled: false }}, presence: {{ ttl: 1h 30m }} }}
budget: {{ requests_per_second: 20.5, burst: 7, exceed_documented_limit: true }}
request: {{ timeout: 2.5, retries: 0, batch_size: 100, max_memory: 64MB }}
stale: {{ max_age: 0 }}",
            secret.path().display()
        ))
        .unwrap();
        assert_survives(&config);
    }

    #[test]
    fn the_environment_is_written_as_a_file() {
        let environment = [("DENSITY_API_TOKEN", CANARY)];
        let config = from_environment(&environment).unwrap();
        let text = redacted(&config);
        let again = from_text("density.yml", &text, &environment).unwrap();
        assert_eq!(format!("{again:?}"), format!("{config:?}"));
        assert!(text.contains("token_env: DENSITY_API_TOKEN\n"), "{text}");
    }

    #[test]
    fn defaults_are_written_out() {
        let config = load("organizations: [{ name: acme, auth: { token_env: TOKEN } }]").unwrap();
        assert_eq!(
            redacted(&config),
            "organizations:
  - name: acme
    api_url: https://api.density.io/
    auth:
      token_env: TOKEN
    spaces:
      include: []
      exclude: []
      types: []
collectors:
  spaces: { ttl: 15m }
  sensors: { ttl: 15m }
  current_count: { ttl: 10s }
  presence: { ttl: 10s }
  sensor_health: { ttl: 30s }
budget:
  requests_per_second: 10
  burst: 40
request:
  timeout: 10s
  retries: 2
  batch_size: 0
  max_memory: 256MiB
stale:
  max_age: 10m
"
        );
    }

    #[test]
    fn credentials_in_a_url_stay_behind() {
        let mut config =
            load("organizations: [{ name: acme, auth: { token_env: TOKEN } }]").unwrap();
        let url = Url::parse("https://me:canary-9f8e7d6c@api.example/?token=canary-9f8e7d6c");
        config.organizations[0].api_url = url.clone().unwrap();
        config.organizations[0].proxy_url = Some(url.unwrap());
        let text = redacted(&config);
        assert!(!text.contains(CANARY) && !text.contains("me@"), "{text}");
        assert_eq!(text.matches("https://api.example/\n").count(), 2, "{text}");
    }

    proptest! {
        #[test]
        fn any_name_is_read_back(name in "\\PC{1,50}|[\\x00-\\u{10ffff}]{1,50}") {
            prop_assume!(!name.trim().is_empty());
            let mut config = load("organizations: [{ name: acme, auth: { token_env: TOKEN } }]")
                .unwrap();
            config.organizations[0].name.clone_from(&name);
            config.organizations[0].spaces.include = vec![name];
            assert_survives(&config);
        }
    }
}
