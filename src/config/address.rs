//! The URLs of the configuration: the API's and the proxy's.
//!
//! A message never repeats a URL, not even in part: a password may stand in it.

use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::{Host, Url};

use crate::yaml::file::read_at_most;

/// Where Density's API is, unless configured otherwise.
pub(super) const DEFAULT_API_URL: &str = "https://api.density.io";

/// Checks the URL of an API: what is wrong with it and what to do, or the URL. `instead_of_https` is what else
/// one could do where a token would travel unencrypted; with none, it may.
pub(super) fn api_url(text: &str, instead_of_https: Option<&str>) -> Result<Url, String> {
    let url = parse(text, "https://api.density.io")?;
    let path = url.path().trim_end_matches('/');
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or fragment; write scheme, host and port only".to_owned());
    }
    if path.ends_with("/v3") {
        return Err("ends with /v3, which the exporter adds itself; leave it out".to_owned());
    }
    match instead_of_https {
        Some(instead) if url.scheme() == "http" && !is_loopback(&url) => Err(format!(
            "plain http would show the token to the network; write https, or {instead}"
        )),
        _ => Ok(url),
    }
}

/// Checks the URL of a proxy: what is wrong with it and what to do, or the URL.
pub(super) fn proxy_url(text: &str) -> Result<Url, String> {
    let url = parse(text, "http://proxy.example:3128")?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("has more than scheme, host and port; write those alone".to_owned());
    }
    Ok(url)
}

fn parse(text: &str, example: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim())
        .map_err(|error| format!("is not a URL ({error}); write one such as {example}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "has a user name or password in it; remove it, as secrets come from files or the \
             environment"
                .to_owned(),
        );
    }
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!(
            "is not an http or https URL; write one such as {example}"
        ));
    }
    Ok(url)
}

/// Whether the URL's host is this machine, whatever a name server says.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Checks a file of certificate authorities: what is wrong with it and what to do, or its path.
pub(super) fn ca_file(path: PathBuf) -> Result<PathBuf, String> {
    let bytes = read_at_most(&path, 16 << 20).map_err(|error| {
        format!(
            "can't read {}: {error}; check that it exists and that the exporter may read it",
            path.display()
        )
    })?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match certificates {
        Ok(found) if !found.is_empty() => Ok(path),
        _ => Err(format!(
            "{} holds no certificate; give a PEM file with BEGIN CERTIFICATE lines",
            path.display()
        )),
    }
}
