//! A file's text.

use std::io::Read;
use std::path::Path;

use super::error::Errors;

/// The largest file that is read, in bytes.
pub(crate) const LARGEST_FILE: usize = 1 << 20;

/// Reads a file, but never more than `most` bytes and one: it may be a device without end.
pub(crate) fn read_at_most(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a configuration file of that name of which `read` was read, at most one byte more than
/// [`LARGEST_FILE`].
///
/// # Errors
/// When it can't be read, is too large or is no text.
pub(crate) fn text_of(name: &str, read: std::io::Result<Vec<u8>>) -> Result<String, Errors> {
    let bytes = read.map_err(|error| {
        let message = format!("can't be read: {error}; check the path and its permissions");
        Errors::one(name, None, message)
    })?;
    // A file that was cut off may end within a character.
    if bytes.len() > LARGEST_FILE {
        return Err(too_large(name));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let valid = error.as_bytes().get(..valid).unwrap_or_default();
        let lines = valid.iter().filter(|it| **it == b'\n').count();
        let message = "not UTF-8 text; save the file as UTF-8";
        Errors::one(name, Some(lines.saturating_add(1)), message)
    })
}

/// That the file is larger than [`LARGEST_FILE`].
pub(super) fn too_large(name: &str) -> Errors {
    let message = format!("larger than {LARGEST_FILE} bytes; make it smaller");
    Errors::one(name, None, message)
}
