//! `POST /v3/analytics/ws/…`: where a client asks for the address of a stream. Streams are not simulated.

use http::StatusCode;

use crate::simulator::api_error::ApiError;
use crate::simulator::extract::Caller;

pub(in crate::simulator) async fn open_stream(_: Caller) -> ApiError {
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "streams are not simulated")
}
