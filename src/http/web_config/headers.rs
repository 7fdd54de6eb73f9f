//! `http_server_config.headers`: the few that may be set, as other exporters have them.

use http::header::{HeaderName, HeaderValue};

use crate::yaml::error::quoted;
use crate::yaml::scalar::{Scalar, text};
use crate::yaml::section::Section;

use super::raw;

/// Checks the headers; one with a blank value is not set.
pub(super) fn check(
    raw: &raw::Headers,
    mut section: Section<'_>,
) -> Vec<(HeaderName, HeaderValue)> {
    // Each with the values that it may have, where not every text is one.
    let headers = [
        ("Content-Security-Policy", &raw.csp, &[][..]),
        ("X-Frame-Options", &raw.frames, &["deny", "sameorigin"]),
        ("X-Content-Type-Options", &raw.types, &["nosniff"]),
        ("X-XSS-Protection", &raw.xss, &[]),
        ("Strict-Transport-Security", &raw.hsts, &[]),
    ];
    let check = |(key, node, values)| {
        let value = section.value(key, node, |it| value(it, values))??;
        Some((HeaderName::try_from(key).ok()?, value))
    };
    headers.into_iter().filter_map(check).collect()
}

fn value(scalar: &Scalar, values: &[&str]) -> Result<Option<HeaderValue>, String> {
    let text = match scalar {
        Scalar::Null => return Ok(None),
        // `X-XSS-Protection: 0` is what people write.
        Scalar::Number(text) | Scalar::Text(text) => text.as_str(),
        Scalar::Boolean(_) => text(scalar)?,
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    if !values.is_empty() && !values.contains(&text) {
        let values = values.join(" or ");
        return Err(format!("{} can't be used; write {values}", quoted(text)));
    }
    match HeaderValue::from_str(text) {
        Ok(value) if text.is_ascii() => Ok(Some(value)),
        _ => Err("has characters that a header can't carry; write one line of ASCII".to_owned()),
    }
}
