//! The words for versions, cipher suites and curves, which are those of Go, and what rustls has for them.
//!
//! A word that Go knows and rustls can't do is an error that says so: to leave it out without a word
//! would turn away the clients for whom it was written.

use rustls::crypto::ring::{ALL_CIPHER_SUITES, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::version::{TLS12, TLS13};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

use crate::yaml::error::quoted;
use crate::yaml::scalar::{Scalar, not_one_of, text};
use crate::yaml::section::Section;

use super::raw::{self, CURVES, SUITES, SUITES_OF_TLS13, VERSIONS};

/// The versions from `min_version` to `max_version`. The oldest that there is here is 1.2, so an older
/// minimum means that.
pub(super) fn versions(
    raw: &raw::Tls,
    section: &mut Section<'_>,
) -> Vec<&'static SupportedProtocolVersion> {
    let min = section.value("min_version", &raw.min_version, version);
    let min = min.unwrap_or(2);
    let max = section.value("max_version", &raw.max_version, |it| match version(it)? {
        number if number < 2 => Err(
            "TLS 1.0 and 1.1 are not served, for they are broken; write TLS12 or TLS13".to_owned(),
        ),
        number if number < min => Err("is older than min_version; swap them".to_owned()),
        number => Ok(number),
    });
    let max = max.unwrap_or(3);
    let all = [(2, &TLS12), (3, &TLS13)];
    all.into_iter()
        .filter(|(number, _)| (min..=max).contains(number))
        .map(|(_, version)| version)
        .collect()
}

/// Where in the list of versions it stands.
fn version(value: &Scalar) -> Result<usize, String> {
    let number = match value {
        Scalar::Text(word) => VERSIONS.iter().position(|it| it == word),
        _ => None,
    };
    number.ok_or_else(|| "is no version; write TLS12 or TLS13".to_owned())
}

/// What may be used for a connection, in the order of preference. An empty list means the default.
pub(super) fn provider(raw: &raw::Tls, section: &mut Section<'_>) -> CryptoProvider {
    let mut provider = rustls::crypto::ring::default_provider();
    let suites = section.list("cipher_suites", &raw.cipher_suites, |it| suite(text(it)?));
    if !suites.is_empty() {
        provider.cipher_suites.retain(|it| it.tls13().is_some());
        provider.cipher_suites.extend(suites.into_iter().flatten());
    }
    let groups = section.list("curve_preferences", &raw.curve_preferences, |it| {
        group(text(it)?)
    });
    if !groups.is_empty() {
        provider.kx_groups = groups;
    }
    provider
}

/// The suite of a word; none for one that is always on.
fn suite(word: &str) -> Result<Option<SupportedCipherSuite>, String> {
    if SUITES_OF_TLS13.contains(&word) {
        return Ok(None);
    }
    // What else Go has had in its list.
    if word.starts_with("TLS_RSA_") || word.ends_with("_CBC_SHA") {
        return Err(format!(
            "{} is not served, for it is weak; leave it out, or write one of {}",
            quoted(word),
            SUITES.join(", ")
        ));
    }
    let named = |it: &&SupportedCipherSuite| it.suite().as_str() == Some(word);
    match ALL_CIPHER_SUITES.iter().find(named) {
        Some(suite) if SUITES.contains(&word) => Ok(Some(*suite)),
        _ => Err(not_one_of(word, &SUITES)),
    }
}

fn group(word: &str) -> Result<&'static dyn SupportedKxGroup, String> {
    match word {
        "CurveP256" => Ok(kx_group::SECP256R1),
        "CurveP384" => Ok(kx_group::SECP384R1),
        "X25519" => Ok(kx_group::X25519),
        "CurveP521" => Err(format!(
            "{} is not served; leave it out, or write CurveP256, CurveP384 or X25519",
            quoted(word)
        )),
        _ => Err(not_one_of(word, &CURVES)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_suite() {
        for word in SUITES {
            let found = suite(word).unwrap().unwrap();
            assert!(found.tls13().is_none(), "{word}");
        }
        for word in SUITES_OF_TLS13 {
            assert!(suite(word).unwrap().is_none());
        }
    }
}
