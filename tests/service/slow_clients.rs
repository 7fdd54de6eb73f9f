//! Clients that send too much, or too slowly, or nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Api, Exporter, Folder, Running, curl, density_exporter, steady};
use crate::web::{Certificates, get, tls};

/// What an exporter holds while nobody asks.
#[derive(Debug)]
pub struct Held {
    descriptors: usize,
    anonymous_kib: u64,
}

/// What the allocator may keep of what was given back, in KiB.
const KEPT_BY_ALLOCATOR: u64 = 12 << 10;

impl Held {
    pub fn by(exporter: &Exporter) -> Self {
        let pid = exporter.process.pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|it| it.starts_with("RssAnon")).unwrap();
        Self {
            descriptors: std::fs::read_dir(format!("/proc/{pid}/fd"))
                .unwrap()
                .count(),
            anonymous_kib: line.split_whitespace().nth(1).unwrap().parse().unwrap(),
        }
    }

    /// Memory of its own.
    pub fn anonymous_kib(&self) -> u64 {
        self.anonymous_kib
    }

    /// Waits until an exporter holds no more descriptors than this again; what it holds then.
    pub fn is_closed(&self, exporter: &Exporter) -> Self {
        self.wait(exporter, |now| now.descriptors <= self.descriptors)
    }

    /// Waits until an exporter holds no more than this again.
    pub fn is_back(&self, exporter: &Exporter) {
        self.is_nearly_back(exporter, KEPT_BY_ALLOCATOR);
    }

    /// The same, when the allocator has had reason to keep so many KiB.
    pub fn is_nearly_back(&self, exporter: &Exporter, kept: u64) {
        self.wait(exporter, |now| {
            now.descriptors <= self.descriptors && now.anonymous_kib < self.anonymous_kib + kept
        });
    }

    fn wait(&self, exporter: &Exporter, is_back: impl Fn(&Self) -> bool) -> Self {
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            let now = Self::by(exporter);
            if is_back(&now) {
                return now;
            }
            assert!(Instant::now() < limit, "{self:?}, and still {now:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_header_of_a_megabyte_is_refused() {
    let certificates = Certificates::new();
    let header = format!("X-Large: {}\n", "x".repeat(1 << 20));
    let header = certificates.folder.write("header", &header);
    let header = format!("@{}", header.display());
    let refused = |more: &[String], url: &str| {
        let arguments = [more, &["--header".to_owned(), header.clone()]].concat();
        let got = get(&arguments, url);
        assert!(got.status.is_none_or(|it| it == 431), "{got:?}");
    };
    let web = certificates.serve("");
    refused(&[], &web.http("/-/healthy"));
    assert_eq!(
        get(&["--silent"], &web.http("/-/healthy")).status,
        Some(200)
    );
    drop(web);
    let web = certificates.serve(&tls(""));
    let trust = certificates.trust();
    refused(&trust, &web.https("/-/healthy"));
    refused(
        &[&trust[..], &["--http1.1".to_owned()]].concat(),
        &web.https("/-/healthy"),
    );
    assert_eq!(get(&trust, &web.https("/-/healthy")).status, Some(200));
}

/// Sends `bytes` one by one, ten a second, until the exporter hangs up; how long that takes.
fn until_cut_off(address: &str, bytes: &'static [u8]) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let start = Instant::now();
    let mut left = bytes.iter();
    let mut answer = Vec::new();
    loop {
        if let Some(byte) = left.next()
            && stream.write_all(&[*byte]).is_err()
        {
            return start.elapsed();
        }
        let mut some = [0; 100];
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&some[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{answer:?}");
    }
    start.elapsed()
}

/// Takes ten seconds, which is what it is about.
#[test]
fn who_begins_and_does_not_end_is_cut_off_after_ten_seconds() {
    let certificates = Certificates::new();
    let with_tls = certificates.serve(&tls(""));
    let without = certificates.serve("");
    let endless: &[u8] = &[b'x'; 300];
    let cases: [(&str, &[u8]); 5] = [
        (&without.exporter.address(), b"G"),
        (
            &without.exporter.address(),
            b"GET / HTTP/1.1\r\nHost: x\r\n",
        ),
        (&without.exporter.address(), endless),
        // Nothing, and a handshake that does not go on.
        (&with_tls.exporter.address(), b""),
        (&with_tls.exporter.address(), &[22, 3, 1, 2, 0, 1, 0, 1]),
    ];
    std::thread::scope(|scope| {
        let clients: Vec<_> = cases
            .into_iter()
            .map(|(address, bytes)| (bytes, scope.spawn(move || until_cut_off(address, bytes))))
            .collect();
        for (bytes, client) in clients {
            let took = client.join().unwrap();
            let expected = Duration::from_secs(9)..Duration::from_secs(14);
            assert!(expected.contains(&took), "{took:?} for {bytes:?}");
        }
    });
}

/// An exporter that is started with a limit of open files, such as `-Sn 100`; and where.
fn limited(limit: &str, folder: &Folder, api: &Api) -> (Running, String) {
    let config = folder.write(
        "density.yml",
        &format!(
            "organizations:\n  - {{ name: acme, api_url: 'http://{}', auth: {{ client_id: simulated-client, client_secret_env: SECRET }} }}\n",
            api.address
        ),
    );
    let process = Running::start(
        Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit {limit} && exec \"$0\" \"$@\""))
            .arg(density_exporter().get_program())
            .env("SECRET", "simulated-secret")
            .arg(format!("--config.file={}", config.display()))
            .arg("--web.listen-address=127.0.0.1:0"),
    );
    let address = process.address("serving").to_string();
    (process, address)
}

