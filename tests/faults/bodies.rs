//! Bodies that no API should send.

use bytes::Bytes;
use density_exporter::density::Endpoint;
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::script::Right;

const DEPTH: usize = 100_000;
/// Two gigabytes are so many pieces of 64 KiB.
pub const PIECES: u64 = (2 << 30) / PIECE as u64;
const PIECE: usize = 64 << 10;

/// What follows the first bracket of a list, or the first brace of a map, of the entries.
fn with_entry(right: &Right, entry: &[u8], key: &[u8]) -> Vec<u8> {
    let is_map = matches!(right.endpoint, Endpoint::CurrentCount | Endpoint::Presence);
    let opening = if is_map { b'{' } else { b'[' };
    let at = right.body.iter().position(|it| *it == opening).unwrap() + 1;
    let (before, after) = right.body.split_at(at);
    let key: &[u8] = if is_map { key } else { b"" };
    [before, key, entry, b",", after].concat()
}

/// The right answer, and an entry in which a key stands twice.
pub fn duplicate_key(right: &Right) -> Vec<u8> {
    let entry: &[u8] = match right.endpoint {
        Endpoint::Token => {
            return br#"{"access_token":"one","access_token":"other","expires_in":60}"#.to_vec();
        }
        Endpoint::Spaces => br#"{"id":"spc_twice","id":"spc_twice"}"#,
        Endpoint::Sensors => br#"{"serial_number":"TWICE","serial_number":"TWICE"}"#,
        Endpoint::CurrentCount => br#"{"count":1,"count":2}"#,
        Endpoint::Presence => br#"{"presence":true,"presence":false}"#,
        Endpoint::SensorHealth => {
            br#"{"serial_number":"TWICE","health_status":"healthy","health_status":"offline"}"#
        }
    };
    with_entry(right, entry, br#""spc_twice":"#)
}

/// The right answer, with its first entry once more.
pub fn duplicate_entry(right: &Right) -> Vec<u8> {
    let entry: &[u8] = match right.endpoint {
        Endpoint::Token => {
            return br#"{"expires_in":60,"access_token":"one","expires_in":90}"#.to_vec();
        }
        Endpoint::Spaces => br#"{"id":"spc_same"},{"id":"spc_same"}"#,
        Endpoint::Sensors => br#"{"serial_number":"SAME"},{"serial_number":"SAME"}"#,
        Endpoint::CurrentCount => br#"{"count":1},"spc_same":{"count":2}"#,
        Endpoint::Presence => br#"{"presence":true},"spc_same":{"presence":false}"#,
        Endpoint::SensorHealth => {
            br#"{"serial_number":"SAME","health_status":"healthy"},{"serial_number":"SAME","health_status":"offline"}"#
        }
    };
    with_entry(right, entry, br#""spc_same":"#)
}

/// The right answer, and an entry with text that is not UTF-8.
pub fn not_utf8(right: &Right) -> Vec<u8> {
    let entry: &[u8] = match right.endpoint {
        Endpoint::Token => {
            return b"{\"access_token\":\"\xff\xfe\xc0\xaf\",\"expires_in\":60}".to_vec();
        }
        Endpoint::Spaces => b"{\"id\":\"spc_\xff\",\"name\":\"\xc0\xaf\xed\xa0\x80\"}",
        Endpoint::Sensors => b"{\"serial_number\":\"\xff\",\"sensor_type\":\"\xf8\x88\"}",
        Endpoint::CurrentCount => b"{\"count\":1,\"note\":\"\xff\xff\"}",
        Endpoint::Presence => b"{\"presence\":true,\"note\":\"\xff\xff\"}",
        Endpoint::SensorHealth => b"{\"serial_number\":\"\xff\",\"health_status\":\"healthy\"}",
    };
    with_entry(right, entry, b"\"spc_\xfe\":")
}

/// Lists in lists, and nothing else.
pub fn nested(_: &Right) -> Vec<u8> {
    nest()
}

/// The right answer, and lists in lists among its entries.
pub fn nested_entry(right: &Right) -> Vec<u8> {
    match right.endpoint {
        Endpoint::Token => [b"{\"access_token\":", &nest()[..], b"}"].concat(),
        _ => with_entry(right, &nest(), b"\"spc_deep\":"),
    }
}

/// The right answer, and an entry of which a field is lists in lists.
pub fn nested_field(right: &Right) -> Vec<u8> {
    let (before, field): (&[u8], &[u8]) = match right.endpoint {
        Endpoint::Token => return nested_entry(right),
        Endpoint::Spaces => (b"{\"id\":\"spc_deep\",", b"name"),
        Endpoint::Sensors => (b"{\"serial_number\":\"DEEP\",", b"sensor_type"),
        Endpoint::CurrentCount => (b"{", b"count"),
        Endpoint::Presence => (b"{", b"presence"),
        Endpoint::SensorHealth => (b"{\"serial_number\":\"DEEP\",", b"health_status"),
    };
    let entry = [before, b"\"", field, b"\":", &nest()[..], b"}"].concat();
    with_entry(right, &entry, b"\"spc_deep\":")
}

fn nest() -> Vec<u8> {
    [b"[".repeat(DEPTH), b"]".repeat(DEPTH)].concat()
}

/// A piece of a list that has no end: objects that say nothing.
pub fn objects() -> Bytes {
    let entry = format!("{{\"padding\":\"{}\"}},", "x".repeat(1_000));
    Bytes::from(entry.repeat(PIECE / entry.len()))
}

/// A piece of white space, or of a text, that has no end.
pub fn piece_of(byte: u8) -> Bytes {
    Bytes::from(vec![byte; PIECE])
}

/// What a gzip stream begins with that holds `start`.
pub fn gzip_start(start: &[u8]) -> Vec<u8> {
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    [&header[..], &deflated(start)].concat()
}

/// A piece of a gzip stream that is a mebibyte of `byte`, in about a kibibyte.
pub fn gzip_mebibyte(byte: u8) -> Bytes {
    Bytes::from(deflated(&vec![byte; 1 << 20]))
}

/// Deflated so that it can stand anywhere in a stream, any number of times.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    let mut compress = Compress::new(Compression::default(), false);
    let status = compress.compress_vec(bytes, &mut out, FlushCompress::Full);
    assert_eq!(
        (status.unwrap(), compress.total_in()),
        (Status::Ok, bytes.len() as u64)
    );
    out
}
