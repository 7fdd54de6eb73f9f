//! The web configuration's `rate_limit`, for all clients together.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::access::Access;

/// 429 above the rate.
pub(in crate::http) async fn limit_rate(
    State(access): State<Access>,
    request: Request,
    next: Next,
) -> Response {
    let rate = access.web.now().await.rate;
    if rate.is_none_or(|it| access.bucket.take(it, access.clock.now())) {
        return next.run(request).await;
    }
    let words = "asked too often; see rate_limit\n";
    (StatusCode::TOO_MANY_REQUESTS, words).into_response()
}
