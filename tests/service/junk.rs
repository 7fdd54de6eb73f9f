//! Requests that no client should send: each is answered or cut off, and harms nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::process::{Api, Exporter, steady};
use crate::slow_clients::Held;

/// What came back, until the exporter hung up or rested for two seconds: the status of each answer.
fn answers(address: &str, bytes: &[u8]) -> Vec<u16> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    // It may hang up before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    let heads = text.split("HTTP/1.").skip(1);
    heads
        .map(|it| it.get(2..5).unwrap().parse().unwrap())
        .collect()
}

const OK: &str = "GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn each_kind_of_junk_has_its_answer_and_others_are_served() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "", &[]);
    let address = exporter.address();
    exporter.metrics();
    let before = Held::by(&exporter);
    let request = |head: &str| format!("{head}\r\nHost: x\r\n\r\n");
    let get = |more: &str| format!("GET /-/ready HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    let headers: String = (0..5000).map(|it| format!("X-{it}: y\r\n")).collect();
    let long = "x".repeat(200_000);
    let cases: Vec<(&str, String, &[u16])> = vec![
        ("nothing", String::new(), &[]),
        ("no request", "\0\0\0\0".to_owned(), &[400]),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0".to_owned(), &[400]),
        (
            "HTTP/2 in the clear",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            &[],
        ),
        ("another version", request("GET /-/ready HTTP/9.9"), &[400]),
        ("no version", "GET /-/ready\r\n\r\n".to_owned(), &[400]),
        (
            "a NUL in the path",
            request("GET /-/re\0ady HTTP/1.1"),
            &[400],
        ),
        ("a NUL in a header", get("X: a\0b\r\n"), &[400]),
        (
            "a space before the colon",
            get("Content-Length : 5\r\n"),
            &[400],
        ),
        ("a folded header", get("X: a\r\n b\r\n"), &[400]),
        ("an empty name", get(": x\r\n"), &[400]),
        (
            "bare line feeds",
            "GET /-/ready HTTP/1.1\nHost: x\n\n".to_owned(),
            &[200],
        ),
        ("empty lines before it", format!("\r\n\r\n{OK}"), &[200]),
        (
            "an absolute target",
            request("GET http://elsewhere.example/-/ready HTTP/1.1"),
            &[200],
        ),
        (
            "a tunnel",
            request("CONNECT elsewhere.example:443 HTTP/1.1"),
            &[404],
        ),
        ("a star", request("OPTIONS * HTTP/1.1"), &[404]),
        (
            "an unknown method",
            request("BREW /metrics HTTP/1.1"),
            &[405],
        ),
        (
            "a long target",
            request(&format!("GET /{long} HTTP/1.1")),
            &[431],
        ),
        (
            "a long method",
            request(&format!("{long} / HTTP/1.1")),
            &[431],
        ),
        ("thousands of headers", get(&headers), &[431]),
        (
            "a path that goes up",
            request("GET /../../etc/passwd HTTP/1.1"),
            &[404],
        ),
        (
            "a query of bytes",
            request("GET /metrics?collect[]=%00%ff&organization=%2e HTTP/1.1"),
            &[400],
        ),
        // Where a proxy before it might see another end of the request: no second answer may come, and
        // none does, for the connection ends after the first.
        (
            "two lengths",
            get("Content-Length: 1\r\nContent-Length: 2\r\n"),
            &[400],
        ),
        (
            "a length with a sign",
            get("Content-Length: +1\r\n"),
            &[400],
        ),
        (
            "a length without end",
            get("Content-Length: 99999999999999999999999\r\n"),
            &[400],
        ),
        (
            "a length and chunks",
            get(&format!(
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{OK}"
            )),
            &[200],
        ),
        (
            "chunks and something",
            get(&format!(
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{OK}"
            )),
            &[400],
        ),
        (
            "chunks of HTTP/1.0",
            format!("GET /-/ready HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{OK}"),
            &[400],
        ),
        (
            "a chunk without end",
            get("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            &[200],
        ),
        (
            "a chunk that overflows",
            get("Transfer-Encoding: chunked\r\n\r\n1ffffffffffffffff\r\n"),
            &[200],
        ),
        (
            "a chunk that is none",
            get("Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n"),
            &[200],
        ),
        ("three at once", OK.repeat(3), &[200, 200, 200]),
        ("one and junk", format!("{OK}\0\0"), &[200, 400]),
    ];
    std::thread::scope(|scope| {
        let address = &address;
        let cases: Vec<_> = cases
            .iter()
            .map(|(name, bytes, expected)| {
                let got = scope.spawn(move || answers(address, bytes.as_bytes()));
                (name, got, expected)
            })
            .collect();
        let wrong = cases.into_iter().filter_map(|(name, got, expected)| {
            let got = got.join().unwrap();
            (got != **expected).then(|| format!("{name}: {got:?}, not {expected:?}"))
        });
        assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
    });
    assert!(
        exporter
            .metrics()
            .contains("density_up{organization=\"acme\"} 1\n")
    );
    before.is_back(&exporter);
}

/// Sends a body for as long as it is taken, up to ten seconds; what was answered, and how much was taken.
fn endless(address: &str, head: &str, some: &[u8]) -> (String, usize) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap();
    let (start, mut taken) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(10) && stream.write_all(some).is_ok() {
        taken += some.len();
    }
    (
        String::from_utf8_lossy(&answer[..length]).into_owned(),
        taken,
    )
}

#[test]
fn a_body_without_end_is_neither_waited_for_nor_read() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "", &["--web.enable-lifecycle"]);
    let address = exporter.address();
    exporter.metrics();
    let before = Held::by(&exporter);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let chunked = "Transfer-Encoding: chunked";
    for (request, body, status) in [
        ("POST /metrics", chunked, "405"),
        ("POST /-/reload", chunked, "200"),
        ("GET /metrics", "Content-Length: 1000000000000", "200"),
        ("PUT /-/reload", "Content-Length: 1000000000000", "405"),
    ] {
        let head = format!("{request} HTTP/1.1\r\nHost: x\r\n{body}\r\n\r\n");
        let (answer, taken) = endless(&address, &head, chunk.as_bytes());
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}: {answer}"
        );
        // What the two systems have room for, and a little more.
        assert!(taken < 16 << 20, "{request}: {taken} bytes were taken");
    }
    before.is_back(&exporter);
}
