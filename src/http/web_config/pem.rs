//! Certificates and keys, which stand in the file itself or in a file that it names.
//!
//! No message holds anything of a key.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::yaml::node::{Node, Position};
use crate::yaml::scalar::{Value, text};
use crate::yaml::section::Section;

use super::sources::Sources;

/// More than any bundle of authorities, in bytes.
const LARGEST_PEM: u64 = 16 << 20;

/// What was read, and the key that it came from.
pub(super) struct Pem<T> {
    pub(super) key: &'static str,
    pub(super) position: Option<Position>,
    pub(super) contents: T,
}

/// A key of the file and what stands behind it.
type Named<'a> = (&'static str, &'a Node<Value<String>>);

/// Reads what the keys of a section name.
pub(super) struct Files<'a, 'd> {
    pub(super) section: &'a mut Section<'d>,
    pub(super) directory: &'a Path,
    pub(super) sources: &'a mut Sources,
}

impl Files<'_, '_> {
    /// What `meaning` makes of the text behind the first key or in the file behind the second, where one of them
    /// is given and good.
    pub(super) fn read<T>(
        &mut self,
        (inline_key, inline): Named<'_>,
        (file_key, file): Named<'_>,
        meaning: impl Fn(&[u8]) -> Result<T, &'static str>,
    ) -> Option<Pem<T>> {
        if inline.is_given() && file.is_given() {
            let message = format!("is given beside {file_key}; keep one of them");
            self.section.refuse(inline_key, inline.position, message);
            return None;
        }
        let in_file = |it| {
            let path = self.directory.join(text(it)?);
            let read = self.sources.read(&path, LARGEST_PEM).map_err(|error| {
                let path = path.display();
                format!("can't read {path}: {error}; check that it exists and that the exporter may read it")
            });
            Ok(meaning(&read?)?)
        };
        let (key, node, contents) = match file.is_given() {
            true => (file_key, file, self.section.value(file_key, file, in_file)),
            false => {
                let here = |it| Ok(meaning(text(it)?.as_bytes())?);
                (
                    inline_key,
                    inline,
                    self.section.value(inline_key, inline, here),
                )
            }
        };
        Some(Pem {
            key,
            position: node.position,
            contents: contents?,
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
