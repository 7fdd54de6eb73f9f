//! `client_auth_type`, `client_ca` and `client_allowed_sans`: which certificates clients must show.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};

use crate::yaml::scalar::{Scalar, not_one_of, text};
use crate::yaml::section::Section;

use super::pem::Pem;
use super::raw;
use super::subject_names::has_one_of;
use super::words::TYPES;

/// What is asked of clients.
#[derive(Clone, Copy, Default)]
struct Policy {
    asked: bool,
    required: bool,
    verified: bool,
}

type Verifier = Arc<dyn ClientCertVerifier>;

/// Checks what is asked of clients. `Some(None)`: nothing.
#[expect(
    clippy::option_option,
    reason = "nothing asked is not the same as nothing read"
)]
pub(super) fn check(
    raw: &raw::Tls,
    authorities: Option<Pem<Vec<CertificateDer<'static>>>>,
    provider: &Arc<CryptoProvider>,
    section: &mut Section<'_>,
) -> Option<Option<Verifier>> {
    let policy = section.value("client_auth_type", &raw.client_auth_type, policy);
    let policy = match raw.client_auth_type.is_given() {
        true => policy?,
        false => Policy::default(),
    };
    let mut good = true;
    if let Some(authorities) = &authorities
        && !policy.asked
    {
        good = false;
        let message = "has no effect without client_auth_type; write client_auth_type: \
                       RequireAndVerifyClientCert";
        section.refuse(authorities.key, authorities.position, message);
    }
    if policy.verified && !raw.client_ca.is_given() && !raw.client_ca_file.is_given() {
        good = false;
        let message = "needs client_ca_file, by which certificates are verified";
        section.refuse("client_auth_type", raw.client_auth_type.position, message);
    }
    let allowed = match raw.client_allowed_sans.is_given() {
        true => Some(allowed_names(&raw.client_allowed_sans, policy, section)?),
        false => None,
    };
    if !good {
        return None;
    }
    if !policy.asked {
        return Some(None);
    }
    let verified = match policy.verified {
        true => Some(verifier(authorities?, provider, section)?),
        false => None,
    };
    Some(Some(Arc::new(Clients {
        required: policy.required,
        verified,
        allowed,
        provider: provider.clone(),
    })))
}

fn policy(value: &Scalar) -> Result<Policy, String> {
    let (asked, required, verified) = match text(value)? {
        "NoClientCert" => (false, false, false),
        "RequestClientCert" => (true, false, false),
        // The second is how it was called at first.
        "RequireAnyClientCert" | "RequireClientCert" => (true, true, false),
        "VerifyClientCertIfGiven" => (true, false, true),
        "RequireAndVerifyClientCert" => (true, true, true),
        other => return Err(not_one_of(other, &TYPES)),
    };
    Ok(Policy {
        asked,
        required,
        verified,
    })
}

fn allowed_names(
    list: &raw::List,
    policy: Policy,
    section: &mut Section<'_>,
) -> Option<Vec<String>> {
    let key = "client_allowed_sans";
    let names = section.list(key, list, |it| text(it).map(str::to_owned));
    if !policy.required {
        let message = "needs client_auth_type: RequireAndVerifyClientCert or \
                       RequireAnyClientCert, for without a certificate there is no name";
        section.refuse(key, list.position, message);
    }
    let given = list.value.len();
    if given == 0 {
        let message = "is empty, so no client could connect; write names or remove it";
        section.refuse(key, list.position, message);
    }
    (policy.required && given > 0 && names.len() == given).then_some(names)
}

/// What verifies by these authorities.
fn verifier(
    authorities: Pem<Vec<CertificateDer<'static>>>,
    provider: &Arc<CryptoProvider>,
    section: &mut Section<'_>,
) -> Option<Verifier> {
    let mut roots = RootCertStore::empty();
    let added = authorities
        .contents
        .into_iter()
        .try_for_each(|it| roots.add(it))
        .map_err(|error| format!("has a certificate that can't be used: {error}"));
    let verifier = added.and_then(|()| {
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| format!("can't be used: {error}"))
    });
    verifier
        .map_err(|message| section.refuse(authorities.key, authorities.position, message))
        .ok()
        .map(|it| it as Verifier)
}

/// Verifies certificates of clients as configured. That a client has the key of its certificate is
/// verified always.
#[derive(Debug)]
struct Clients {
    required: bool,
    /// None: any certificate will do.
    verified: Option<Verifier>,
    allowed: Option<Vec<String>>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        match &self.verified {
            Some(verifier) => verifier.root_hint_subjects(),
            None => &[],
        }
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(verifier) = &self.verified {
            verifier.verify_client_cert(end_entity, intermediates, now)?;
        }
        if let Some(allowed) = &self.allowed
            && !has_one_of(end_entity, allowed)
        {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
