//! Changes of a web configuration while it is served.

use std::os::unix::fs::symlink;

use crate::certificates::Authority;
use crate::process::eventually;
use crate::web::{Certificates, HASH, get, s_client, tls};

#[test]
fn a_certificate_that_takes_the_place_of_another_is_served_at_once() {
    let certificates = Certificates::new();
    // As Kubernetes does it: a link to a folder, which changes in one step.
    let folder = certificates.folder.path();
    for (version, server) in [("v1", "server"), ("v2", "other-server")] {
        std::fs::create_dir(folder.join(version)).unwrap();
        for (from, to) in [("pem", "tls.crt"), ("key", "tls.key")] {
            let from = folder.join(format!("{server}.{from}"));
            std::fs::copy(from, folder.join(version).join(to)).unwrap();
        }
    }
    symlink("v1", folder.join("data")).unwrap();
    let web = certificates
        .serve("tls_server_config: { cert_file: data/tls.crt, key_file: data/tls.key }");
    let url = web.https("/-/healthy");
    let trusts = |name: &str| {
        let authority = certificates.path(name).display().to_string();
        get(&["--cacert", &authority], &url).status == Some(200)
    };
    assert!(trusts("authority.pem") && !trusts("stranger.pem"));
    symlink("v2", folder.join("new")).unwrap();
    std::fs::rename(folder.join("new"), folder.join("data")).unwrap();
    eventually("the new certificate is served", || {
        trusts("stranger.pem").then_some(())
    });
    assert!(!trusts("authority.pem"));
    web.exporter
        .process
        .line_with("the web configuration was read again");
}

#[test]
fn a_renewed_certificate_that_is_written_in_place_is_served_once_its_key_is_there() {
    let certificates = Certificates::new();
    let web = certificates.serve(&tls(""));
    let serial = || {
        let text = s_client(&web.port(), "-showcerts").unwrap();
        let begin = text.find("-----BEGIN").unwrap();
        text[begin..begin + 400].to_owned()
    };
    let before = serial();
    // The same name, written one file after the other, the wrong pair in between.
    Authority::new(certificates.folder.path(), "next").issue("server", "DNS:localhost");
    let after = eventually("another certificate is served", || {
        Some(serial()).filter(|it| *it != before)
    });
    let renewed = std::fs::read_to_string(certificates.path("server.pem")).unwrap();
    assert!(renewed.contains(after.lines().nth(2).unwrap()), "{after}");
}

#[test]
fn users_change_at_once_and_a_bad_change_is_told_once_and_changes_nothing() {
    let certificates = Certificates::new();
    let users = |name: &str| format!("basic_auth_users:\n  {name}: {HASH}\n");
    let web = certificates.serve(&users("alice"));
    let status = |user: &str| get(&["--user", user], &web.http("/config")).status.unwrap();
    assert_eq!((status("alice:secret"), status("bob:secret")), (200, 401));
    certificates.folder.write("web.yml", &users("bob"));
    eventually("bob may ask", || {
        (status("bob:secret") == 200).then_some(())
    });
    assert_eq!(status("alice:secret"), 401);

    for bad in [
        "basic_auth_users:\n  bob: open-password\nrate_limit: { burst: 1 }\n",
        "",
    ] {
        certificates.folder.write("web.yml", bad);
        let log = eventually("the bad change is logged", || {
            assert_eq!((status("alice:secret"), status("bob:secret")), (401, 200));
            let log = web.exporter.process.written();
            let key = if bad.is_empty() {
                "any more"
            } else {
                "rate_limit.burst: is given without"
            };
            log.contains(key).then_some(log)
        });
        assert!(!log.contains("open-password"), "{log}");
    }
    // A new password of the same user, after another second of asking.
    let hash = bcrypt::hash("changed", 4).unwrap();
    certificates
        .folder
        .write("web.yml", &format!("basic_auth_users:\n  bob: {hash}\n"));
    eventually("the new password is right", || {
        (status("bob:changed") == 200).then_some(())
    });
    assert_eq!(status("bob:secret"), 401);

    web.exporter.process.signal("TERM");
    let (_, log) = web.exporter.process.end();
    for expected in [
        "web.yml:2: basic_auth_users.bob: is no bcrypt hash",
        "web.yml:3: rate_limit.burst: is given without interval",
        "configures nothing any more",
    ] {
        let lines: Vec<_> = log.lines().filter(|it| it.contains(expected)).collect();
        assert_eq!(lines.len(), 1, "{expected} in {log}");
        assert!(lines[0].contains("level=error"), "{}", lines[0]);
    }
}

#[test]
fn an_authority_that_is_replaced_lets_in_other_clients() {
    let certificates = Certificates::new();
    let clients = certificates.path("clients.pem");
    std::fs::copy(certificates.path("authority.pem"), &clients).unwrap();
    let web = certificates.serve(&tls(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n",
    ));
    let is_let_in = |name: &str| {
        let got = get(&certificates.show(name), &web.https("/-/healthy"));
        got.status == Some(200)
    };
    assert!(is_let_in("client") && !is_let_in("other-client"));
    std::fs::copy(certificates.path("stranger.pem"), &clients).unwrap();
    eventually("the other authority's client is let in", || {
        is_let_in("other-client").then_some(())
    });
    assert!(!is_let_in("client"));
}
