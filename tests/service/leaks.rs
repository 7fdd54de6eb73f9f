//! A secret and a person's name are in no byte that the program writes, whatever goes wrong.

use density_exporter::simulator::{EndpointName, Options};

use crate::process::{Api, Exporter, curl, steady};

const CANARY: &str = "Wilhelmina Canary-Fink";

#[test]
fn nothing_that_is_written_at_trace_holds_a_secret_or_a_persons_name() {
    let faults = [
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
    ];
    for (number, fault) in faults.iter().enumerate() {
        let api = Api::start(Options {
            canary: Some(CANARY.to_owned()),
            ..steady()
        });
        // The token's own fault hides those of the others, so it is tried by itself.
        let endpoints = EndpointName::ALL.into_iter();
        let (token, others): (Vec<_>, Vec<_>) =
            endpoints.partition(|it| *it == EndpointName::Token);
        for endpoints in [token, others] {
            api.simulator.clear_faults();
            for endpoint in endpoints {
                let fault = format!("{endpoint}={fault}");
                api.simulator.inject(fault.parse().unwrap());
            }
            let format = ["--log.format=logfmt", "--log.format=json"][number % 2];
            let exporter = Exporter::of(
                api.address,
                "request: { retries: 1, timeout: 2s, max_memory: 1MiB }",
                &["--log.level=trace", format],
            );
            let mut written = exporter.metrics();
            for path in ["/", "/config", "/metrics?collect[]=presence", "/-/ready"] {
                written += &curl(&[&format!("{}{path}", exporter.url)]);
            }
            exporter.process.signal("TERM");
            let (_, log) = exporter.process.end();
            assert!(log.contains("request ended"), "{log}");
            written += &log;
            for secret in ["Canary", "Wilhelmina", "simulated-secret", "eyJ", "Bearer"] {
                let at = written.find(secret);
                let around = at.map(|at| written[..at].chars().rev().take(300));
                let around = around.map(|it| it.collect::<Vec<_>>().into_iter().rev());
                assert_eq!(
                    around.map(Iterator::collect::<String>),
                    None,
                    "{secret} with {fault}"
                );
            }
        }
    }
}

/// Runs this test again in a process of its own, where it panics with the canary in its words.
#[test]
fn a_panic_is_logged_with_its_place_and_without_its_words() {
    use density_exporter::cli::{Log, LogFormat, LogLevel};

    const ROLE: &str = "DENSITY_EXPORTER_TEST_PANICS";
    if std::env::var_os(ROLE).is_some() {
        density_exporter::logging::init(Log {
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
