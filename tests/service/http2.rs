//! HTTP/2 as no client should speak it: floods of frames that cost the server more than the client.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, pem::PemObject};

use crate::process::Exporter;
use crate::slow_clients::Held;
use crate::web::{Certificates, Web, get, tls};

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;
/// `GET https /` of the static table, and the name that the certificate is for.
const ROOT: &[u8] = b"\x82\x87\x84\x41\x09localhost";
const ENHANCE_YOUR_CALM: u32 = 11;

fn frame(kind: u8, flags: u8, stream: u32, contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, contents].concat()
}

type Tls = rustls::StreamOwned<rustls::ClientConnection, TcpStream>;

/// A connection on which HTTP/2 was agreed.
fn connect(certificates: &Certificates, exporter: &Exporter) -> Tls {
    let mut roots = rustls::RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(certificates.path("authority.pem")).unwrap();
    roots.add(authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = "localhost".try_into().unwrap();
    let session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(exporter.address()).unwrap();
    for set in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
        set(&stream, Some(Duration::from_secs(3))).unwrap();
    }
    let mut tls = rustls::StreamOwned::new(session, stream);
    tls.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    tls.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
    tls.flush().unwrap();
    assert_eq!(tls.conn.alpn_protocol(), Some(&b"h2"[..]));
    tls
}

/// What came of a flood.
#[derive(Debug)]
struct Flood {
    /// How many of the pieces were taken.
    taken: usize,
    /// With which error the exporter has said good-bye.
    error: Option<u32>,
    /// Whether a request was answered with 200.
    is_answered: bool,
}

/// Sends up to `most` pieces, reading nothing meanwhile, and then what was said.
fn flood(tls: &mut Tls, most: usize, mut piece: impl FnMut(u32) -> Vec<u8>) -> Flood {
    let mut taken = 0;
    while taken < most && tls.write_all(&piece(taken as u32)).is_ok() {
        taken += 1;
    }
    let _ = tls.flush();
    let mut answer = Vec::new();
    let _ = tls.read_to_end(&mut answer);
    let mut rest = answer.as_slice();
    let (mut error, mut is_answered) = (None, false);
    while let Some((head, after)) = rest.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let contents = &after[..length.min(after.len())];
        if head[3] == GO_AWAY && contents.len() >= 8 {
            error = Some(u32::from_be_bytes(contents[4..8].try_into().unwrap()));
        }
        // `:status 200` of the static table.
        is_answered |= head[3] == HEADERS && contents.first() == Some(&0x88);
        rest = &after[contents.len()..];
    }
    Flood {
        taken,
        error,
        is_answered,
    }
}

/// Lays `attack` on an exporter, whose other clients must not notice.
fn besieged(attack: impl Fn(&mut Tls) -> Flood) -> Flood {
    let certificates = Certificates::new();
    let Web { exporter, api } = certificates.serve(&tls(""));
    let web = Web { exporter, api };
    let trust = certificates.trust();
    let is_served = || {
        let got = get(&trust, &web.https("/metrics"));
        assert_eq!((got.status, got.version.as_str()), (Some(200), "2"));
    };
    is_served();
    // Once before it is measured: what is kept for the next connections is no leak.
    attack(&mut connect(&certificates, &web.exporter));
    let before = Held::by(&web.exporter);
    let mut tls = connect(&certificates, &web.exporter);
    let flood = attack(&mut tls);
    let grown = Held::by(&web.exporter);
    is_served();
    drop(tls);
    before.is_back(&web.exporter);
    assert!(
        grown.anonymous_kib() < before.anonymous_kib() + 20_000,
        "{before:?}, then {grown:?}"
    );
    flood
}

/// A request that is taken back at once.
fn taken_back(number: u32) -> Vec<u8> {
    let stream = 2 * number + 1;
    let request = frame(HEADERS, END_HEADERS | END_STREAM, stream, ROOT);
    [request, frame(RESET, 0, stream, &8u32.to_be_bytes())].concat()
}

#[test]
fn requests_that_are_taken_back_at_once_end_the_connection() {
    let some = |count: u32| (0..count).flat_map(taken_back).collect::<Vec<_>>();
    let few = besieged(|tls| flood(tls, 1, |_| some(15)));
    assert_eq!(few.error, None, "{few:?}");
    let many = besieged(|tls| flood(tls, 1, |_| some(60)));
    assert_eq!(many.error, Some(ENHANCE_YOUR_CALM), "{many:?}");
    let endless = besieged(|tls| flood(tls, 100_000, taken_back));
    assert!(endless.taken < 20_000, "{endless:?}");
}

#[test]
fn headers_of_64_kibibytes_are_all_that_is_read() {
    // A literal header that is not remembered: `x: xxx…`, of 1,000 bytes; as many as a frame holds.
    let header = [&b"\0\x01x\x7f\xe9\x06"[..], &[b'x'; 1000]].concat();
    let header = header.repeat(16);
    for (count, is_read) in [(3, true), (5, false)] {
        let headers = besieged(|tls| {
            let mut request = frame(HEADERS, END_STREAM, 1, ROOT);
            for number in 1..=count {
                let flags = if number == count { END_HEADERS } else { 0 };
                request.extend(frame(CONTINUATION, flags, 1, &header));
            }
            flood(tls, 1, |_| request.clone())
        });
        assert_eq!(headers.is_answered, is_read, "{count}: {headers:?}");
    }
}

#[test]
fn headers_that_go_on_and_on_end_the_connection() {
    // A literal header that is not remembered: `x: xxx…`.
    let header = [&b"\0\x01x\x7f\x81\x07"[..], &[b'x'; 256]].concat();
    let flood = besieged(|tls| {
        let mut first = true;
        flood(tls, 100_000, |_| {
            let kind = if std::mem::take(&mut first) {
                HEADERS
            } else {
                CONTINUATION
            };
            frame(kind, 0, 1, &header)
        })
    });
    // 64 KiB are accepted, and the systems have room for some more.
    assert!(flood.taken < 60_000, "{flood:?}");
}

#[test]
fn empty_continuations_end_the_connection() {
    let flood = besieged(|tls| {
        let mut first = true;
        flood(tls, 1_000_000, |_| {
            let kind = if std::mem::take(&mut first) {
                HEADERS
            } else {
                CONTINUATION
            };
            frame(kind, 0, 1, &[])
        })
    });
    assert!(flood.taken < 1_000_000, "{flood:?}");
}

#[test]
fn settings_and_pings_whose_answers_are_not_read_hold_nobody_up() {
    for kind in [SETTINGS, PING] {
        let contents: &[u8] = if kind == PING { b"pingpong" } else { &[] };
        let frames = frame(kind, 0, 0, contents).repeat(1000);
        besieged(|tls| flood(tls, 100, |_| frames.clone()));
    }
}
