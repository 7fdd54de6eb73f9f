//! `tls_server_config`: the certificate with its key, who else must show one, and how it is encrypted.
//!
//! No message holds anything of a key.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, ServerConfig};

use crate::yaml::scalar::boolean;
use crate::yaml::section::Section;

use super::pem::{self, Pem};
use super::sources::Sources;
use super::{client_certificates, cryptography, raw};

/// Checks the section; an empty one means plain HTTP. `http2` says whether HTTP/2 is offered.
pub(super) fn check(
    raw: &raw::Tls,
    mut section: Section<'_>,
    http2: bool,
    directory: &Path,
    sources: &mut Sources,
) -> Option<Arc<ServerConfig>> {
    if *raw == raw::Tls::default() {
        return None;
    }
    // Everything is checked before anything is given up, so that every mistake is reported.
    let mut files = pem::Files {
        section: &mut section,
        directory,
        sources,
    };
    let chain = files.read("cert", &raw.cert, &raw.cert_file, pem::certificates);
    let key = files.read("key", &raw.key, &raw.key_file, pem::private_key);
    let (inline, file) = (&raw.client_ca, &raw.client_ca_file);
    let authorities = files.read("client_ca", inline, file, pem::certificates);
    let is_missing = "is missing; TLS needs cert_file and key_file (or cert and key)";
    if !raw.cert.is_given() && !raw.cert_file.is_given() {
        section.refuse("cert_file", None, is_missing);
    }
    if !raw.key.is_given() && !raw.key_file.is_given() {
        section.refuse("key_file", None, is_missing);
    }
    let versions = cryptography::versions(raw, &mut section);
    let provider = Arc::new(cryptography::provider(raw, &mut section));
    let server_order = &raw.prefer_server_cipher_suites;
    let server_order = section.value("prefer_server_cipher_suites", server_order, boolean);
    let clients = client_certificates::check(raw, authorities, &provider, &mut section);
    let certified = certified_key(chain?, key?, &provider, &mut section)?;
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let Ok(builder) = builder else {
        // Versions that are wrong by themselves are noted already.
        if raw.cipher_suites.is_given() && section.is_good() {
            let message = "has none for TLS 1.2, and max_version allows no other; add one";
            section.refuse("cipher_suites", raw.cipher_suites.position, message);
        }
        return None;
    };
    let asks_for_certificates = clients.is_some();
    let builder = match clients {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    if asks_for_certificates {
        // A session that goes on is not verified again, so a certificate would be good for longer than
        // it is valid.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    config.ignore_client_order = server_order.unwrap_or(true);
    config.alpn_protocols = match http2 {
        true => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        false => vec![b"http/1.1".to_vec()],
    };
    Some(Arc::new(config))
}

/// The certificate with its key, which must be one that can sign for it.
fn certified_key(
    chain: Pem<Vec<CertificateDer<'static>>>,
    key: Pem<PrivateKeyDer<'static>>,
    provider: &CryptoProvider,
    section: &mut Section<'_>,
) -> Option<CertifiedKey> {
    // What the library says of a key that can't be used is less than this.
    let Ok(signing) = provider.key_provider.load_private_key(key.contents) else {
        let message = "holds a private key that can't be used; give RSA of 2048 bits or more, \
                       ECDSA with P-256 or P-384, or Ed25519";
        section.refuse(&key.key, key.position, message);
        return None;
    };
    let certified = CertifiedKey::new(chain.contents, signing);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {
            return Some(certified);
        }
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            let message = "is not the key of the certificate; give the one that is";
            section.refuse(&key.key, key.position, message);
        }
        Err(_) => {
            let message = "holds a certificate that can't be used; it must be X.509 of version 3, \
                           as openssl makes it when it is given extensions";
            section.refuse(&chain.key, chain.position, message);
        }
    }
    None
}
