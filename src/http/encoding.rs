//! `Accept-Encoding`: whether an answer may be compressed.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// Whether the client takes gzip, and would not rather have none.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut gzip = None;
    let mut any = None;
    let mut identity = None;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for coding in value.to_str().unwrap_or_default().split(',') {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let quality = parts.find_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")));
            // A quality that can't be read is no quality at all.
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
    gzip > 0.0 && gzip >= identity.unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualities_and_the_star_are_understood() {
        let cases = [
            ("gzip", true),
            ("GZip", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("gzip;q=0.5, identity;q=0.4", true),
            ("gzip;q=0.4, identity", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=high", false),
            ("*", true),
            ("*;q=0", false),
            ("identity", false),
            ("br, zstd", false),
            ("", false),
            (",;;,=", false),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, text.parse().unwrap())]);
            assert_eq!(accepts_gzip(&headers), expected, "{text:?}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
