//! Standard output.

use std::io::Write;

/// Prints what the user requested. A closed pipe is no error.
pub(super) fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
