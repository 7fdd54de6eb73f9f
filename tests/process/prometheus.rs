//! The real Prometheus.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use serde_json::Value;

use super::{Folder, Running, eventually};

/// A Prometheus that is running, and where.
pub struct Prometheus {
    _process: Running,
    pub url: String,
    _folder: Folder,
}

impl Prometheus {
    /// A Prometheus that scrapes the exporters at `targets` (host and port) every second.
    pub fn scraping(targets: &[&str]) -> Self {
        let targets = targets.join("', '");
        Self::start(
            &format!(
                "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\n\
                 scrape_configs:\n  - job_name: density\n    static_configs: [{{ targets: ['{targets}'] }}]\n"
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

    /// What `path` of its API answers, given parameters such as `("query", "up")`.
    ///
    /// Thousands are asked, and a process for each would take longer than all answers together.
    pub fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let address = self.url.trim_start_matches("http://");
        let encoded = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /api/v1/{path}?{encoded} HTTP/1.0\r\nHost: {address}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{parameters:?}: {answer}");
        let mut answer: Value = serde_json::from_str(body).unwrap();
        answer["data"].take()
    }

    /// The time that it answers queries for, in Unix seconds.
    pub fn now(&self) -> f64 {
        self.value("time()").unwrap()
    }

    /// The value of a query that gives one; none while it gives nothing.
    pub fn value(&self, query: &str) -> Option<f64> {
        let answer = self.ask("query", &[("query", query)]);
        let value = match answer["resultType"].as_str() {
            Some("scalar") => &answer["result"][1],
            _ => &answer["result"][0]["value"][1],
        };
        value.as_str().map(|it| it.parse().unwrap())
    }

    pub fn eventually(&self, query: &str, expected: f64) {
        eventually(&format!("{query} = {expected}"), || {
            (self.value(query) == Some(expected)).then_some(())
        });
    }
}
