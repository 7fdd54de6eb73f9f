//! From the file to what it means, or to what is wrong with it.

use std::path::Path;

use crate::config::Errors;
use crate::yaml::document;
use crate::yaml::error::Diagnostics;
use crate::yaml::file::{LARGEST_FILE, text_of};
use crate::yaml::scalar::boolean;
use crate::yaml::section::Section;

use super::sources::Sources;
use super::{WebConfig, headers, rate, raw, tls, users};

/// Reads the file at `path` and the files that it names, and returns which they were. Relative paths in it
/// are relative to its directory.
///
/// A file that configures nothing means plain HTTP for everyone, as it does for other exporters.
pub(super) fn read(path: &Path) -> (Result<WebConfig, Errors>, Sources) {
    let mut sources = Sources::default();
    let config = read_noting(path, &mut sources);
    (config, sources)
}

fn read_noting(path: &Path, sources: &mut Sources) -> Result<WebConfig, Errors> {
    let name = path.display().to_string();
    let text = text_of(&name, sources.read(path, LARGEST_FILE as u64))?;
    // Hashes and keys may stand in this file, so no message says to put them elsewhere.
    let document = document::read::<raw::File>(&name, &text, None)?;
    let file = document.value.unwrap_or_default();
    let mut diagnostics = Diagnostics::of(&name);
    let mut root = Section::root(document.position, &mut diagnostics);
    let (mut section, http) = root.section("http_server_config", &file.http_server_config);
    let http2 = section.value("http2", &http.http2, boolean).unwrap_or(true);
    let (section, headers) = section.section("headers", &http.headers);
    let headers = headers::check(headers, section);
    let (section, users) = root.section("basic_auth_users", &file.basic_auth_users);
    let users = users::check(users, section);
    let (section, rate) = root.section("rate_limit", &file.rate_limit);
    let rate = rate::check(rate, section);
    let directory = path.parent().unwrap_or(Path::new(""));
    let (section, tls) = root.section("tls_server_config", &file.tls_server_config);
    let tls = tls::check(tls, section, http2, directory, sources);
    diagnostics.result(WebConfig {
        tls,
        headers,
        users,
        rate,
    })
}
