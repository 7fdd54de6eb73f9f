//! A clean end.

use std::time::{Duration, Instant};

use density_exporter::simulator::Options;

use crate::process::{Api, Exporter, curl, eventually, steady};

#[test]
fn a_signal_lets_a_scrape_finish_and_the_exit_code_is_0() {
    for signal in ["TERM", "INT"] {
        let api = Api::start(steady());
        api.simulator.inject("*=latency:1500ms".parse().unwrap());
        let exporter = Exporter::of(api.address, "", &[]);
        let url = format!("{}/metrics", exporter.url);
        let scrape = std::thread::spawn(move || curl(&[&url]));
        eventually("the scrape is under way", || {
            (api.simulator.calls().total() > 0).then_some(())
        });
        exporter.process.signal(signal);
        let page = scrape.join().unwrap();
        assert!(
            page.contains("density_up{organization=\"acme\"} 1\n"),
            "{page}"
        );
        let (status, written) = exporter.process.end();
        assert_eq!(status.code(), Some(0), "{written}");
    }
}

#[test]
fn idle_connections_do_not_delay_the_end_and_a_second_signal_ends_at_once() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "", &[]);
    let address = exporter.address();
    let _idle: Vec<_> = (0..20)
        .map(|_| std::net::TcpStream::connect(&address).unwrap())
        .collect();
    exporter.metrics();
    exporter.process.signal("TERM");
    let (status, written) = exporter.process.end();
    assert_eq!(status.code(), Some(0), "{written}");

    api.simulator.inject("*=hang".parse().unwrap());
    let exporter = Exporter::of(api.address, "", &[]);
    let calls = api.simulator.calls().total();
    let url = format!("{}/metrics", exporter.url);
    let scrape = std::thread::spawn(move || {
        let limit = Duration::from_secs(60).as_secs().to_string();
        std::process::Command::new("curl")
            .args(["-s", "-m", &limit, "--noproxy", "*"])
            .args(["-H", "X-Prometheus-Scrape-Timeout-Seconds: 50", &url])
            .output()
    });
    eventually("the scrape is under way", || {
        (api.simulator.calls().total() > calls).then_some(())
    });
    exporter.process.signal("TERM");
    exporter.process.line_with("stopping");
    exporter.process.signal("TERM");
    let (status, written) = exporter.process.end();
    assert_eq!(status.code(), Some(1), "{written}");
    // The connection is gone before the scrape's own time is up.
    assert!(!scrape.join().unwrap().unwrap().status.success());
}

/// Run by scripts/verify, optimized.
#[test]
#[ignore = "takes long unless the program is optimized"]
fn a_scrape_of_the_largest_demo_is_finished_within_5_seconds_of_the_signal() {
    let api = Api::start(Options {
        buildings: 400,
        sensors: 100_000,
        spaces: Some(30_000),
        ..steady()
    });
    let exporter = Exporter::of(api.address, "", &[]);
    let url = format!("{}/metrics", exporter.url);
    let scrape = std::thread::spawn(move || curl(&[&url]));
    eventually("the scrape is under way", || {
        (api.simulator.calls().total() > 0).then_some(())
    });
    let signalled = Instant::now();
    exporter.process.signal("TERM");
    let page = scrape.join().unwrap();
    let (status, written) = exporter.process.end();
    let took = signalled.elapsed();
    assert_eq!(status.code(), Some(0), "{written}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(page.matches("\ndensity_sensor_info{").count(), 100_000);
    println!("ended {took:?} after the signal");
}
