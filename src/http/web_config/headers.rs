//! `http_server_config.headers`: the few that may be set, as other exporters have them.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
};

use crate::config::error::{Problems, shown};
use crate::config::field::Field;
use crate::config::tree::Value;

pub(super) type Headers = Vec<(HeaderName, HeaderValue)>;

const NAMES: [&str; 5] = [
    "Content-Security-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "X-XSS-Protection",
    "Strict-Transport-Security",
];

/// Each header, and the values that it may have where not every text is one.
const HEADERS: [(HeaderName, &[&str]); 5] = [
    (CONTENT_SECURITY_POLICY, &[]),
    (X_FRAME_OPTIONS, &["deny", "sameorigin"]),
    (X_CONTENT_TYPE_OPTIONS, &["nosniff"]),
    (X_XSS_PROTECTION, &[]),
    (STRICT_TRANSPORT_SECURITY, &[]),
];

/// Reads the headers; one with a blank value is not set.
pub(super) fn read(field: &Field<'_>, problems: &mut Problems) -> Headers {
    let Some(section) = field.section(&NAMES, problems) else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (key, (name, values)) in NAMES.into_iter().zip(HEADERS) {
        let Some(field) = section.field(key) else {
            continue;
        };
        let text = match &field.node.value {
            Value::Null => continue,
            // `X-XSS-Protection: 0` is what people write.
            Value::Text(text) | Value::Number(text) => text.as_str(),
            _ => {
                let _ = field.text(problems);
                continue;
            }
        };
        if text.trim().is_empty() {
            continue;
        }
        if !values.is_empty() && !values.contains(&text) {
            let values = values.join(" or ");
            field.refuse(
                problems,
                format!("{} can't be used; write {values}", shown(text)),
            );
            continue;
        }
        match HeaderValue::from_str(text) {
            Ok(value) if text.is_ascii() => headers.push((name, value)),
            _ => field.refuse(
                problems,
                "has characters that a header can't carry; write one line of ASCII",
            ),
        }
    }
    headers
}
