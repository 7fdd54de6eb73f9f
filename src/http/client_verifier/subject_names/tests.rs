//! Names in a certificate that openssl makes.

use super::*;
use crate::http::web_config::tests::certificates::{Authority, openssl};

#[test]
fn a_name_is_allowed_when_it_is_exactly_one_of_the_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "authority");
    authority.issue(
        "client",
        "DNS:prometheus.example,email:ops@example.org,URI:spiffe://example/prometheus,IP:10.1.2.3,IP:2001:db8::1",
    );
    openssl(
        folder.path(),
        "x509 -in client.pem -outform der -out client.der",
    );
    let certificate = std::fs::read(folder.path().join("client.der")).unwrap();
    let allowed =
        |name: &str| has_one_of(&certificate, &["other.example".to_owned(), name.to_owned()]);
    for name in [
        "prometheus.example",
        "ops@example.org",
        "spiffe://example/prometheus",
        "10.1.2.3",
        "2001:db8::1",
        "2001:db8:0::1",
    ] {
        assert!(allowed(name), "{name}");
    }
    for name in [
        "",
        "client",
        "example",
        "*.example",
        "10.1.2.30",
        "prometheus.example.",
    ] {
        assert!(!allowed(name), "{name}");
    }
    // Wherever it is cut off or wrong, there is an answer.
    let name = ["prometheus.example".to_owned()];
    for end in 0..certificate.len() {
        has_one_of(&certificate[..end], &name);
        let mut changed = certificate.clone();
        changed[end] ^= 0x81;
        has_one_of(&changed, &name);
    }
    assert!(!has_one_of(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &name));
}
