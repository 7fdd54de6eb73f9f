//! From the file's text to what it means, or to everything that is wrong with it.

use std::path::Path;

use crate::config::Errors;
use crate::config::error::Problems;
use crate::config::field::Field;
use crate::config::file::{LARGEST_FILE, one_error, text_of};
use crate::config::section::Section;
use crate::config::tree::{self, Value};

use super::seen::Seen;
use super::{WebConfig, headers, rate, tls, users};

const KEYS: [&str; 4] = [
    "tls_server_config",
    "http_server_config",
    "basic_auth_users",
    "rate_limit",
];

const HTTP_KEYS: [&str; 2] = ["http2", "headers"];

/// Reads the file at `path` and the files that it names, and tells which they were. Relative paths in it
/// are relative to its directory.
///
/// A file that configures nothing means plain HTTP for everyone, as it does for other exporters.
pub(super) fn read(path: &Path) -> (Result<WebConfig, Errors>, Seen) {
    let mut seen = Seen::default();
    let config = read_noting(path, &mut seen);
    (config, seen)
}

fn read_noting(path: &Path, seen: &mut Seen) -> Result<WebConfig, Errors> {
    let name = path.display().to_string();
    let text = text_of(&name, seen.read(path, LARGEST_FILE as u64))?;
    let mut problems = Problems::of_file_with_secrets(&name);
    let root = match tree::parse(&text) {
        Ok(root) => root,
        Err(error) => return Err(one_error(&name, Some(error.position.line), error.message)),
    };
    let Some(root) = root.filter(|it| !matches!(it.value, Value::Null)) else {
        return Ok(WebConfig::default());
    };
    let Some(root) = Section::open(&root, "", &KEYS, &mut problems) else {
        return Err(problems.into_errors());
    };
    let directory = path.parent().unwrap_or(Path::new(""));
    let (http2, headers) = match root.field("http_server_config") {
        Some(field) => http(&field, &mut problems),
        None => (true, Vec::new()),
    };
    let field = |key| root.field(key);
    let config = WebConfig {
        tls: field("tls_server_config")
            .and_then(|it| tls::read(&it, http2, directory, seen, &mut problems)),
        headers,
        users: field("basic_auth_users")
            .map(|it| users::read(&it, &mut problems))
            .unwrap_or_default(),
        rate: field("rate_limit").and_then(|it| rate::read(&it, &mut problems)),
    };
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems.into_errors())
    }
}

/// Whether HTTP/2 is offered, and the headers of every answer.
fn http(field: &Field<'_>, problems: &mut Problems) -> (bool, headers::Headers) {
    let Some(section) = field.section(&HTTP_KEYS, problems) else {
        return (true, Vec::new());
    };
    let http2 = section.field("http2").and_then(|it| it.boolean(problems));
    let headers = section.field("headers");
    (
        http2.unwrap_or(true),
        headers
            .map(|it| headers::read(&it, problems))
            .unwrap_or_default(),
    )
}
