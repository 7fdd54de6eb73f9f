//! Users, headers and the rate of an exporter's web configuration.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::web::{Certificates, HASH, Web, get, tls};

const NONE: [&str; 0] = [];

#[test]
fn a_user_needs_the_password_and_whoever_asks_for_health_does_not() {
    let certificates = Certificates::new();
    let web = certificates.serve_with(
        &tls(&format!("basic_auth_users:\n  alice: {HASH}\n")),
        &["--log.level=trace"],
    );
    let status = |user: &str, path: &str| {
        let mut arguments = certificates.trust();
        if !user.is_empty() {
            arguments.extend(["--user".to_owned(), user.to_owned()]);
        }
        get(&arguments, &web.https(path)).status.unwrap()
    };
    for path in ["/metrics", "/", "/config", "/no-such-page"] {
        for user in [
            "",
            "alice:",
            "alice:Secret",
            "alice:secret2",
            "Alice:secret",
            "bob:secret",
            ":secret",
            ":",
        ] {
            assert_eq!(status(user, path), 401, "{user} at {path}");
        }
    }
    assert_eq!(status("alice:secret", "/metrics"), 200);
    assert_eq!(status("alice:secret", "/config"), 200);
    assert_eq!(status("alice:secret", "/no-such-page"), 404);
    for user in ["", "alice:secret", "alice:wrong"] {
        assert_eq!(status(user, "/-/healthy"), 200);
        assert_eq!(status(user, "/-/ready"), 200);
    }
    let mut wrong_scheme = certificates.trust();
    wrong_scheme.extend(["--oauth2-bearer", "secret"].map(str::to_owned));
    let got = get(&wrong_scheme, &web.https("/metrics"));
    assert_eq!(got.status, Some(401));
    assert!(
        got.text.contains("www-authenticate: Basic realm="),
        "{}",
        got.text
    );

    let mut right = certificates.trust();
    right.extend(["--user", "alice:secret"].map(str::to_owned));
    let page = get(&right, &web.https("/metrics")).text;
    assert!(
        page.contains("density_exporter_http_requests_total{code=\"401\",handler=\"/metrics\"} 9")
    );
    let config = get(&right, &web.https("/config")).text;
    web.exporter.process.signal("TERM");
    let (status, log) = web.exporter.process.end();
    assert_eq!(status.code(), Some(0));
    let key = std::fs::read_to_string(certificates.path("server.key")).unwrap();
    let key = key.lines().nth(1).unwrap();
    for secret in [&HASH[7..], "YWxpY2U6", "dCAsp4Pp", "secret2", key] {
        for text in [&log, &page, &config] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn a_head_request_without_a_password_has_no_body() {
    let certificates = Certificates::new();
    let web = certificates.serve(&format!("basic_auth_users: {{ alice: {HASH} }}"));
    let got = get(&["--head"], &web.http("/metrics"));
    assert_eq!(got.status, Some(401));
}

/// Requests on one connection.
struct Asking(BufReader<TcpStream>);

impl Asking {
    fn new(web: &Web) -> Self {
        let stream = TcpStream::connect(web.exporter.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// The status, and how long it took.
    fn ask(&mut self, path: &str, credentials: &str) -> (u16, Duration) {
        use base64::Engine;

        let start = Instant::now();
        let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {encoded}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        for line in (&mut self.0).lines() {
            let line = line.unwrap().to_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (status, start.elapsed())
    }
}

/// An exporter where a password costs so much that it shows.
fn costly(certificates: &Certificates) -> Web {
    // A test's build is some ten times slower than an optimized one.
    let hash = bcrypt::hash("secret", 9).unwrap();
    certificates.serve(&format!("basic_auth_users: {{ alice: {hash} }}"))
}

#[test]
fn a_right_password_costs_once_and_a_wrong_one_as_much_as_a_wrong_user() {
    let certificates = Certificates::new();
    let web = costly(&certificates);
    let mut asking = Asking::new(&web);
    let (status, first) = asking.ask("/config", "alice:secret");
    assert_eq!(status, 200);
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(asking.ask("/config", "alice:secret").0, 200);
    }
    let twenty = start.elapsed();
    assert!(twenty < first, "{twenty:?} for 20, {first:?} for the first");

    let mut least = |credentials: &str| {
        let times = (0..5).map(|_| {
            let (status, time) = asking.ask("/config", credentials);
            assert_eq!(status, 401);
            time
        });
        times.min().unwrap().as_secs_f64()
    };
    let wrong_password = least("alice:wrong");
    let wrong_user = least("nobody:wrong");
    let ratio = wrong_user / wrong_password;
    assert!(
        (0.5..2.0).contains(&ratio),
        "{wrong_user} against {wrong_password}"
    );
}

#[test]
fn wrong_passwords_keep_nobody_waiting_who_was_let_in_before() {
    let certificates = Certificates::new();
    let web = costly(&certificates);
    let mut asking = Asking::new(&web);
    let (_, once) = asking.ask("/config", "alice:secret");
    let mut others: Vec<_> = (0..20).map(|_| Asking::new(&web)).collect();
    let guessing: Vec<_> = others
        .drain(..)
        .map(|mut it| std::thread::spawn(move || it.ask("/metrics", "alice:guess")))
        .collect();
    for _ in 0..5 {
        let (status, time) = asking.ask("/config", "alice:secret");
        assert_eq!(status, 200);
        assert!(
            time < once * 5,
            "{time:?}, where one password takes {once:?}"
        );
        assert_eq!(asking.ask("/-/healthy", "").0, 200);
    }
    let times: Vec<_> = guessing.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(times.iter().all(|it| it.0 == 401), "{times:?}");
    // One after the other.
    assert!(
        times.iter().map(|it| it.1).max().unwrap() > once * 3,
        "{times:?}"
    );
}

#[test]
fn every_answer_has_the_headers() {
    let certificates = Certificates::new();
    let web = certificates.serve(&format!(
        "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-XSS-Protection: 0\n    \
         Content-Security-Policy: ''\nbasic_auth_users: {{ alice: {HASH} }}\n"
    ));
    for arguments in [&["--user", "alice:secret"][..], &[]] {
        for path in ["/metrics", "/-/healthy", "/nowhere"] {
            let got = get(arguments, &web.http(path)).text;
            assert!(got.contains("x-frame-options: deny\r\n"), "{got}");
            assert!(got.contains("x-xss-protection: 0\r\n"), "{got}");
            assert!(!got.contains("content-security-policy"), "{got}");
        }
    }
}

#[test]
fn above_the_rate_it_is_429_except_for_health() {
    let certificates = Certificates::new();
    let web = certificates.serve("rate_limit: { interval: 1h, burst: 3 }");
    let found: Vec<_> = (0..5)
        .map(|_| get(&NONE, &web.http("/metrics")).status.unwrap())
        .collect();
    assert_eq!(found, [200, 200, 200, 429, 429]);
    assert_eq!(get(&NONE, &web.http("/-/healthy")).status, Some(200));
}
