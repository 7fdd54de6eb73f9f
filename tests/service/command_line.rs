//! What the program says and how it ends when it can't begin.

use std::process::Output;

use crate::process::{Folder, density_exporter};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = density_exporter()
        .env_remove("DENSITY_API_TOKEN")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn help_and_version_are_answers_and_a_bad_flag_is_64() {
    let (code, out, err) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    for flag in [
        "--config.file",
        "--web.listen-address",
        "--web.config.file",
        "--web.telemetry-path",
        "--web.timeout-offset",
        "--web.max-requests",
        "--log.level",
        "--log.format",
        "demo",
        "simulate",
        "check-config",
        "schema",
        "healthcheck",
        "DENSITY_API_TOKEN",
    ] {
        assert!(out.contains(flag), "{flag}");
    }
    let (code, out, _) = run(&["--version"]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("density-exporter 0.1.0 (revision "),
        "{out}"
    );
    let (code, _, err) = run(&["--web.listen-addres=:1"]);
    assert_eq!(code, Some(64));
    assert!(err.contains("--web.listen-address"), "{err}");
}

#[test]
fn a_bad_configuration_is_told_whole_and_is_64() {
    let folder = Folder::new();
    let file = folder.write(
        "density.yml",
        "organizations:\n  - name: a\n    auth: { token_env: UNSET_VARIABLE }\n  - name: a\n\
         collectors:\n  presence: { ttl: 10 parsecs }\n",
    );
    let misspelt = folder.write("misspelt.yml", "organizations: []\nbugdet: {}\n");
    for (file, errors) in [
        (
            file,
            &[
                "density.yml:3: organizations[0].auth.token_env: ",
                "density.yml:4: organizations[1].name: ",
                "density.yml:6: collectors.presence.ttl: \"10 parsecs\" is not a duration",
            ][..],
        ),
        (
            misspelt,
            &["misspelt.yml:2: bugdet: unknown key; did you mean budget?"],
        ),
    ] {
        let file = file.to_str().unwrap();
        for arguments in [
            vec!["check-config", file],
            vec!["--config.file", file, "--web.listen-address=127.0.0.1:0"],
        ] {
            let (code, out, err) = run(&arguments);
            assert_eq!((code, out.as_str()), (Some(64), ""), "{err}");
            for expected in errors {
                assert!(err.contains(expected), "{expected} in {err}");
            }
        }
    }
}

#[test]
fn a_bad_web_configuration_is_told_whole_and_is_64() {
    let folder = Folder::new();
    let web = folder.write(
        "web.yml",
        "tls_server_config:\n  cert_file: none.pem\n  key_file: none.key\nbasic_auth_users: { a: open-password }\n",
    );
    let config = folder.write("density.yml", "organisations: []\n");
    let web = format!("--web.config.file={}", web.display());
    let file = config.display().to_string();
    let config = format!("--config.file={file}");
    let of_web = [
        "web.yml:2: tls_server_config.cert_file: can't read ",
        "web.yml:3: tls_server_config.key_file: can't read ",
        "web.yml:4: basic_auth_users.a: is no bcrypt hash",
    ];
    for (arguments, has_both) in [
        (vec!["demo", &web], false),
        (vec![&web, &config], true),
        (vec!["check-config", &web, &file], true),
        (vec!["healthcheck", &web], false),
    ] {
        let (code, out, err) = run(&arguments);
        assert_eq!((code, out.as_str()), (Some(64), ""), "{err}");
        for expected in of_web {
            assert!(err.contains(expected), "{expected} in {err}");
        }
        let of_config = err.contains("density.yml:1: organisations: unknown key");
        assert_eq!(of_config, has_both, "{err}");
        assert!(!err.contains("open-password"), "{err}");
    }
}

#[test]
fn the_schemas_are_json() {
    for (arguments, key) in [
        (&["schema"][..], "organizations"),
        (&["schema", "--web"], "basic_auth_users"),
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        assert_eq!(schema["$schema"], dialect);
        assert!(schema["title"].is_string());
        assert!(schema["properties"][key].is_object(), "{out}");
    }
}

#[test]
fn nothing_configured_says_how_to_begin() {
    let (code, _, err) = run(&["--web.listen-address=127.0.0.1:0"]);
    assert_eq!(code, Some(64));
    for expected in ["DENSITY_API_TOKEN", "--config.file", "demo"] {
        assert!(err.contains(expected), "{expected} in {err}");
    }
}

#[test]
fn check_config_prints_what_it_means_and_costs() {
    let folder = Folder::new();
    let token = folder.write("token", "tok_secret\n");
    let file = folder.write(
        "density.yml",
        &format!(
            "organizations:\n  - {{ name: a, auth: {{ token_file: {} }} }}\n",
            token.display()
        ),
    );
    let (code, out, err) = run(&["check-config", file.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        out.contains("https://api.density.io") && !out.contains("tok_secret"),
        "{out}"
    );
    // 1/900 + 1/900 + 1/10 + 1/10 + 1/30 calls a second.
    assert!(out.contains("0.236"), "{out}");
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for arguments in [
        ["demo", "--web.listen-address", &address],
        ["simulate", "--listen-address", &address],
    ] {
        let (code, out, err) = run(&arguments);
        assert_eq!((code, out.as_str()), (Some(1), ""));
        assert_eq!(err.lines().count(), 1, "{err}");
        let expected = format!("density-exporter: can't listen on {address}: ");
        assert!(err.starts_with(&expected), "{err}");
    }
}

#[test]
fn the_catalogue_is_printed_for_people_and_for_programs() {
    let (code, out, _) = run(&["metrics"]);
    assert_eq!(code, Some(0));
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md"));
    assert_eq!(out, page.unwrap());
    let (code, out, _) = run(&["metrics", "--format", "json"]);
    assert_eq!(code, Some(0));
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert!(rows.len() > 35);
}

#[test]
fn an_exporter_that_is_away_is_not_healthy() {
    let (code, _, err) = run(&["healthcheck", "--url", "http://127.0.0.1:1/-/healthy"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("is not healthy: can't connect"), "{err}");
}
