//! Certificates and keys, which stand in the file itself or in a file that it names.
//!
//! No message holds anything of a key.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::yaml::node::Position;
use crate::yaml::scalar::{Value, text};
use crate::yaml::section::Section;

use super::sources::Sources;

/// More than any bundle of authorities, in bytes.
const LARGEST_PEM: u64 = 16 << 20;

/// What was read, and the key that it came from.
pub(super) struct Pem<T> {
    pub(super) key: String,
    pub(super) position: Option<Position>,
    pub(super) contents: T,
}

/// Reads what the keys of a section name.
pub(super) struct Files<'a, 'd> {
    pub(super) section: &'a mut Section<'d>,
    pub(super) directory: &'a Path,
    pub(super) sources: &'a mut Sources,
}

impl Files<'_, '_> {
    /// What `meaning` makes of the text behind `key` or of the file behind `key` with `_file`, where one of them
    /// is given and good.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        inline: &Value<String>,
        file: &Value<String>,
        meaning: impl Fn(&[u8]) -> Result<T, &'static str>,
    ) -> Option<Pem<T>> {
        let file_key = format!("{key}_file");
        if inline.is_given() && file.is_given() {
            let message = format!("is given beside {file_key}; keep one of them");
            self.section.refuse(key, inline.position, message);
            return None;
        }
        let in_file = self.section.value(&file_key, file, |it| {
            let path = self.directory.join(text(it)?);
            let read = self.sources.read(&path, LARGEST_PEM).map_err(|error| {
                let path = path.display();
                format!("can't read {path}: {error}; check that it exists and that the exporter may read it")
            });
            Ok(meaning(&read?)?)
        });
        let here = |it| Ok(meaning(text(it)?.as_bytes())?);
        let contents = in_file.or_else(|| self.section.value(key, inline, here))?;
        let (key, position) = match file.is_given() {
            true => (file_key, file.position),
            false => (key.to_owned(), inline.position),
        };
        Some(Pem {
            key,
            position,
            contents,
        })
    }
}

/// One certificate or more.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found
        .ok()
        .filter(|it| !it.is_empty())
        .ok_or("holds no certificate; give PEM with BEGIN CERTIFICATE lines")
}

/// A key that is not encrypted.
pub(super) fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, &'static str> {
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|_| "holds no private key; give PEM with BEGIN PRIVATE KEY lines, not encrypted")
}
