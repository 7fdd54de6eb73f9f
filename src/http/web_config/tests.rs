//! The file as a whole: good ones, and a bad one for each mistake.
//!
//! Each file of `testdata/bad` begins with the errors that it must give, after `# error`. Certificates and
//! keys that the files name are made by openssl.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the programs of tests"
)]
#[path = "../../../tests/process/certificates.rs"]
pub(in crate::http) mod certificates;

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use certificates::{Authority, openssl};

/// Stands where a secret may stand, and must never be seen.
const CANARY: &str = "canary-9f8e7d6c";
/// bcrypt of `secret`.
pub(super) const HASH: &str = "$2b$04$....................../dCAsp4PpJoDgv6BeaLP6BKrXlBV1oi";

/// A folder with certificates that no test changes.
pub(super) fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let authority = Authority::new(path, "authority");
        authority.issue("server", "DNS:localhost");
        openssl(
            path,
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.key",
        );
        openssl(
            path,
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out unusable.key",
        );
        openssl(
            path,
            "pkey -in other.key -aes256 -passout pass:secret -out encrypted.key",
        );
        // Without extensions it is of the first version of X.509.
        openssl(
            path,
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -out version1.pem",
        );
        std::fs::write(path.join("not.pem"), CANARY).unwrap();
        folder
    });
    folder.path()
}

fn load(text: &str) -> Result<WebConfig, String> {
    let folder = folder();
    let file = tempfile::NamedTempFile::new_in(folder).unwrap();
    std::fs::write(file.path(), text).unwrap();
    let name = file.path().display().to_string();
    let directory = format!("{}/", folder.display());
    file::read(file.path())
        .0
        .map_err(|it| it.to_string().replace(&name, "").replace(&directory, ""))
}

