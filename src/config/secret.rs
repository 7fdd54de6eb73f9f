//! Where a secret is read from. The secret itself is never part of the configuration.

use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

/// Where a secret is read from. Its `Debug` output names the place, never the secret.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// An environment variable, read when the program started.
    Environment {
        /// The variable's name.
        variable: String,
        /// What it held.
        value: SecretString,
    },
    /// A file, read again at each use, so that a rotated secret is picked up without a reload.
    File(PathBuf),
}

/// The same place, and where that was read at start, the same secret. Only who has configured both can
/// have them compared, so the time that it takes reveals nothing.
impl PartialEq for SecretSource {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (
                SecretSource::Environment { variable, value },
                SecretSource::Environment {
                    variable: other_variable,
                    value: other_value,
                },
            ) => variable == other_variable && value.expose_secret() == other_value.expose_secret(),
            (SecretSource::File(path), SecretSource::File(other)) => path == other,
            _ => false,
        }
    }
}

/// A secret can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The file can't be read.
    #[error(
        "can't read the secret file {path}: {reason}; check that it exists and that the exporter may read it"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// There is nothing in it.
    #[error("the secret from {place} is empty")]
    Empty {
        /// The file or variable.
        place: String,
    },
    /// It has characters that no HTTP header may carry.
    #[error(
        "the secret from {place} has a line break or another character that a header can't carry; it must be one line of visible ASCII"
    )]
    NotOneLine {
        /// The file or variable.
        place: String,
    },
}

impl SecretSource {
    /// Reads the secret: surrounding white space is dropped, for a file's last line break.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let (place, raw) = match self {
            SecretSource::Environment { variable, value } => {
                (format!("the variable {variable}"), value.clone())
            }
            SecretSource::File(path) => {
                let text = read_text(path).map_err(|error| SecretError::Unreadable {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                (path.display().to_string(), SecretString::from(text))
            }
        };
        let secret = raw.expose_secret().trim();
        if secret.is_empty() {
            return Err(SecretError::Empty { place });
        }
        if !secret.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
            return Err(SecretError::NotOneLine { place });
        }
        Ok(SecretString::from(secret))
    }
}

/// Longer than any token, in bytes.
const LONGEST_SECRET: u64 = 64 << 10;

/// Reads a file of text, but refuses one without end, such as a device.
fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(LONGEST_SECRET + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_SECRET {
        return Err(std::io::Error::other("it is too long for a secret"));
    }
    Ok(text)
}
