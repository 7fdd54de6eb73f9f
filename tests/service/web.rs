//! An exporter with a web configuration, and clients of it.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::certificates::Authority;
use crate::process::{Api, Exporter, Folder, steady};

/// bcrypt of `secret`, at the lowest cost.
pub const HASH: &str = "$2y$04$....................../dCAsp4PpJoDgv6BeaLP6BKrXlBV1oi";

/// A folder with the certificates of a server and of clients, and where web configurations are written.
pub struct Certificates {
    pub folder: Folder,
}

impl Certificates {
    pub fn new() -> Self {
        const HERE: &str = "DNS:localhost,IP:127.0.0.1";
        let folder = Folder::new();
        let authority = Authority::new(folder.path(), "authority");
        authority.issue("server", HERE);
        authority.issue_expired("old-server", HERE);
        authority.issue("client", "DNS:prometheus.example");
        authority.issue_expired("old-client", "DNS:prometheus.example");
        let stranger = Authority::new(folder.path(), "stranger");
        stranger.issue("other-client", "DNS:prometheus.example");
        stranger.issue("other-server", HERE);
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Arguments for curl to trust the authority of the server.
    pub fn trust(&self) -> Vec<String> {
        let authority = self.path("authority.pem");
        vec!["--cacert".to_owned(), authority.display().to_string()]
    }

    /// The same, showing a certificate.
    pub fn show(&self, name: &str) -> Vec<String> {
        let mut arguments = self.trust();
        for (flag, suffix) in [("--cert", "pem"), ("--key", "key")] {
            let path = self.path(&format!("{name}.{suffix}"));
            arguments.extend([flag.to_owned(), path.display().to_string()]);
        }
        arguments
    }

    /// An exporter with that web configuration.
    pub fn serve(&self, text: &str) -> Web {
        self.serve_with(text, &[])
    }

    pub fn serve_with(&self, text: &str, flags: &[&str]) -> Web {
        let file = self.folder.write("web.yml", text);
        let api = Api::start(steady());
        let flag = format!("--web.config.file={}", file.display());
        let flags = [&[flag.as_str()], flags].concat();
        let exporter = Exporter::of(api.address, "", &flags);
        Web { exporter, api }
    }
}

/// Lines of `tls_server_config`, with `more` of them.
pub fn tls(more: &str) -> String {
    format!("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n{more}")
}

/// An exporter with a web configuration.
pub struct Web {
    pub exporter: Exporter,
    pub api: Api,
}

impl Web {
    pub fn https(&self, path: &str) -> String {
        format!("https://{}{path}", self.exporter.address())
    }

    pub fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.exporter.address())
    }

    pub fn port(&self) -> String {
        let address = self.exporter.address();
        address.rsplit_once(':').unwrap().1.to_owned()
    }
}

/// What curl got.
#[derive(Debug)]
pub struct Got {
    /// Its exit status, such as 60 for a certificate that it does not trust.
    pub exit: i32,
    /// None when there was no answer.
    pub status: Option<u16>,
    /// With the head before it.
    pub text: String,
    /// `1.1` or `2`.
    pub version: String,
}

pub fn get(arguments: &[impl AsRef<str>], url: &str) -> Got {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--globoff", "--noproxy", "*"])
        .args(["--include", "--write-out", "\n%{http_code} %{http_version}"])
        .args(arguments.iter().map(AsRef::as_ref))
        .arg(url)
        .output()
        .expect("curl is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (text, numbers) = text.rsplit_once('\n').unwrap();
    let (status, version) = numbers.split_once(' ').unwrap();
    Got {
        exit: output.status.code().unwrap(),
        status: status.parse().ok().filter(|it| *it > 0),
        text: text.to_owned(),
        version: version.to_owned(),
    }
}

/// What openssl's client says of a handshake; none when it fails.
pub fn s_client(port: &str, arguments: &str) -> Option<String> {
    let Output { status, stdout, .. } = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
        .args(arguments.split_whitespace())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl is installed");
    let text = String::from_utf8_lossy(&stdout).into_owned();
    status.success().then_some(text)
}