#[test]
fn each_bad_file_gives_its_errors() {
    let mut wrong = String::new();
    let bad = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/web_config/testdata/bad");
    for entry in std::fs::read_dir(bad).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix("# error"))
            .collect();
        let errors = load(&text).err().unwrap_or_default();
        for secret in [CANARY, "......"] {
            assert!(!errors.contains(secret), "{errors}");
        }
        if expected.is_empty() || errors != expected.join("\n") {
            wrong += &format!("{}\n", path.file_name().unwrap().display());
            for line in errors.lines() {
                wrong += &format!("# error{line}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "these gave other errors:\n{wrong}");
}

#[test]
fn every_value_is_read() {
    let config = load(&format!(
        "tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.pem
  client_allowed_sans: [prometheus.example]
  min_version: TLS10
  max_version: TLS13
  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP384, X25519]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ''
    Strict-Transport-Security: max-age=1
basic_auth_users:
  alice: {HASH}
  \"böb c\": {HASH}
rate_limit: {{ interval: 500ms, burst: 3 }}
"
    ))
    .unwrap();
    let tls = config.tls.as_ref().unwrap();
    assert_eq!(tls.alpn_protocols, [b"http/1.1"]);
    assert!(!tls.ignore_client_order);
    let provider = tls.crypto_provider();
    let suites: Vec<_> = provider.cipher_suites.iter().map(|it| it.suite()).collect();
    use rustls::CipherSuite;
    assert_eq!(suites.len(), 4, "{suites:?}");
    assert!(suites.contains(&CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384));
    let groups: Vec<_> = provider.kx_groups.iter().map(|it| it.name()).collect();
    use rustls::NamedGroup;
    assert_eq!(groups, [NamedGroup::secp384r1, NamedGroup::X25519]);
    let headers: Vec<_> = config.headers.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(
        headers,
        [
            "content-security-policy",
            "x-frame-options",
            "x-content-type-options",
            "strict-transport-security"
        ]
    );
    let rate = Rate {
        interval: Duration::from_millis(500),
        burst: 3,
    };
    assert_eq!(config.rate, Some(rate));
    assert_eq!(format!("{:?}", config.users), "{\"alice\", \"böb c\"}");
    assert!(!format!("{config:?}").contains(HASH));
}

#[test]
fn what_stands_in_the_file_itself_counts_as_what_it_names() {
    let block = |file: &str| {
        let text = std::fs::read_to_string(folder().join(file)).unwrap();
        text.replace('\n', "\n    ")
    };
    let config = load(&format!(
        "tls_server_config:\n  cert: |\n    {}\n  key: |\n    {}\n  client_ca: |\n    {}\n  \
         client_auth_type: VerifyClientCertIfGiven\n",
        block("server.pem"),
        block("server.key"),
        block("authority.pem"),
    ))
    .unwrap();
    let tls = config.tls.unwrap();
    assert_eq!(tls.alpn_protocols, [&b"h2"[..], b"http/1.1"]);
    assert!(tls.ignore_client_order);
}

#[test]
fn nothing_configured_is_plain_http_for_everyone() {
    for text in [
        "",
        "# nothing\n",
        "{}",
        "tls_server_config:\nbasic_auth_users:\nhttp_server_config:\nrate_limit:\n",
        "tls_server_config: {}\nrate_limit: { interval: 0, burst: 0 }\n",
    ] {
        let config = load(text).unwrap();
        assert!(config.tls.is_none() && config.users.is_empty(), "{text}");
        assert!(config.headers.is_empty() && config.rate.is_none(), "{text}");
    }
}

#[test]
fn each_policy_for_clients_is_read() {
    let policy = |word: &str, more: &str| {
        let config = load(&format!(
            "tls_server_config: {{ cert_file: server.pem, key_file: server.key, client_auth_type: {word}{more} }}"
        ));
        config.map(drop)
    };
    let authority = ", client_ca_file: authority.pem";
    for word in [
        "RequestClientCert",
        "RequireAnyClientCert",
        "RequireClientCert",
    ] {
        policy(word, "").unwrap();
        policy(word, authority).unwrap();
    }
    for word in ["VerifyClientCertIfGiven", "RequireAndVerifyClientCert"] {
        assert!(policy(word, "").is_err());
        policy(word, authority).unwrap();
    }
    policy("NoClientCert", "").unwrap();
    assert!(policy("NoClientCert", authority).is_err());
}

#[test]
fn no_message_repeats_a_misplaced_secret() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/web-config.example.yml");
    let good = std::fs::read_to_string(example).unwrap();
    // Choices and files are repeated when they are wrong: no secret belongs near them.
    let may_repeat = |line: &str| {
        [
            "X-Frame-Options: \"",
            "X-Content-Type-Options: \"",
            "client_auth_type: \"",
            "cipher_suites[",
            "curve_preferences[",
            "_file: can't read ",
        ]
        .iter()
        .any(|it| line.contains(it))
    };
    let mut refused = 0;
    for text in crate::yaml::misplaced::texts(&good, CANARY) {
        for line in load(&text).err().unwrap_or_default().lines() {
            refused += 1;
            assert!(
                !line.contains(CANARY) || may_repeat(line),
                "{line} in {text}"
            );
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn an_unknown_user_costs_as_much_as_a_known_one() {
    let users = load(&format!("basic_auth_users: {{ alice: {HASH} }}"))
        .unwrap()
        .users;
    let work = users.work("nobody", 7);
    assert!(!work.user_exists && work.hash.starts_with("$2b$04$"));
    // Such a hash is compared, not refused for its form.
    assert!(!bcrypt::verify("secret", &work.hash).unwrap());
    let work = users.work("alice", 7);
    assert!(work.user_exists);
    assert!(bcrypt::verify("secret", &work.hash).unwrap());
}

proptest::proptest! {
    #[test]
    fn no_value_panics(
        key in "cert|key_file|client_auth_type|min_version|headers|http2|interval|burst|alice",
        value in "\\PC{0,20}",
    ) {
        for section in ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"] {
            let _ = load(&format!("{section}: {{ {key}: {value} }}\n"));
            let _ = load(&format!("{section}:\n  {key}: {value:?}\n"));
        }
    }
}

#[test]
fn the_documented_example_loads() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/web-config.example.yml");
    let config = load(&std::fs::read_to_string(example).unwrap()).unwrap();
    let work = config.users.work("prometheus", 0);
    assert!(bcrypt::verify("secret", &work.hash).unwrap());
    assert_eq!(config.headers.len(), 5);
    let rate = config.rate.unwrap();
    assert_eq!(
        (rate.interval, rate.burst),
        (Duration::from_millis(100), 20)
    );
    // Suites and curves are written as they are by default.
    let tls = config.tls.unwrap();
    let default = rustls::crypto::ring::default_provider();
    assert_eq!(tls.crypto_provider().cipher_suites, default.cipher_suites);
    let names = |it: &rustls::crypto::CryptoProvider| {
        let groups = it.kx_groups.iter().map(|it| it.name());
        groups.collect::<Vec<_>>()
    };
    assert_eq!(names(tls.crypto_provider()), names(&default));
}
