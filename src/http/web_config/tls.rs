//! `tls_server_config`: the certificate with its key, who else must show one, and how it is encrypted.
//!
//! No message holds anything of a key.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, ServerConfig};

use crate::config::error::Problems;
use crate::config::field::Field;
use crate::config::section::Section;

use super::seen::Seen;
use super::{client_certificates, cryptography};

const KEYS: [&str; 13] = [
    "cert_file",
    "key_file",
    "cert",
    "key",
    "client_auth_type",
    "client_ca_file",
    "client_ca",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
];

/// More than any bundle of authorities, in bytes.
const LARGEST_PEM: u64 = 16 << 20;

/// Reads the section; an empty one means plain HTTP. `http2` says whether HTTP/2 is offered.
pub(super) fn read(
    field: &Field<'_>,
    http2: bool,
    directory: &Path,
    seen: &mut Seen,
    problems: &mut Problems,
) -> Option<Arc<ServerConfig>> {
    let section = field.section(&KEYS, problems)?;
    if section.is_empty() {
        return None;
    }
    // Everything is read before anything is given up, so that every mistake is told.
    let mut pem = |key: &'static str, problems: &mut Problems| {
        let mut source = PemSource {
            section: &section,
            directory,
            seen,
        };
        source.read(key, problems)
    };
    let chain = pem("cert", problems);
    let key = pem("key", problems);
    let authorities = pem("client_ca", problems);
    for (key, read) in [("cert_file", &chain), ("key_file", &key)] {
        if matches!(read, Read::NotGiven) && !section.was_meant(key) {
            let words = "is missing; TLS needs cert_file and key_file (or cert and key)";
            problems.add(section.position(), section.path_of(key), words);
        }
    }
    let chain = chain.and_then(problems, certificates);
    let key = key.and_then(problems, private_key);
    let authorities = authorities.and_then(problems, certificates);
    let versions = cryptography::versions(&section, problems);
    let provider = Arc::new(cryptography::provider(&section, problems));
    let server_order = section
        .field("prefer_server_cipher_suites")
        .and_then(|it| it.boolean(problems));
    let clients = client_certificates::read(&section, authorities, &provider, problems);

    let (chain_field, chain) = chain?;
    let (key_field, key) = key?;
    let signing = match provider.key_provider.load_private_key(key) {
        Ok(signing) => signing,
        // What the library says of it is less than this.
        Err(_) => {
            key_field.refuse(
                problems,
                "holds a private key that can't be used; give RSA of 2048 bits or more, ECDSA with \
                 P-256 or P-384, or Ed25519",
            );
            return None;
        }
    };
    let certified = CertifiedKey::new(chain, signing);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            key_field.refuse(
                problems,
                "is not the key of the certificate; give the one that is",
            );
            return None;
        }
        Err(_) => {
            chain_field.refuse(
                problems,
                "holds a certificate that can't be used; it must be X.509 of version 3, as openssl \
                 makes it when it is given extensions",
            );
            return None;
        }
    }
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let Ok(builder) = builder else {
        // Versions that are wrong by themselves are noted already.
        if let Some(field) = section.field("cipher_suites")
            && problems.is_empty()
        {
            let message = "has none for TLS 1.2, and max_version allows no other; add one";
            field.refuse(problems, message);
        }
        return None;
    };
    let clients = clients?;
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

/// What came of a value that stands in the file or in a file that it names.
pub(super) enum Read<'a> {
    NotGiven,
    /// Noted already.
    Bad,
    Pem(Field<'a>, Vec<u8>),
}

impl<'a> Read<'a> {
    /// What the text means; what is wrong with it is noted where it was given.
    fn and_then<T>(
        self,
        problems: &mut Problems,
        meaning: impl FnOnce(&[u8]) -> Result<T, &'static str>,
    ) -> Option<(Field<'a>, T)> {
        let Read::Pem(field, text) = self else {
            return None;
        };
        match meaning(&text) {
            Ok(meaning) => Some((field, meaning)),
            Err(message) => {
                field.refuse(problems, message);
                None
            }
        }
    }
}

struct PemSource<'a, 'b> {
    section: &'b Section<'a>,
    directory: &'b Path,
    seen: &'b mut Seen,
}

impl<'a> PemSource<'a, '_> {
    /// The text of `key`, or of the file that `key_file` names.
    fn read(&mut self, key: &str, problems: &mut Problems) -> Read<'a> {
        let file_key = format!("{key}_file");
        match (self.section.field(key), self.section.field(&file_key)) {
            (None, None) => Read::NotGiven,
            (Some(inline), Some(_)) => {
                inline.refuse(
                    problems,
                    format!("is given beside {file_key}; keep one of them"),
                );
                Read::Bad
            }
            (Some(inline), None) => match inline.text(problems) {
                Some(text) => {
                    let text = text.as_bytes().to_vec();
                    Read::Pem(inline, text)
                }
                None => Read::Bad,
            },
            (None, Some(file)) => {
                let Some(name) = file.text(problems) else {
                    return Read::Bad;
                };
                let path = self.directory.join(name);
                match self.seen.read(&path, LARGEST_PEM) {
                    Ok(text) => Read::Pem(file, text),
                    Err(error) => {
                        file.refuse(
                            problems,
                            format!(
                                "can't read {}: {error}; check that it exists and that the exporter may read it",
                                path.display()
                            ),
                        );
                        Read::Bad
                    }
                }
            }
        }
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found
        .ok()
        .filter(|it| !it.is_empty())
        .ok_or("holds no certificate; give PEM with BEGIN CERTIFICATE lines")
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, &'static str> {
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|_| "holds no private key; give PEM with BEGIN PRIVATE KEY lines, not encrypted")
}
