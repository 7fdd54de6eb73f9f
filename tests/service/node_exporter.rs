//! The same web configurations, served by the real node_exporter: both let in the same clients.

use std::process::Command;

use crate::process::Running;
use crate::web::{Certificates, HASH, get, tls};

/// What a client gets of both: a status, or none where it is not let in.
#[test]
fn what_node_exporter_does_with_a_file_is_done_here_too() {
    let certificates = Certificates::new();
    let users = format!("basic_auth_users:\n  alice: {HASH}\n");
    let clients = |policy: &str| {
        tls(&format!(
            "  client_auth_type: {policy}\n  client_ca_file: authority.pem\n"
        ))
    };
    let files = [
        "# nothing\n".to_owned(),
        users.clone(),
        tls(""),
        tls(&users),
        tls("  min_version: TLS13\n"),
        tls("  max_version: TLS12\n"),
        tls(
            "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [CurveP256]\n",
        ),
        tls("http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n"),
        clients("RequestClientCert"),
        clients("RequireAnyClientCert"),
        clients("VerifyClientCertIfGiven"),
        clients("RequireAndVerifyClientCert"),
        clients("RequireAndVerifyClientCert") + &users,
    ];
    let more = |arguments: Vec<String>, more: &[&str]| {
        let more = more.iter().map(|it| (*it).to_owned());
        arguments.into_iter().chain(more).collect::<Vec<_>>()
    };
    let asked = [
        ("http", vec![]),
        ("http", more(vec![], &["--user", "alice:secret"])),
        ("http", more(vec![], &["--user", "alice:wrong"])),
        ("http", more(vec![], &["--user", "bob:secret"])),
        ("https", vec![]),
        ("https", certificates.trust()),
        ("https", more(certificates.trust(), &["--http1.1"])),
        (
            "https",
            more(certificates.trust(), &["--user", "alice:secret"]),
        ),
        (
            "https",
            more(certificates.trust(), &["--user", "alice:wrong"]),
        ),
        ("https", more(certificates.trust(), &["--tls-max", "1.2"])),
        ("https", more(certificates.trust(), &["--tlsv1.3"])),
        ("https", certificates.show("client")),
        (
            "https",
            more(certificates.show("client"), &["--user", "alice:secret"]),
        ),
        ("https", certificates.show("old-client")),
        ("https", certificates.show("other-client")),
    ];
    let mut different = String::new();
    let mut let_in = 0;
    for file in files {
        let web = certificates.serve(&file);
        let node_exporter = Running::start(
            Command::new("prometheus-node-exporter")
                .args([
                    "--collector.disable-defaults",
                    "--web.listen-address=127.0.0.1:0",
                ])
                .arg(format!(
                    "--web.config.file={}",
                    certificates.path("web.yml").display()
                )),
        );
        let theirs = node_exporter.address("Listening on");
        for (scheme, arguments) in &asked {
            let outcome = |address: &str| {
                let got = get(arguments, &format!("{scheme}://{address}/metrics"));
                let status = got.status;
                // HTTP/1.1 or 2, and the one header that is configured.
                let frame = got.text.to_lowercase().contains("x-frame-options: deny");
                (status, status.map(|_| got.version), frame)
            };
            let (here, there) = (
                outcome(&web.exporter.address()),
                outcome(&theirs.to_string()),
            );
            let_in += usize::from(here.0 == Some(200));
            if here != there {
                different +=
                    &format!("{here:?} here, {there:?} there: {scheme} {arguments:?}\n{file}\n");
            }
        }
    }
    assert!(different.is_empty(), "{different}");
    assert!(let_in > 50, "{let_in}");
}
