//! `GET /v3/hello-world`: whether credentials are accepted.

use serde::Serialize;

use crate::simulator::api_error::ApiError;
use crate::simulator::extract::Caller;
use crate::simulator::response::JsonResponse;

#[derive(Serialize)]
struct Hello {
    message: &'static str,
}

pub(in crate::simulator) async fn hello_world(_: Caller) -> Result<JsonResponse, ApiError> {
    let message = "hello world";
    JsonResponse::single(&Hello { message })
}
