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

use crate::config::error::Problems;
use crate::config::field::Field;
use crate::config::section::{Section, not_one_of};

use super::subject_names::has_one_of;

const TYPES: [&str; 5] = [
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
];

/// What is asked of clients.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Policy {
    asked: bool,
    required: bool,
    verified: bool,
}

type Authorities<'a> = Option<(Field<'a>, Vec<CertificateDer<'static>>)>;
type Verifier = Arc<dyn ClientCertVerifier>;

/// Reads what is asked of clients. `Some(None)`: nothing.
#[expect(
    clippy::option_option,
    reason = "nothing asked is not the same as nothing read"
)]
pub(super) fn read(
    section: &Section<'_>,
    authorities: Authorities<'_>,
    provider: &Arc<CryptoProvider>,
    problems: &mut Problems,
) -> Option<Option<Verifier>> {
    let field = section.field("client_auth_type");
    let policy = match &field {
        Some(field) => policy(field, problems)?,
        None => of_type("NoClientCert")?,
    };
    let mut good = true;
    if let Some((authorities, _)) = &authorities
        && !policy.asked
    {
        good = false;
        authorities.refuse(
            problems,
            "has no effect without client_auth_type; write client_auth_type: RequireAndVerifyClientCert",
        );
    }
    let has_authorities =
        section.field("client_ca").is_some() || section.field("client_ca_file").is_some();
    if policy.verified && !has_authorities {
        good = false;
        if let Some(field) = &field {
            field.refuse(
                problems,
                "needs client_ca_file, by which certificates are verified",
            );
        }
    }
    let allowed = match section.field("client_allowed_sans") {
        Some(field) => {
            good &= policy.required;
            Some(allowed_names(&field, policy, problems)?)
        }
        None => None,
    };
    if !good {
        return None;
    }
    if !policy.asked {
        return Some(None);
    }
    let verified = if policy.verified {
        let (field, certificates) = authorities?;
        Some(verifier(&field, certificates, provider, problems)?)
    } else {
        None
    };
    Some(Some(Arc::new(Clients {
        required: policy.required,
        verified,
        allowed,
        provider: provider.clone(),
    })))
}

fn policy(field: &Field<'_>, problems: &mut Problems) -> Option<Policy> {
    let word = field.text(problems)?;
    let found = of_type(word);
    if found.is_none() {
        field.refuse(problems, not_one_of(word, &TYPES));
    }
    found
}

fn of_type(word: &str) -> Option<Policy> {
    let (asked, required, verified) = match word {
        "NoClientCert" => (false, false, false),
        "RequestClientCert" => (true, false, false),
        // The second is how it was called at first.
        "RequireAnyClientCert" | "RequireClientCert" => (true, true, false),
        "VerifyClientCertIfGiven" => (true, false, true),
        "RequireAndVerifyClientCert" => (true, true, true),
        _ => return None,
    };
    Some(Policy {
        asked,
        required,
        verified,
    })
}

fn allowed_names(
    field: &Field<'_>,
    policy: Policy,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    if !policy.required {
        field.refuse(
            problems,
            "needs client_auth_type: RequireAndVerifyClientCert or RequireAnyClientCert, for without a \
             certificate there is no name",
        );
    }
    let items = field.list(problems)?;
    if items.is_empty() {
        field.refuse(
            problems,
            "is empty, so no client could connect; write names or remove it",
        );
        return None;
    }
    let names: Vec<_> = items.iter().map(|it| it.text(problems)).collect();
    names.into_iter().map(|it| it.map(str::to_owned)).collect()
}

/// What verifies by these authorities.
fn verifier(
    field: &Field<'_>,
    authorities: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
    problems: &mut Problems,
) -> Option<Verifier> {
    let mut roots = RootCertStore::empty();
    for certificate in authorities {
        if let Err(error) = roots.add(certificate) {
            field.refuse(
                problems,
                format!("has a certificate that can't be used: {error}"),
            );
            return None;
        }
    }
    match WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build() {
        Ok(verifier) => Some(verifier),
        Err(error) => {
            field.refuse(problems, format!("can't be used: {error}"));
            None
        }
    }
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
