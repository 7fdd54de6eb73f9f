//! Lets in the users of the web configuration. Client certificates are checked before, in the TLS
//! handshake: whoever has none that is accepted sends no request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;

use crate::http::passwords::{Credentials, Verdict};

use super::access::Access;

/// 401 for everyone else.
pub(in crate::http) async fn authenticate(
    State(access): State<Access>,
    request: Request,
    next: Next,
) -> Response {
    let web = access.web.now().await;
    if web.users.is_empty() {
        return next.run(request).await;
    }
    let verdict = match Credentials::of(request.headers()) {
        Some(given) => access.passwords.check(&web.users, given).await,
        None => Verdict::Rejected,
    };
    match verdict {
        Verdict::Accepted => next.run(request).await,
        Verdict::Rejected => {
            let realm = [(WWW_AUTHENTICATE, "Basic realm=\"density-exporter\"")];
            let words = "a user and password are needed\n";
            (StatusCode::UNAUTHORIZED, realm, words).into_response()
        }
        Verdict::Busy => {
            let words = "too many passwords are being checked\n";
            (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
        }
    }
}
