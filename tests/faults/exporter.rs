//! The program in front of a server that may misbehave, and scrapes against the clock.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::Page;
use crate::process::{Folder, Running, density_exporter};

/// What Prometheus says that it waits for a scrape.
pub const DEADLINE: Duration = Duration::from_secs(3);
/// How much earlier the exporter answers: after half a second. The rest is for a machine that is busy.
const OFFSET: &str = "--web.timeout-offset=2.5s";

/// Where only the name of the host in it is known.
pub struct Hosts {
    folder: Folder,
}

pub struct Exporter {
    process: Running,
    address: String,
    _folder: Folder,
}

/// A scrape, and how long it took.
pub struct Scrape {
    pub page: Page,
    pub took: Duration,
}

impl Hosts {
    const NAME: &str = "density.test";

    /// A file of hosts for one process. It needs a mount namespace of its own for that.
    pub fn new() -> Self {
        let hosts = Self {
            folder: Folder::new(),
        };
        hosts.folder.write("nsswitch.conf", "hosts: files\n");
        hosts.know();
        hosts
    }

    /// Whether this machine lets us make a mount namespace.
    pub fn are_possible() -> bool {
        let mut unshare = Command::new("unshare");
        unshare.args(["--map-root-user", "--mount", "true"]);
        unshare.output().is_ok_and(|it| it.status.success())
    }

    pub fn url(&self, port: u16) -> String {
        format!("http://{}:{port}", Self::NAME)
    }

    pub fn know(&self) {
        self.folder
            .write("hosts", &format!("127.0.0.1 {}\n", Self::NAME));
    }

    /// It must stay the same file, for it is mounted.
    pub fn forget(&self) {
        self.folder.write("hosts", "127.0.0.1 localhost\n");
    }

    fn wrap(&self, program: &Command) -> Command {
        let mut wrapped = Command::new("unshare");
        wrapped
            .args(["--map-root-user", "--mount", "--", "sh", "-ec"])
            .arg(
                "mount --bind \"$1/hosts\" /etc/hosts\n\
                 [ ! -e /etc/nsswitch.conf ] || mount --bind \"$1/nsswitch.conf\" /etc/nsswitch.conf\n\
                 shift\nexec \"$@\"",
            )
            .arg("sh")
            .arg(self.folder.path())
            .arg(program.get_program());
        wrapped
    }
}

impl Exporter {
    pub fn start(config: &str, hosts: Option<&Hosts>) -> Self {
        let folder = Folder::new();
        let config = folder.write("density.yml", config);
        let mut command = density_exporter();
        if let Some(hosts) = hosts {
            command = hosts.wrap(&command);
        }
        for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(variable);
            command.env_remove(variable.to_lowercase());
        }
        let process = Running::start(
            command
                .env("SECRET", "simulated-secret")
                .arg(format!("--config.file={}", config.display()))
                .args(["--web.listen-address=127.0.0.1:0", OFFSET]),
        );
        let address = process.address("serving").to_string();
        Self {
            process,
            address,
            _folder: folder,
        }
    }

    /// Scrapes as Prometheus does that waits for [`DEADLINE`].
    pub fn scrape(&self) -> Scrape {
        let start = Instant::now();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET /metrics HTTP/1.0\r\nX-Prometheus-Scrape-Timeout-Seconds: {}\r\n\r\n",
            DEADLINE.as_secs_f64()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let took = start.elapsed();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Scrape {
            page: Page {
                status,
                text: body.to_owned(),
            },
            took,
        }
    }

    /// Kibibytes that `/proc` gives for `field`.
    pub fn memory(&self, field: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.pid());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.process.written()
    }

    /// Ends it by SIGTERM; what it has logged.
    pub fn end(self) -> String {
        self.process.signal("TERM");
        let (status, log) = self.process.end();
        assert_eq!(status.code(), Some(0), "{log}");
        log
    }
}
