//! Control requests for which there is no handler.

use http::StatusCode;

/// No such path.
pub(in crate::simulator) async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "GET /simulator says what there is\n")
}

/// A method that the path does not have.
pub(in crate::simulator) async fn method_not_allowed() -> (StatusCode, &'static str) {
    let message = "GET /simulator says which methods there are\n";
    (StatusCode::METHOD_NOT_ALLOWED, message)
}
