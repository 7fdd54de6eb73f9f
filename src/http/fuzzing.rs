//! What requests say, for the fuzzers.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

use crate::config::{Collector, CollectorSet};

use super::client_verifier::subject_names::has_one_of;
use super::content_encoding::ContentEncoding;
use super::passwords::Credentials;
use super::scrape_timeout;
use super::selection::RequestedNames;
use super::slow_client::Frames;
use super::web_config;

/// One request: what comes behind the question mark, and headers.
pub(crate) fn request(query: &[u8], encodings: &[&[u8]], timeout: &[u8], authorization: &[u8]) {
    if let Ok(query) = std::str::from_utf8(query) {
        selection(query);
        // The library lets fewer through.
        let _ = Uri::try_from(format!("/metrics?{query}")).map(|it| it.query().map(selection));
    }
    let mut headers = HeaderMap::new();
    let mut add = |name: HeaderName, value: &[u8]| {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    };
    for encoding in encodings {
        add(ACCEPT_ENCODING, encoding);
    }
    let name = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");
    add(name, timeout);
    add(AUTHORIZATION, authorization);

    if ContentEncoding::accepted_by(&headers) == ContentEncoding::Gzip {
        let all = encodings.concat().to_ascii_lowercase();
        let names = |it: &[u8]| all.windows(it.len()).any(|at| at == it);
        assert!(names(b"gzip") || names(b"*"), "it was not asked for");
    }
    let offset = Duration::from_millis(500);
    let wait = scrape_timeout::wait(&headers, offset);
    assert!(wait <= Duration::from_secs(600).saturating_sub(offset));
    assert!(scrape_timeout::wait(&headers, Duration::MAX).is_zero());
    let _ = Credentials::of(&headers);
    credentials(authorization);
}

/// Whoever writes a name and a password as is usual is understood.
fn credentials(pair: &[u8]) {
    let mut headers = HeaderMap::new();
    let encoded = format!("Basic {}", STANDARD.encode(pair));
    if let Ok(value) = HeaderValue::from_str(&encoded) {
        headers.insert(AUTHORIZATION, value);
    }
    let name = pair.split(|it| *it == b':').next().unwrap_or_default();
    let is_pair = pair.contains(&b':') && std::str::from_utf8(name).is_ok();
    assert_eq!(Credentials::of(&headers).is_some(), is_pair);
}

fn selection(query: &str) {
    let names = ["acme", "øst & vest", "umbrella"];
    let enabled = CollectorSet::all();
    match RequestedNames::from_query(query).select(&names, enabled) {
        Ok(selection) => {
            let numbers = &selection.organizations;
            assert!(!numbers.is_empty());
            assert!(numbers.is_sorted_by(|a, b| a < b));
            assert!(numbers.iter().all(|it| *it < names.len()));
            assert!(selection.collectors.iter().next().is_some());
            assert!(!selection.full || selection.collectors == enabled);
        }
        Err(error) => {
            // Whatever was asked for: one line, that can't be taken for anything else.
            let words = error.to_string();
            assert_eq!(words.lines().count(), 1);
            assert!(Collector::ALL.len() == 5 && !words.contains(['\n', '\r']));
        }
    }
}

/// What a client sends on a connection of HTTP/2, in pieces: whether it owes the rest of something.
pub(crate) fn frames(pieces: &[&[u8]]) {
    let mut whole = Frames::default();
    let all = pieces.concat();
    whole.advance(&all);
    let mut frames = Frames::default();
    for piece in pieces {
        frames.advance(piece);
    }
    assert_eq!(whole.is_between(), frames.is_between());
    assert_eq!(whole.is_between(), ends_between_frames(&all));
}

/// The same from the format's description: a preface of 24 bytes, then frames of nine bytes and as many as
/// the first three of them say.
fn ends_between_frames(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.get(24..) else {
        return false;
    };
    let mut goes_on = false;
    while let Some((head, behind)) = rest.split_first_chunk::<9>() {
        let [a, b, c, kind, flags, ..] = *head;
        // The contents come behind, but the headers go on or not as the head says.
        if kind == 1 || kind == 9 {
            goes_on = flags & 4 == 0;
        }
        let length = u32::from_be_bytes([0, a, b, c]);
        let Some(behind) = usize::try_from(length).ok().and_then(|it| behind.get(it..)) else {
            return false;
        };
        rest = behind;
    }
    rest.is_empty() && !goes_on
}

/// The web configuration file at `path`.
pub(crate) fn web_config(path: &Path) {
    web_config::fuzzing::web_config(path);
}

/// A client's certificate, which is any bytes.
pub(crate) fn certificate_names(certificate: &[u8]) {
    let allowed = ["client.example".to_owned(), "10.1.2.3".to_owned()];
    if has_one_of(certificate, &allowed) {
        let holds = |name: &[u8]| certificate.windows(name.len()).any(|it| it == name);
        assert!(holds(b"client.example") || holds(&[10, 1, 2, 3]));
    }
}
