//! A secret and a person's name are in no byte that the program writes, whatever goes wrong.

use density_exporter::simulator::{EndpointName, Options};

use crate::process::{Api, Exporter, curl, steady};

const CANARY: &str = "Wilhelmina Canary-Fink";

#[test]
fn nothing_that_is_written_at_trace_holds_a_secret_or_a_persons_name() {
    for format in ["logfmt", "json"] {
        let api = Api::start(Options {
            canary: Some(CANARY.to_owned()),
            ..steady()
        });
        let format = format!("--log.format={format}");
        let exporter = Exporter::of(
            api.address,
            "collectors: { spaces: { ttl: 1s }, sensors: { ttl: 1s }, current_count: { ttl: 1s }, presence: { ttl: 1s }, sensor_health: { ttl: 1s } }\nrequest: { retries: 1, timeout: 2s, max_memory: 1MiB }",
            &["--log.level=trace", &format],
        );
        let mut written = exporter.metrics();
        for fault in [
            "malformed".to_owned(),
            "garbage".to_owned(),
            "error_with_200".to_owned(),
            "truncate".to_owned(),
            "html".to_owned(),
            "expired_token".to_owned(),
            "huge:20000000".to_owned(),
            format!("status:500,body=\"{CANARY} simulated-secret\""),
            format!("status:401,body=\"{CANARY} simulated-secret\""),
            format!("redirect:\"http://127.0.0.1:1/{CANARY}?token=simulated-secret\""),
        ] {
            for endpoint in EndpointName::ALL {
                api.simulator
                    .inject(format!("{endpoint}={fault},times=1").parse().unwrap());
            }
            // Each has its TTL of a second over before the next.
            std::thread::sleep(std::time::Duration::from_millis(1100));
            written += &exporter.metrics();
            api.simulator.clear_faults();
        }
        for path in ["/", "/config", "/metrics?collect[]=presence", "/-/ready"] {
            written += &curl(&[&format!("{}{path}", exporter.url)]);
        }
        exporter.process.signal("TERM");
        let (_, log) = exporter.process.end();
        assert!(log.contains("request ended"), "{log}");
        written += &log;
        for secret in ["Canary", "Wilhelmina", "simulated-secret", "eyJ", "Bearer"] {
            let at = written.find(secret);
            let around = at.map(|at| written[at.saturating_sub(300)..].chars().take(400));
            assert_eq!(around.map(Iterator::collect::<String>), None, "{secret}");
        }
    }
}

/// Runs this test again in a process of its own, where it panics with the canary in its words.
#[test]
fn a_panic_is_logged_with_its_place_and_without_its_words() {
    use density_exporter::cli::{Log, LogFormat, LogLevel};

    const ROLE: &str = "DENSITY_EXPORTER_TEST_PANICS";
    if std::env::var_os(ROLE).is_some() {
        density_exporter::logging::begin(Log {
            level: LogLevel::Trace,
            format: LogFormat::Logfmt,
        });
        let panicked = std::panic::catch_unwind(|| panic!("{CANARY}"));
        assert!(panicked.is_err());
        return;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("leaks::a_panic_is_logged_with_its_place_and_without_its_words")
        .env(ROLE, "yes")
        .output()
        .unwrap();
    let log = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{log}");
    assert!(log.contains("tests/service/leaks.rs:"), "{log}");
    assert!(!log.contains("Canary"), "{log}");
}
