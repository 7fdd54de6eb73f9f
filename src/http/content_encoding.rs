//! Which form of a page a client accepts.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// How a response is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentEncoding {
    Gzip,
    Identity,
}

impl ContentEncoding {
    /// Gzip where `Accept-Encoding` allows it and does not prefer the identity.
    pub(super) fn accepted_by(headers: &HeaderMap) -> Self {
        let mut gzip = None;
        let mut any = None;
        let mut identity = None;
        for value in headers.get_all(ACCEPT_ENCODING) {
            for coding in value.to_str().unwrap_or_default().split(',') {
                let mut parts = coding.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                let quality = parts.find_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")));
                // A quality that can't be read counts as 0.
                let quality = quality.map_or(1.0, |it| it.trim().parse::<f32>().unwrap_or(0.0));
                match name.to_ascii_lowercase().as_str() {
                    "gzip" | "x-gzip" => gzip = Some(quality),
                    "identity" => identity = Some(quality),
                    "*" => any = Some(quality),
                    _ => {}
                }
            }
        }
        let gzip = gzip.or(any).unwrap_or(0.0);
        if gzip > 0.0 && gzip >= identity.unwrap_or(0.0) {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContentEncoding::{Gzip, Identity};
    use super::*;

    #[test]
    fn qualities_and_the_star_are_understood() {
        let cases = [
            ("gzip", Gzip),
            ("GZip", Gzip),
            ("deflate, gzip;q=1.0, *;q=0.5", Gzip),
            ("gzip;q=0.5, identity;q=0.4", Gzip),
            ("gzip;q=0.4, identity", Identity),
            ("gzip;q=0", Identity),
            ("gzip; q=0.000", Identity),
            ("gzip;q=high", Identity),
            ("*", Gzip),
            ("*;q=0", Identity),
            ("identity", Identity),
            ("br, zstd", Identity),
            ("", Identity),
            (",;;,=", Identity),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, text.parse().unwrap())]);
            assert_eq!(ContentEncoding::accepted_by(&headers), expected, "{text:?}");
        }
        let none = HeaderMap::new();
        assert_eq!(ContentEncoding::accepted_by(&none), Identity);
    }
}
