//! Headers of clients and of the API, and files of the web configuration.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use crate::{density, http};

use super::input::pieces;

/// A query, a time limit, a name with a password, and encodings, a line each.
pub(super) fn request(data: &[u8]) {
    let mut lines = data.split(|it| *it == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (query, timeout, authorization) = (line(), line(), line());
    let encodings: Vec<&[u8]> = lines.take(8).collect();
    http::fuzzing::request(query, &encodings, timeout, authorization);
}

/// The seconds of the wall clock, on a line of their own, and the header.
pub(super) fn retry_after(data: &[u8]) {
    let end = data.iter().position(|it| *it == b'\n').unwrap_or(0);
    let (seconds, header) = data.split_at(end);
    let seconds = std::str::from_utf8(seconds)
        .ok()
        .and_then(|it| it.parse().ok());
    let since = Duration::from_secs(seconds.unwrap_or(784_111_777));
    let wall = SystemTime::UNIX_EPOCH.checked_add(since);
    let header = header.strip_prefix(b"\n").unwrap_or(header);
    density::fuzzing::pause_after(header, wall.unwrap_or(SystemTime::UNIX_EPOCH));
}

pub(super) fn frames(data: &[u8]) {
    http::fuzzing::frames(&pieces(data));
}

pub(super) fn certificate_names(data: &[u8]) {
    http::fuzzing::certificate_names(data);
}

/// The file alone in a folder: other files that it names do not exist, but it may contain a certificate.
pub(super) fn web_config(data: &[u8]) {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();

    let folder = FOLDER.get_or_init(temporary_folder);
    std::fs::create_dir_all(folder).expect("a folder for temporary files");
    let file = folder.join("web.yml");
    std::fs::write(&file, data).expect("a file can be written");
    http::fuzzing::web_config(&file);
}

/// Where this process may write.
pub(super) fn temporary_folder() -> PathBuf {
    let name = format!("density-exporter-fuzzing-{}", std::process::id());
    std::env::temp_dir().join(name)
}
