//! Processes that a test starts, and that end with it. Shared by the programs of tests.

pub mod prometheus;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use density_exporter::clock::SystemClock;
use density_exporter::simulator::{Options, Simulator};

/// How long anything that must happen may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that is running.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    written: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let written = Arc::new(Mutex::new(Vec::new()));
        let (send, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        let readers = streams
            .into_iter()
            .map(|stream| {
                let (written, send) = (written.clone(), send.clone());
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    let mut line = Vec::new();
                    while stream.read_until(b'\n', &mut line).unwrap_or(0) > 0 {
                        written.lock().unwrap().extend_from_slice(&line);
                        // Nobody may be waiting for lines any more.
                        let _ = send.send(String::from_utf8_lossy(&line).into_owned());
                        line.clear();
                    }
                })
            })
            .collect();
        Self {
            child,
            lines,
            written,
            readers,
        }
    }

    /// The first line from now on that holds `text`.
    pub fn line_with(&self, text: &str) -> String {
        let limit = Instant::now() + PATIENCE;
        loop {
            let left = limit.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(error) => panic!("no line with {text:?} ({error}):\n{}", self.written()),
            }
        }
    }

    /// The address in the first line that holds `text`, behind `address=`.
    pub fn address(&self, text: &str) -> SocketAddr {
        let line = self.line_with(text);
        // Behind `address=`, or `"address":"` where the log is JSON.
        let (_, behind) = line.split_once("address").unwrap();
        let address = behind
            .trim_start_matches(['=', '"', ':'])
            .split([' ', '"', '\n'])
            .next();
        address
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("{line}"))
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it ends; what it has written to both streams.
    pub fn end(mut self) -> (ExitStatus, String) {
        let status = eventually("the process ends", || self.child.try_wait().unwrap());
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        (status, self.written())
    }

    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().unwrap()).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tries until there is a result: what happens in other processes can only be looked at.
pub fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + PATIENCE;
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(Instant::now() < limit, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A folder that ends with the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// The exporter's program.
pub fn density_exporter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_density-exporter"));
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env_remove(variable);
    }
    command
}

/// An exporter that serves, and where.
pub struct Exporter {
    pub process: Running,
    pub url: String,
    _folder: Folder,
}

impl Exporter {
    /// An exporter of the simulated API at `api`, with OAuth; `more` is added to its configuration.
    pub fn of(api: SocketAddr, more: &str, flags: &[&str]) -> Self {
        Self::at("127.0.0.1:0", api, more, flags)
    }

    /// The same, listening at `address`.
    pub fn at(address: &str, api: SocketAddr, more: &str, flags: &[&str]) -> Self {
        let folder = Folder::new();
        let config = folder.write(
            "density.yml",
            &format!(
                "organizations:\n  - name: acme\n    api_url: http://{api}\n    auth: {{ client_id: simulated-client, client_secret_env: SECRET }}\n{more}\n"
            ),
        );
        let process = Running::start(
            density_exporter()
                .env("SECRET", "simulated-secret")
                .arg(format!("--config.file={}", config.display()))
                .arg(format!("--web.listen-address={address}"))
                .args(flags),
        );
        let url = format!("http://{}", process.address("serving"));
        Self {
            process,
            url,
            _folder: folder,
        }
    }

    /// Its host and port.
    pub fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }

    /// The page, as curl gets it.
    pub fn metrics(&self) -> String {
        curl(&[&format!("{}/metrics", self.url)])
    }
}

/// What curl prints for a request that succeeds.
pub fn curl(arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--fail",
            "--globoff",
            "--noproxy",
            "*",
        ])
        .args(arguments)
        .output()
        .expect("curl is installed");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `command` with `input`.
pub fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that stops reading has its reasons, which its output tells.
    let _ = writer.join().unwrap();
    output
}

/// Asserts that Prometheus' own linter has nothing to say.
pub fn promtool_is_content(page: &str) {
    let output = feed(
        Command::new("promtool").args(["check", "metrics"]),
        page.as_bytes(),
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

/// A simulated API on a socket of its own, in this process.
pub struct Api {
    pub simulator: Arc<Simulator>,
    pub address: SocketAddr,
    runtime: tokio::runtime::Runtime,
}

impl Api {
    pub fn start(options: Options) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), options)
    }

    pub fn start_at(address: SocketAddr, options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let simulator = Simulator::new(options, SystemClock::shared());
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(address))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(simulator.clone().serve(listener, std::future::pending()));
        Self {
            simulator,
            address,
            runtime,
        }
    }

    pub fn stop(self) {
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }
}

/// A portfolio in which nothing happens by itself.
pub fn steady() -> Options {
    Options {
        steady: true,
        ..Options::default()
    }
}
