//! Requests for which there is no handler.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::ALLOW;

/// No such path.
pub(super) async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "there is no such page\n")
}

/// A method other than GET and HEAD.
pub(super) async fn only_get() -> Response {
    let allowed = [(ALLOW, "GET, HEAD")];
    (
        StatusCode::METHOD_NOT_ALLOWED,
        allowed,
        "only GET and HEAD\n",
    )
        .into_response()
}

/// A method other than POST.
pub(super) async fn only_post() -> Response {
    let allowed = [(ALLOW, "POST")];
    (StatusCode::METHOD_NOT_ALLOWED, allowed, "only POST\n").into_response()
}
