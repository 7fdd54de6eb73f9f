//! Reloads of a program that serves, by signals and by requests.

use std::net::SocketAddr;

use crate::process::{Api, Folder, Running, curl, density_exporter, eventually, steady};
use crate::web::{HASH, get};

/// An exporter whose configuration changes.
pub struct Served {
    api: Api,
    pub process: Running,
    pub url: String,
    pub folder: Folder,
}

impl Served {
    fn new(flags: &[&str]) -> Self {
        Self::of(Api::start(steady()), flags)
    }

    pub fn of(api: Api, flags: &[&str]) -> Self {
        let folder = Folder::new();
        let file = folder.write("density.yml", &config(api.address, &["acme"], ""));
        let process = Running::start(
            density_exporter()
                .env("SECRET", "simulated-secret")
                .arg(format!("--config.file={}", file.display()))
                .arg("--web.listen-address=127.0.0.1:0")
                .args(flags),
        );
        let url = format!("http://{}", process.address("serving"));
        Self {
            api,
            process,
            url,
            folder,
        }
    }

    pub fn write(&self, organizations: &[&str], more: &str) {
        let text = config(self.api.address, organizations, more);
        self.folder.write("density.yml", &text);
    }

    fn page(&self) -> String {
        curl(&[&format!("{}/metrics", self.url)])
    }

    pub fn reload(&self) -> (Option<u16>, String) {
        let got = get(&["--request", "POST"], &format!("{}/-/reload", self.url));
        (got.status, got.text)
    }
}

fn config(api: SocketAddr, organizations: &[&str], more: &str) -> String {
    let mut text = String::from("organizations:\n");
    for name in organizations {
        text += &format!(
            "  - {{ name: {name}, api_url: 'http://{api}', auth: {{ client_id: simulated-client, client_secret_env: SECRET }} }}\n"
        );
    }
    text + more
}

#[test]
fn sighup_reads_the_file_again_and_a_bad_one_changes_nothing() {
    let served = Served::new(&[]);
    assert!(
        served
            .page()
            .contains("density_up{organization=\"acme\"} 1\n")
    );
    served.write(&["acme", "beta"], "");
    served.process.signal("HUP");
    served.process.line_with("the configuration was read again");
    let page = served.page();
    assert!(
        page.contains("density_up{organization=\"beta\"} 1\n"),
        "{page}"
    );

    served
        .folder
        .write("density.yml", "organizations: []\nbudget: { burst: 0 }\n");
    served.process.signal("HUP");
    for expected in [
        "density.yml:1: organizations",
        "density.yml:2: budget.burst: ",
    ] {
        let line = served.process.line_with(expected);
        assert!(
            line.contains("level=error") && line.contains("stays in force"),
            "{line}"
        );
    }
    let page = eventually("the failure is shown", || {
        let page = served.page();
        page.contains("density_exporter_config_last_reload_successful 0\n")
            .then_some(page)
    });
    assert!(
        page.contains("density_up{organization=\"beta\"} 1\n"),
        "{page}"
    );
    assert!(curl(&[&format!("{}/config", served.url)]).contains("name: beta"));

    served.write(&["beta"], "");
    served.process.signal("HUP");
    served.process.line_with("the configuration was read again");
    assert!(!served.page().contains("acme"));
    served.process.signal("TERM");
    let (status, log) = served.process.end();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn clients_reload_where_the_flag_allows_it_and_only_with_their_password() {
    let served = Served::new(&[]);
    let (status, text) = served.reload();
    assert_eq!(status, Some(403));
    assert!(
        text.ends_with("\r\n\r\nLifecycle API is not enabled.\n"),
        "{text}"
    );
    drop(served);

    let web = Folder::new();
    let file = web.write("web.yml", &format!("basic_auth_users:\n  alice: {HASH}\n"));
    let file = format!("--web.config.file={}", file.display());
    let served = Served::new(&["--web.enable-lifecycle", &file]);
    let url = format!("{}/-/reload", served.url);
    let reload = |more: &[&str]| get(&[&["--request", "POST"], more].concat(), &url);
    served.write(&["acme", "beta"], "");
    assert_eq!(reload(&[]).status, Some(401));
    let user = ["--user", "alice:secret"];
    let config = || get(&user, &format!("{}/config", served.url)).text;
    assert!(!config().contains("beta"));
    let got = get(&user, &url);
    assert_eq!(got.status, Some(405));
    assert!(
        got.text.to_lowercase().contains("allow: post\r\n"),
        "{}",
        got.text
    );
    assert_eq!(reload(&user).status, Some(200));
    assert!(config().contains("name: beta"));

    served.folder.write("density.yml", "organizations: 1\n");
    let got = reload(&user);
    assert_eq!(got.status, Some(500));
    assert!(
        got.text.contains("density.yml:1: organizations: "),
        "{}",
        got.text
    );
}

#[test]
fn what_has_no_file_stays_as_it_is_and_runs_on() {
    let folder = Folder::new();
    let token = folder.write("token", "tok_simulated\n");
    let api = Api::start(steady());
    let exporter = Running::start(
        density_exporter()
            .env("DENSITY_API_URL", format!("http://{}", api.address))
            .env("DENSITY_API_TOKEN_FILE", token)
            .arg("--web.listen-address=127.0.0.1:0"),
    );
    let demo =
        Running::start(density_exporter().args(["demo", "--web.listen-address=127.0.0.1:0"]));
    for (mut process, name) in [(exporter, "default"), (demo, "demo")] {
        let url = format!("http://{}/metrics", process.address("serving"));
        let up = format!("density_up{{organization=\"{name}\"}} 1\n");
        assert!(curl(&[&url]).contains(&up));
        process.signal("HUP");
        process.line_with("the configuration was read again");
        let page = curl(&[&url]);
        assert!(page.contains(&up), "{page}");
        assert!(page.contains("density_exporter_config_last_reload_successful 1\n"));
        assert!(process.is_running());
    }
    let mut simulator =
        Running::start(density_exporter().args(["simulate", "--listen-address=127.0.0.1:0"]));
    simulator.line_with("/simulator");
    simulator.signal("HUP");
    simulator.line_with("there is no configuration to read again");
    assert!(simulator.is_running());
    simulator.signal("TERM");
    let (status, log) = simulator.end();
    assert_eq!(status.code(), Some(0), "{log}");
}
