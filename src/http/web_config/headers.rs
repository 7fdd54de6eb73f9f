//! `http_server_config.headers`: the few that may be set, as other exporters have them.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
};

use crate::yaml::error::shown;
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
        (
            CONTENT_SECURITY_POLICY,
            "Content-Security-Policy",
            &raw.content_security_policy,
            &[][..],
        ),
        (
            X_FRAME_OPTIONS,
            "X-Frame-Options",
            &raw.x_frame_options,
            &["deny", "sameorigin"],
        ),
        (
            X_CONTENT_TYPE_OPTIONS,
            "X-Content-Type-Options",
            &raw.x_content_type_options,
            &["nosniff"],
        ),
        (
            X_XSS_PROTECTION,
            "X-XSS-Protection",
            &raw.x_xss_protection,
            &[],
        ),
        (
            STRICT_TRANSPORT_SECURITY,
            "Strict-Transport-Security",
            &raw.strict_transport_security,
            &[],
        ),
    ];
    let check = |(name, key, entry, values)| {
        let value = section.value(key, entry, |it| value(it, values))??;
        Some((name, value))
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
        return Err(format!("{} can't be used; write {values}", shown(text)));
    }
    match HeaderValue::from_str(text) {
        Ok(value) if text.is_ascii() => Ok(Some(value)),
        _ => Err("has characters that a header can't carry; write one line of ASCII".to_owned()),
    }
}
