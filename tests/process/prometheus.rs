//! The real Prometheus.

use std::process::Command;

use serde_json::Value;

use super::{Folder, Running, curl, eventually};

/// A Prometheus that is running, and where.
pub struct Prometheus {
    _process: Running,
    pub url: String,
    _folder: Folder,
}

impl Prometheus {
    /// A Prometheus that scrapes the exporter at `target` (host and port) every second.
    pub fn scraping(target: &str) -> Self {
        Self::start(
            &format!(
                "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\n\
                 scrape_configs:\n  - job_name: density\n    static_configs: [{{ targets: ['{target}'] }}]\n"
            ),
            &[],
        )
    }

    /// The program that `PROMETHEUS` names, else the one that is installed.
    pub fn start(config: &str, flags: &[&str]) -> Self {
        let folder = Folder::new();
        let config = folder.write("prometheus.yml", config);
        let program = std::env::var_os("PROMETHEUS").unwrap_or_else(|| "prometheus".into());
        let process = Running::start(
            Command::new(program)
                .arg(format!("--config.file={}", config.display()))
                .arg(format!(
                    "--storage.tsdb.path={}",
                    folder.path().join("data").display()
                ))
                .arg("--web.listen-address=127.0.0.1:0")
                .args(flags),
        );
        let url = format!("http://{}", process.address("Listening on"));
        // It may say that it is ready before it says where, so its own endpoint is asked.
        let ready = format!("{url}/-/ready");
        eventually("Prometheus is ready", || {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--fail", "--noproxy", "*", &ready]);
            curl.output().unwrap().status.success().then_some(())
        });
        Self {
            _process: process,
            url,
            _folder: folder,
        }
    }

    /// What a query finds.
    pub fn result(&self, query: &str) -> Value {
        let answer = curl(&[
            "--get",
            "--data-urlencode",
            &format!("query={query}"),
            &format!("{}/api/v1/query", self.url),
        ]);
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        answer["data"]["result"].take()
    }

    /// The value of a query that gives one; none while it gives nothing.
    pub fn value(&self, query: &str) -> Option<f64> {
        let value = &self.result(query)[0]["value"][1];
        value.as_str().map(|it| it.parse().unwrap())
    }

    pub fn eventually(&self, query: &str, expected: f64) {
        eventually(&format!("{query} = {expected}"), || {
            (self.value(query) == Some(expected)).then_some(())
        });
    }
}
