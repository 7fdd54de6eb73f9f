//! TLS, as curl, openssl and Prometheus see it.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::process::eventually;
use crate::process::prometheus::Prometheus;
use crate::web::{Certificates, HASH, get, s_client, tls};

const NONE: [&str; 0] = [];

#[test]
fn who_trusts_the_certificate_is_served_and_who_does_not_leaves() {
    let certificates = Certificates::new();
    let web = certificates.serve_with(&tls(""), &["--log.level=debug"]);
    let trust = certificates.trust();
    let url = web.https("/metrics");
    let got = get(&trust, &url);
    assert_eq!((got.status, got.version.as_str()), (Some(200), "2"));
    assert!(got.text.contains("density_up{organization=\"acme\"} 1"));
    let older = [&trust[..], &["--http1.1".to_owned()]].concat();
    let got = get(&older, &url);
    assert_eq!((got.status, got.version.as_str()), (Some(200), "1.1"));
    assert!(got.text.contains("density_up{organization=\"acme\"} 1"));

    // 60: the peer's certificate can't be verified.
    let stranger = certificates.path("stranger.pem").display().to_string();
    assert_eq!(get(&["--cacert", &stranger], &url).exit, 60);
    let line = web.exporter.process.line_with("a TLS handshake failed");
    assert!(line.contains("peer=127.0.0.1:"), "{line}");
    assert_eq!(get(&NONE, &url).exit, 60);
    let port = web.port();
    let elsewhere = format!("other.example:{port}:127.0.0.1");
    let resolve = [&trust[..], &["--resolve".to_owned(), elsewhere]].concat();
    let other = format!("https://other.example:{port}/metrics");
    assert_eq!(get(&resolve, &other).exit, 60);

    let got = get(&NONE, &web.http("/metrics"));
    assert_eq!(got.status, Some(400));
    assert!(got.text.contains("HTTP request to an HTTPS server"));
}

#[test]
fn an_expired_certificate_is_served_and_not_believed() {
    let certificates = Certificates::new();
    let expired = "tls_server_config: { cert_file: old-server.pem, key_file: old-server.key }";
    let web = certificates.serve(expired);
    let url = web.https("/-/healthy");
    assert_eq!(get(&certificates.trust(), &url).exit, 60);
    assert_eq!(get(&["--insecure"], &url).status, Some(200));
}

#[test]
fn old_versions_are_refused_and_new_ones_as_configured() {
    let certificates = Certificates::new();
    // Of what is possible, with whatever is configured; openssl itself refuses old versions by default.
    let versions = |more: &str| {
        let web = certificates.serve(&tls(more));
        ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"].map(|version| {
            let arguments = format!("{version} -cipher DEFAULT@SECLEVEL=0");
            s_client(&web.port(), &arguments).is_some()
        })
    };
    assert_eq!(versions(""), [false, false, true, true]);
    let oldest = versions("  min_version: TLS10\n");
    assert_eq!(oldest, [false, false, true, true]);
    let new = versions("  min_version: TLS13\n");
    assert_eq!(new, [false, false, false, true]);
    let old = versions("  max_version: TLS12\n");
    assert_eq!(old, [false, false, true, false]);
}

#[test]
fn suites_and_curves_are_those_that_are_configured() {
    let certificates = Certificates::new();
    let web = certificates.serve(&tls(
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n  curve_preferences: [CurveP384]\n",
    ));
    let port = web.port();
    let chosen = s_client(&port, "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384").unwrap();
    assert!(
        chosen.contains("Server Temp Key: ECDH, secp384r1"),
        "{chosen}"
    );
    for refused in [
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256",
        "-tls1_2 -groups X25519",
        "-tls1_3 -groups X25519",
    ] {
        assert_eq!(s_client(&port, refused), None, "{refused}");
    }
    assert!(s_client(&port, "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256").is_some());
}

#[test]
fn http2_is_offered_unless_turned_off() {
    let certificates = Certificates::new();
    let web = certificates.serve(&tls("http_server_config: { http2: false }\n"));
    let got = get(&certificates.trust(), &web.https("/"));
    assert_eq!((got.status, got.version.as_str()), (Some(200), "1.1"));
}

#[test]
fn each_policy_lets_in_the_clients_that_it_should() {
    let certificates = Certificates::new();
    let clients = ["client", "old-client", "other-client"];
    let cases = [
        // Without a certificate, with a good one, an expired one, one of another authority.
        ("NoClientCert", false, [true, true, true, true]),
        ("RequestClientCert", true, [true, true, true, true]),
        ("RequireAnyClientCert", true, [false, true, true, true]),
        ("RequireClientCert", false, [false, true, true, true]),
        ("VerifyClientCertIfGiven", true, [true, true, false, false]),
        (
            "RequireAndVerifyClientCert",
            true,
            [false, true, false, false],
        ),
    ];
    for (policy, has_authority, expected) in cases {
        let authority = ["", "  client_ca_file: authority.pem\n"][usize::from(has_authority)];
        let web = certificates.serve(&tls(&format!("  client_auth_type: {policy}\n{authority}")));
        for version in ["1.2", "1.3"] {
            let found: Vec<bool> = std::iter::once(certificates.trust())
                .chain(clients.iter().map(|it| certificates.show(it)))
                .map(|mut arguments| {
                    arguments.extend(["--tls-max".to_owned(), version.to_owned()]);
                    // Also what anyone may ask needs the handshake.
                    let got = get(&arguments, &web.https("/-/healthy"));
                    assert!(got.status.is_none_or(|it| it == 200), "{got:?}");
                    got.status.is_some()
                })
                .collect();
            assert_eq!(found, expected, "{policy} with TLS {version}");
        }
    }
}

