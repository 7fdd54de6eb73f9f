//! How the page looks, and the policy that lets it look so and allows nothing else.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ring::digest::{SHA256, digest};

/// The content of the page's one `<style>`.
pub(super) const STYLE: &str = include_str!("templates/style.css");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // It is ASCII; if it were not, nothing at all would be allowed.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The value of `Content-Security-Policy`: this style, and nothing else from anywhere.
pub(super) fn policy() -> HeaderValue {
    POLICY.clone()
}
