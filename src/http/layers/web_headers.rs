//! The headers that the web configuration adds to every response, such as `Strict-Transport-Security`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::access::Access;

/// A header of the handler's own with the same name is replaced.
pub(in crate::http) async fn add_web_headers(
    State(access): State<Access>,
    request: Request,
    next: Next,
) -> Response {
    // Those that were configured when the request came.
    let web = access.web.now().await;
    let mut response = next.run(request).await;
    for (name, value) in &web.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}