#[test]
fn of_required_certificates_one_name_must_be_allowed() {
    let certificates = Certificates::new();
    for policy in ["RequireAnyClientCert", "RequireAndVerifyClientCert"] {
        for (name, expected) in [("prometheus.example", Some(200)), ("example", None)] {
            let web = certificates.serve(&tls(&format!(
                "  client_auth_type: {policy}\n  client_ca_file: authority.pem\n  client_allowed_sans: [{name}]\n"
            )));
            let got = get(&certificates.show("client"), &web.https("/"));
            assert_eq!(got.status, expected, "{policy}, {name}");
        }
    }
}

#[test]
fn a_client_with_a_certificate_shows_it_every_time() {
    let certificates = Certificates::new();
    let identity = format!(
        "-tls1_2 -reconnect -cert {0}.pem -key {0}.key",
        certificates.path("client").display()
    );
    let sessions_go_on = |more: &str| {
        let web = certificates.serve(&tls(more));
        let said = s_client(&web.port(), &identity).unwrap();
        assert!(said.contains("New, TLSv1.2"), "{said}");
        said.contains("Reused, TLSv1.2")
    };
    assert!(sessions_go_on(""));
    assert!(!sessions_go_on(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.pem\n"
    ));
}

#[test]
fn prometheus_scrapes_with_a_certificate_and_a_password() {
    let certificates = Certificates::new();
    let web = certificates.serve(&tls(&format!(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.pem\n\
         basic_auth_users: {{ prometheus: {HASH} }}\n"
    )));
    let folder = certificates.folder.path().display();
    let prometheus = Prometheus::start(
        &format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\n\
             scrape_configs:\n  - job_name: density\n    scheme: https\n    \
             static_configs: [{{ targets: ['{}'] }}]\n    \
             basic_auth: {{ username: prometheus, password: secret }}\n    \
             tls_config: {{ ca_file: {folder}/authority.pem, cert_file: {folder}/client.pem, key_file: {folder}/client.key }}\n",
            web.exporter.address()
        ),
        &[],
    );
    prometheus.eventually("up{job=\"density\"}", 1.0);
    prometheus.eventually("density_up", 1.0);
}

#[test]
fn the_health_check_asks_an_exporter_with_tls() {
    let certificates = Certificates::new();
    let web = certificates.serve(&tls(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.pem\n",
    ));
    let check = |url: &str, name: Option<&str>| {
        let mut command = crate::process::density_exporter();
        command.args(["healthcheck", "--url", url]);
        if let Some(name) = name {
            command.arg("--client-cert-file");
            command.arg(certificates.path(&format!("{name}.pem")));
            command.arg("--client-key-file");
            command.arg(certificates.path(&format!("{name}.key")));
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    let url = web.https("/-/healthy");
    assert_eq!(check(&url, Some("client")), (Some(0), String::new()));
    let (code, said) = check(&url, None);
    assert_eq!(code, Some(1));
    assert!(said.contains("is not healthy: TLS failed"), "{said}");
    assert_eq!(check(&url, Some("other-client")).0, Some(1));
    drop(web);

    let web = certificates.serve(&tls(&format!("basic_auth_users: {{ alice: {HASH} }}\n")));
    // What is on this machine need not prove who it is.
    assert_eq!(check(&web.https("/-/healthy"), None).0, Some(0));
    let (code, said) = check(&web.http("/-/healthy"), None);
    assert_eq!(code, Some(1));
    assert!(said.contains("it answers 400"), "{said}");
}

#[test]
fn a_signal_lets_a_scrape_finish_and_waits_for_no_handshake() {
    let certificates = Certificates::new();
    let web = certificates.serve(&tls(""));
    web.api
        .simulator
        .inject("*=latency:1500ms".parse().unwrap());
    // These have begun nothing, and those say no more than hello.
    let mut idle: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(web.exporter.address()).unwrap())
        .collect();
    for stream in idle.iter_mut().skip(10) {
        stream.write_all(&[22, 3, 1]).unwrap();
    }
    let url = web.https("/metrics");
    let trust = certificates.trust();
    let scrape = std::thread::spawn(move || get(&trust, &url));
    eventually("the scrape is under way", || {
        (web.api.simulator.calls().total() > 0).then_some(())
    });
    let start = Instant::now();
    web.exporter.process.signal("TERM");
    let got = scrape.join().unwrap();
    assert_eq!((got.status, got.version.as_str()), (Some(200), "2"));
    let (status, written) = web.exporter.process.end();
    assert_eq!(status.code(), Some(0), "{written}");
    // The scrape takes a second or three; a handshake would be waited for ten.
    assert!(start.elapsed() < Duration::from_secs(8), "{written}");
}
