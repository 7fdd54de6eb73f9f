//! `Accept-Encoding`, for pages that are kept compressed.
//!
//! tower-http's compression would compress every response again; here the handler is told which form of
//! the page to send.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HeaderValue, VARY};

use crate::http::content_encoding::ContentEncoding;

/// Gives the handler a [`ContentEncoding`] as an extension of the request.
pub(in crate::http) async fn negotiate_encoding(mut request: Request, next: Next) -> Response {
    let encoding = ContentEncoding::accepted_by(request.headers());
    request.extensions_mut().insert(encoding);
    let mut response = next.run(request).await;
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().insert(VARY, vary);
    response
}
