//! The subject alternative names of a certificate, of which one must be allowed.
//!
//! The TLS library verifies certificates and compares host names; that a name is exactly one of a list,
//! e-mail addresses and URIs included, is not in it. So the few levels of DER that lead to the names are
//! read here. Whatever is not as it should be has no names.

use std::net::IpAddr;

#[cfg(test)]
mod tests;

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
/// `[3]` of the certificate's body.
const EXTENSIONS: u8 = 0xa3;
/// 2.5.29.17
const SUBJECT_ALTERNATIVE_NAME: [u8; 3] = [0x55, 0x1d, 0x11];
const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const URI: u8 = 0x86;
const IP_ADDRESS: u8 = 0x87;

/// Whether one of the certificate's names is exactly one of `allowed`.
pub(in crate::http) fn has_one_of(certificate: &[u8], allowed: &[String]) -> bool {
    let Some(names) = names(certificate) else {
        return false;
    };
    Elements(names).any(|(tag, name)| match tag {
        EMAIL | DNS | URI => allowed.iter().any(|it| it.as_bytes() == name),
        IP_ADDRESS => {
            let address = ip_address(name);
            address.is_some() && allowed.iter().any(|it| it.parse().ok() == address)
        }
        _ => false,
    })
}

fn ip_address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

/// What stands in the list of names.
fn names(certificate: &[u8]) -> Option<&[u8]> {
    let whole = inside(certificate, SEQUENCE)?;
    let body = inside(whole, SEQUENCE)?;
    let extensions = Elements(body).find(|(tag, _)| *tag == EXTENSIONS)?.1;
    let found = Elements(inside(extensions, SEQUENCE)?).find_map(|(_, extension)| {
        let is_it =
            Elements(extension).next() == Some((OBJECT_IDENTIFIER, &SUBJECT_ALTERNATIVE_NAME));
        is_it.then_some(extension)
    })?;
    // Between the two may stand whether it is critical.
    let value = Elements(found).find(|(tag, _)| *tag == OCTET_STRING)?.1;
    inside(value, SEQUENCE)
}

/// The contents of the first element, when it has that tag.
fn inside(der: &[u8], expected: u8) -> Option<&[u8]> {
    let (tag, contents) = Elements(der).next()?;
    (tag == expected).then_some(contents)
}

/// Elements one after the other, each a tag and its contents, as far as they can be read.
struct Elements<'a>(&'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "It is known to be 0x80 at the least."
    )]
    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            // The length of the length: certificates have less than 16 MiB.
            let bytes = rest.get(..length - 0x80).filter(|it| it.len() <= 3)?;
            rest = rest.get(bytes.len()..)?;
            length = bytes
                .iter()
                .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        }
        let contents = rest.get(..length)?;
        self.0 = rest.get(length..)?;
        Some((*tag, contents))
    }
}
