//! Checks the health of a running exporter.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use url::{Host, Url};

use crate::cli::Healthcheck;
use crate::density::{HttpsTransport, Peer, Transport};

use super::{Failure, serve};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Succeeds when the exporter answers with a success.
pub(super) async fn healthcheck(flags: Healthcheck) -> Result<ExitCode, Failure> {
    let url = match flags.url {
        Some(url) => url,
        None => default_url(flags.web_config_file.as_deref())?,
    };
    let other = |reason: String| Failure::Other(format!("{url} is not healthy: {reason}"));
    let mut identity = Vec::new();
    for file in [flags.client_cert_file, flags.client_key_file] {
        identity.extend(file.map(read).transpose()?.unwrap_or_default());
    }
    let peer = Peer {
        is_trusted: is_this_machine(&url),
        identity: Some(identity).filter(|it| !it.is_empty()),
    };
    let transport = HttpsTransport::to_peer(&peer).map_err(|it| other(it.to_string()))?;
    let request = http::Request::get(url.as_str())
        .body(Bytes::new())
        .map_err(|it| other(it.to_string()))?;
    let answer = tokio::time::timeout(TIMEOUT, transport.send(request))
        .await
        .map_err(|_| other(format!("no answer within {} s", TIMEOUT.as_secs())))?
        .map_err(|it| other(it.to_string()))?;
    if answer.status().is_success() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(other(format!("it answers {}", answer.status())))
    }
}

/// The URL of an exporter that serves with that file and default flags.
fn default_url(file: Option<&Path>) -> Result<Url, Failure> {
    let web = serve::web_config(file)?;
    let scheme = if web.has_tls() { "https" } else { "http" };
    Url::parse(&format!("{scheme}://127.0.0.1:10036/-/healthy"))
        .map_err(|error| Failure::Other(error.to_string()))
}

fn read(path: PathBuf) -> Result<Vec<u8>, Failure> {
    std::fs::read(&path)
        .map_err(|error| Failure::Usage(format!("can't read {}: {error}", path.display())))
}

/// Whether the exporter is on this machine, where its certificate need not be for this name.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
