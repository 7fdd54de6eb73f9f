//! `client_auth_type`, `client_ca` and `client_allowed_sans`: which certificates clients must show.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use crate::http::client_verifier::ClientVerifier;
use crate::yaml::scalar::{Scalar, not_one_of, text};
use crate::yaml::section::Section;

use super::pem::Pem;
use super::raw;

/// Which certificates clients must show.
#[derive(Clone, Copy, Default)]
struct Policy {
    requested: bool,
    required: bool,
    verified: bool,
}

type Verifier = Arc<dyn ClientCertVerifier>;

/// Checks which certificates clients must show; the verifier, where one is requested of them.
pub(super) fn check(
    raw: &raw::Tls,
    authorities: Option<Pem<Vec<CertificateDer<'static>>>>,
    provider: &Arc<CryptoProvider>,
    section: &mut Section<'_>,
) -> Option<Verifier> {
    let policy = section.value("client_auth_type", &raw.client_auth_type, policy);
    if raw.client_auth_type.is_given() && policy.is_none() {
        return None;
    }
    let policy = policy.unwrap_or_default();
    if let Some(authorities) = &authorities
        && !policy.requested
    {
        let message = "has no effect without client_auth_type; write client_auth_type: \
                       RequireAndVerifyClientCert";
        section.refuse(&authorities.key, authorities.position, message);
    }
    if policy.verified && !raw.client_ca.is_given() && !raw.client_ca_file.is_given() {
        let message = "needs client_ca_file, by which certificates are verified";
        section.refuse("client_auth_type", raw.client_auth_type.position, message);
    }
    let allowed = allowed_names(&raw.client_allowed_sans, policy, section);
    let verified = match policy.verified {
        true => Some(verifier(authorities?, provider, section)?),
        false => None,
    };
    policy.requested.then_some(Arc::new(ClientVerifier {
        required: policy.required,
        verified,
        allowed,
        provider: provider.clone(),
    }))
}

fn policy(value: &Scalar) -> Result<Policy, String> {
    let (requested, required, verified) = match text(value)? {
        "NoClientCert" => (false, false, false),
        "RequestClientCert" => (true, false, false),
        // The second is how it was called at first.
        "RequireAnyClientCert" | "RequireClientCert" => (true, true, false),
        "VerifyClientCertIfGiven" => (true, false, true),
        "RequireAndVerifyClientCert" => (true, true, true),
        other => return Err(not_one_of(other, &raw::TYPES[..5])),
    };
    Ok(Policy {
        requested,
        required,
        verified,
    })
}

/// The names of which a certificate must have one, where any are given.
fn allowed_names(
    list: &raw::List,
    policy: Policy,
    section: &mut Section<'_>,
) -> Option<Vec<String>> {
    let position = Some(list.position?);
    let key = "client_allowed_sans";
    if !policy.required {
        let message = "needs client_auth_type: RequireAndVerifyClientCert or \
                       RequireAnyClientCert, for without a certificate there is no name";
        section.refuse(key, position, message);
    }
    if list.value.is_empty() {
        let message = "is empty, so no client could connect; write names or remove it";
        section.refuse(key, position, message);
    }
    Some(section.list(key, list, |it| text(it).map(str::to_owned)))
}

/// What verifies by these authorities.
fn verifier(
    authorities: Pem<Vec<CertificateDer<'static>>>,
    provider: &Arc<CryptoProvider>,
    section: &mut Section<'_>,
) -> Option<Verifier> {
    let build = || {
        let mut roots = RootCertStore::empty();
        for certificate in authorities.contents {
            let added = roots.add(certificate);
            added.map_err(|error| format!("has a certificate that can't be used: {error}"))?;
        }
        let builder = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let built = builder.build();
        built.map_err(|error| format!("can't be used: {error}"))
    };
    match build() {
        Ok(verifier) => Some(verifier),
        Err(message) => {
            section.refuse(&authorities.key, authorities.position, message);
            None
        }
    }
}