/// Scrapes while so many connections rest, with a soft limit of so many open files.
fn scrapes_go_on(idle: usize, files: usize, scrapes: usize) {
    let folder = Folder::new();
    let api = Api::start(steady());
    let (_process, address) = limited(&format!("-Sn {files}"), &folder, &api);
    let mut connections: Vec<TcpStream> = (0..idle)
        .map(|number| {
            let mut stream = TcpStream::connect(&address).unwrap();
            // Half of them have asked before.
            if number % 2 == 0 {
                let request = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
                stream.write_all(request).unwrap();
            }
            stream
        })
        .collect();
    for _ in 0..scrapes {
        let page = curl(&["--max-time", "10", &format!("http://{address}/metrics")]);
        assert!(page.contains("density_up{organization=\"acme\"} 1\n"));
    }
    // And each of them can ask.
    for stream in &mut connections {
        let request = b"GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
    }
    for stream in &mut connections {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("density-exporter is ready\n"), "{answer}");
    }
}

#[test]
fn scrapes_go_on_while_200_connections_rest() {
    scrapes_go_on(200, 100, 5);
}

#[test]
#[ignore = "needs 4,000 open files; scripts/verify runs it"]
fn scrapes_go_on_while_2000_connections_rest() {
    scrapes_go_on(2000, 1024, 50);
}

#[test]
fn clients_leave_descriptors_for_what_the_exporter_asks() {
    let folder = Folder::new();
    let api = Api::start(steady());
    // A hard limit: most of these connections wait for a place.
    let (process, address) = limited("-n 150", &folder, &api);
    let mut scraper = TcpStream::connect(&address).unwrap();
    scraper
        .write_all(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut some = [0; 1000];
    assert!(scraper.read(&mut some).unwrap() > 0);
    let idle: Vec<_> = (0..200)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    scraper
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut page = String::new();
    scraper.read_to_string(&mut page).unwrap();
    assert!(
        page.contains("density_up{organization=\"acme\"} 1\n"),
        "{page}"
    );
    assert!(
        !process.written().contains("can't accept"),
        "{}",
        process.written()
    );
    // Whoever waited is served when others leave.
    drop(idle);
    assert!(curl(&[&format!("http://{address}/-/ready")]).contains("ready"));
}
