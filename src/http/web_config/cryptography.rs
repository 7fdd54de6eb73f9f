//! The words for versions, cipher suites and curves, which are those of Go, and what rustls has for them.
//!
//! A word that Go knows and rustls can't do is an error that says so: to leave it out without a word
//! would turn away the clients for whom it was written.

use rustls::crypto::ring::{ALL_CIPHER_SUITES, DEFAULT_CIPHER_SUITES, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::version::{TLS12, TLS13};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

use crate::config::error::{Problems, shown};
use crate::config::field::Field;
use crate::config::section::{Section, not_one_of};
use crate::config::tree::Value;

const VERSIONS: [&str; 4] = ["TLS10", "TLS11", "TLS12", "TLS13"];

/// The suites of TLS 1.2 that can be chosen.
const SUITES: [&str; 6] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// Those of TLS 1.3: valid words that choose nothing, here as in Go.
const SUITES_OF_TLS13: [&str; 3] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
];

/// What else Go has had in its list.
const SUITES_OF_GO: [&str; 8] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
];

const CURVES: [&str; 4] = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

/// The versions from `min_version` to `max_version`. The oldest that there is here is 1.2, so an older
/// minimum means that.
pub(super) fn versions(
    section: &Section<'_>,
    problems: &mut Problems,
) -> Vec<&'static SupportedProtocolVersion> {
    let version = |field: &Field<'_>, problems: &mut Problems| {
        let number = match &field.node.value {
            Value::Text(word) => VERSIONS.iter().position(|it| it == word),
            _ => None,
        };
        if number.is_none() {
            field.refuse(problems, "is no version; write TLS12 or TLS13");
        }
        number
    };
    let min_field = section.field("min_version");
    let max_field = section.field("max_version");
    let min = min_field.and_then(|it| version(&it, problems)).unwrap_or(2);
    let mut max = 3;
    if let Some(field) = max_field
        && let Some(number) = version(&field, problems)
    {
        max = number;
        if number < 2 {
            field.refuse(
                problems,
                "TLS 1.0 and 1.1 are not served, for they are broken; write TLS12 or TLS13",
            );
        } else if number < min {
            field.refuse(problems, "is older than min_version; swap them");
        }
    }
    let all = [(2, &TLS12), (3, &TLS13)];
    all.into_iter()
        .filter(|(number, _)| (min..=max).contains(number))
        .map(|(_, version)| version)
        .collect()
}

/// What may be used for a connection, in the order of preference.
pub(super) fn provider(section: &Section<'_>, problems: &mut Problems) -> CryptoProvider {
    let default = rustls::crypto::ring::default_provider();
    let suites = words(section, "cipher_suites", problems, suite);
    let groups = words(section, "curve_preferences", problems, group);
    CryptoProvider {
        cipher_suites: match suites {
            Some(chosen) => {
                let of_tls13 = DEFAULT_CIPHER_SUITES
                    .iter()
                    .filter(|it| it.tls13().is_some());
                of_tls13
                    .copied()
                    .chain(chosen.into_iter().flatten())
                    .collect()
            }
            None => default.cipher_suites,
        },
        kx_groups: groups.unwrap_or(default.kx_groups),
        ..default
    }
}

/// The meanings of a list of words; none when the list is empty or not given.
fn words<T>(
    section: &Section<'_>,
    key: &str,
    problems: &mut Problems,
    meaning: impl Fn(&str) -> Result<T, String>,
) -> Option<Vec<T>> {
    let items = section.field(key)?.list(problems)?;
    let mut found = Vec::new();
    for item in &items {
        let Some(word) = item.text(problems) else {
            continue;
        };
        match meaning(word) {
            Ok(meaning) => found.push(meaning),
            Err(message) => item.refuse(problems, message),
        }
    }
    Some(found).filter(|it| !it.is_empty())
}

/// The suite of a word; none for one that is always on.
fn suite(word: &str) -> Result<Option<SupportedCipherSuite>, String> {
    if SUITES_OF_TLS13.contains(&word) {
        return Ok(None);
    }
    if SUITES_OF_GO.contains(&word) {
        return Err(format!(
            "{word} is not served, for it is weak; leave it out, or write one of {}",
            SUITES.join(", ")
        ));
    }
    let is_named = |it: &&SupportedCipherSuite| {
        let name = it.suite().as_str().unwrap_or_default();
        SUITES.contains(&word) && name == word
    };
    let known = ALL_CIPHER_SUITES.iter().find(is_named);
    known
        .map(|it| Some(*it))
        .ok_or_else(|| not_one_of(word, &SUITES))
}

fn group(word: &str) -> Result<&'static dyn SupportedKxGroup, String> {
    match word {
        "CurveP256" => Ok(kx_group::SECP256R1),
        "CurveP384" => Ok(kx_group::SECP384R1),
        "X25519" => Ok(kx_group::X25519),
        "CurveP521" => Err(format!(
            "{} is not served; leave it out, or write CurveP256, CurveP384 or X25519",
            shown(word)
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
