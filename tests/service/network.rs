//! The real network: an API that is away, that redirects, that needs a name or a certificate.

use crate::process::{Api, Exporter, curl, eventually, steady};

fn counted(page: &str, endpoint: &str, code: &str) -> f64 {
    let series = format!(
        "density_api_requests_total{{code=\"{code}\",endpoint=\"{endpoint}\",organization=\"acme\"}} "
    );
    page.lines()
        .find_map(|line| line.strip_prefix(&series))
        .map_or(0.0, |it| it.parse().unwrap())
}

#[test]
fn the_exporter_outlives_an_api_that_is_away_at_start_and_later() {
    let api = Api::start(steady());
    let address = api.address;
    api.stop();
    let mut exporter = Exporter::of(address, "request: { retries: 1 }", &[]);
    let page = exporter.metrics();
    assert!(page.contains("density_up{organization=\"acme\"} 0\n"));
    // Once for all collectors, and tried again, for it may pass.
    assert!(
        (2.0..=6.0).contains(&counted(&page, "token", "connect")),
        "{page}"
    );

    let api = Api::start_at(address, steady());
    let page = exporter.metrics();
    assert!(
        page.contains("density_up{organization=\"acme\"} 1\n"),
        "{page}"
    );
    api.stop();
    assert!(
        exporter
            .metrics()
            .contains("density_up{organization=\"acme\"} 1\n")
    );
    assert!(exporter.process.is_running());
}

#[test]
fn a_redirect_carries_no_credentials_anywhere() {
    let api = Api::start(steady());
    let elsewhere = Api::start(steady());
    for endpoint in ["token", "spaces"] {
        let exporter = Exporter::of(api.address, "", &[]);
        let fault = format!("{endpoint}=redirect:http://{}/v3/spaces", elsewhere.address);
        api.simulator.inject(fault.parse().unwrap());
        let page = exporter.metrics();
        assert_eq!(counted(&page, endpoint, "307"), 1.0, "{page}");
        assert_eq!(elsewhere.simulator.calls().total(), 0);
        api.simulator.clear_faults();
    }
    let fault = format!("*=redirect:http://{}/v3/spaces", elsewhere.address);
    api.simulator.inject(fault.parse().unwrap());
    let exporter = Exporter::of(api.address, "", &[]);
    exporter.metrics();
    let log = exporter.process.line_with("begins to fail");
    assert!(log.contains("redirect to 127.0.0.1; set api_url"), "{log}");
}

#[test]
fn a_connection_that_breaks_and_an_answer_that_is_cut_are_resets() {
    for fault in ["*=reset", "*=truncate"] {
        let api = Api::start(steady());
        api.simulator.inject(fault.parse().unwrap());
        let exporter = Exporter::of(api.address, "request: { retries: 0 }", &[]);
        let page = exporter.metrics();
        assert_eq!(counted(&page, "token", "reset"), 1.0, "{fault}: {page}");
    }
}

#[test]
fn names_and_certificates_that_fail_are_told_apart() {
    // A server that speaks no TLS, and a name that nobody has (RFC 6761).
    let api = Api::start(steady());
    for (url, code) in [
        (format!("https://localhost:{}", api.address.port()), "tls"),
        ("https://density.invalid".to_owned(), "dns"),
    ] {
        let folder = crate::process::Folder::new();
        let file = folder.write(
            "density.yml",
            &format!(
                "organizations:\n  - {{ name: acme, api_url: '{url}', auth: {{ token_env: TOKEN }} }}\nrequest: {{ retries: 0 }}\n"
            ),
        );
        let process = crate::process::Running::start(
            crate::process::density_exporter()
                .env("TOKEN", "tok_simulated")
                .arg(format!("--config.file={}", file.display()))
                .arg("--web.listen-address=127.0.0.1:0"),
        );
        let address = process.address("serving");
        let page = eventually("every collector has failed", || {
            let page = curl(&[&format!("http://{address}/metrics")]);
            page.contains("density_up{organization=\"acme\"} 0\n")
                .then_some(page)
        });
        assert_eq!(counted(&page, "spaces", code), 1.0, "{code}: {page}");
    }
}

#[test]
fn a_secret_file_that_rotates_is_read_again() {
    let api = Api::start(steady());
    let folder = crate::process::Folder::new();
    let token = folder.write("token", "tok_of_yesterday\n");
    let config = folder.write(
        "density.yml",
        &format!(
            "organizations:\n  - {{ name: acme, api_url: 'http://{}', auth: {{ token_file: token }} }}\n",
            api.address
        ),
    );
    let process = crate::process::Running::start(
        crate::process::density_exporter()
            .arg(format!("--config.file={}", config.display()))
            .arg("--web.listen-address=127.0.0.1:0"),
    );
    let url = format!("http://{}/metrics", process.address("serving"));
    let page = curl(&[&url]);
    assert!(page.contains("density_up{organization=\"acme\"} 0\n"));
    assert_eq!(counted(&page, "spaces", "401"), 1.0, "{page}");
    // As Kubernetes does it: another file takes its place.
    std::fs::rename(folder.write("new", "tok_simulated\n"), token).unwrap();
    let page = curl(&[&url]);
    assert!(
        page.contains("density_up{organization=\"acme\"} 1\n"),
        "{page}"
    );
}

#[test]
fn a_hundred_clients_at_once_cost_one_call_an_endpoint() {
    let api = Api::start(steady());
    api.simulator.inject("*=latency:300ms".parse().unwrap());
    let exporter = Exporter::of(api.address, "", &["--web.max-requests=200"]);
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let url = format!("{}/metrics", exporter.url);
            std::thread::spawn(move || curl(&[&url]))
        })
        .collect();
    for client in clients {
        let page = client.join().unwrap();
        assert!(page.contains("density_up{organization=\"acme\"} 1\n"));
    }
    assert_eq!(api.simulator.calls().total(), 6);
}
