//! Scrapes go on while the configuration is read again and again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use density_exporter::simulator::Options;

use crate::process::{Api, steady};
use crate::reload::Served;

/// Kibibytes of its own that a process holds.
fn anonymous(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|it| it.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A page, got on a connection of its own.
fn scrape(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What is wrong with a page: it must be whole, with all of each organization that it shows.
fn fault(page: &str) -> Option<String> {
    let Some((head, body)) = page.split_once("\r\n\r\n") else {
        return Some(page.to_owned());
    };
    if !head.starts_with("HTTP/1.1 200 ") {
        return Some(head.to_owned());
    }
    let length = format!("content-length: {}", body.len());
    if !head.lines().any(|it| it.eq_ignore_ascii_case(&length)) || !body.contains("\nprocess_") {
        return Some(format!("a part of {head}"));
    }
    let count = |series: &str, name: &str| {
        let lines = body.lines().filter(|it| it.starts_with(series));
        lines
            .filter(|it| it.contains(&format!("organization=\"{name}\"")))
            .count()
    };
    ["acme", "beta"].into_iter().find_map(|name| {
        let series = [
            "density_up{",
            "density_sensor_health{",
            "density_api_requests_total{",
        ];
        let counts = series.map(|it| count(it, name));
        let is_whole = counts.iter().all(|it| *it > 0) && counts[1] == 240;
        let is_gone = name == "beta" && counts[..2] == [0, 0];
        (!is_whole && !is_gone).then(|| format!("{name}: {counts:?}"))
    })
}

/// Reloads before memory is measured: threads and the allocator first take what they keep.
const WARM_UP: u64 = 25;

/// Reloads `times` while four clients scrape without pause.
fn scrapes_go_on(times: u64) {
    // Nothing is held up by a limit: each reload may bring an organization that is asked at once.
    let api = Api::start(Options {
        requests_per_second: 0.0,
        ..steady()
    });
    let served = Served::of(api, &["--web.enable-lifecycle"]);
    let budget =
        "budget: { requests_per_second: 5000, burst: 5000, exceed_documented_limit: true }\n";
    let address = served.url.trim_start_matches("http://");
    let (ended, scrapes) = (AtomicBool::new(false), AtomicU64::new(0));
    // Of each fifth of the time.
    let mut peaks = [0; 5];
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    while !ended.load(Ordering::Relaxed) {
                        if let Some(fault) = fault(&scrape(address)) {
                            return Some(fault);
                        }
                        scrapes.fetch_add(1, Ordering::Relaxed);
                    }
                    None
                })
            })
            .collect();
        for number in 0..WARM_UP + times {
            match number % 5 {
                0 => served.write(&["acme", "beta"], budget),
                1 => served.write(&["acme"], budget),
                2 => served.write(
                    &["beta", "acme"],
                    &format!("{budget}stale: {{ max_age: 5m }}\n"),
                ),
                3 => served.write(&["acme", "beta"], "collectors: { presence: { ttl: 1s } }\n"),
                _ => {
                    served.folder.write("density.yml", "organizations: []\n");
                }
            }
            let (status, text) = served.reload();
            let expected = if number % 5 == 4 { 500 } else { 200 };
            if status != Some(expected) {
                ended.store(true, Ordering::Relaxed);
                panic!("reload {number}: {text}");
            }
            if let Some(number) = number.checked_sub(WARM_UP) {
                let peak = &mut peaks[(number * 5 / times) as usize];
                *peak = anonymous(served.process.pid()).max(*peak);
            }
        }
        ended.store(true, Ordering::Relaxed);
        for client in clients {
            assert_eq!(client.join().unwrap(), None);
        }
    });
    let scrapes = scrapes.into_inner();
    println!("{scrapes} scrapes during {times} reloads; at most {peaks:?} KiB in each fifth");
    assert!(scrapes > times / 2, "{scrapes}");
    // A reload that kept a page of 20 KiB would show in what the last fifths of a thousand have more.
    let [_, second, .., last] = peaks;
    assert!(last < second + second / 8 + 1024, "{peaks:?} KiB");
    served.process.signal("TERM");
    let (status, log) = served.process.end();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn every_scrape_is_answered_whole_during_50_reloads() {
    scrapes_go_on(50);
}

#[test]
#[ignore = "takes long; scripts/verify runs it"]
fn every_scrape_is_answered_whole_during_1000_reloads() {
    let times = std::env::var("RELOADS").map_or(1000, |it| it.parse().unwrap());
    scrapes_go_on(times);
}
