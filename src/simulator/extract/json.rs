//! Bodies of requests: JSON, whatever `Content-Type` says.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::simulator::api_error::ApiError;

/// A body that a request must have.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A body that a request may have; without one it is the default.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

/// A body that can't be read as what is expected: 400.
#[derive(Debug)]
pub(crate) struct InvalidJson(String);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = InvalidJson;

    async fn from_request(request: Request, state: &S) -> Result<Self, InvalidJson> {
        parse(&read(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = InvalidJson;

    async fn from_request(request: Request, state: &S) -> Result<Self, InvalidJson> {
        let body = read(request, state).await?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(T::default()));
        }
        parse(&body).map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, InvalidJson> {
    let body = Bytes::from_request(request, state).await;
    body.map_err(|error| InvalidJson(error.to_string()))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, InvalidJson> {
    serde_json::from_slice(body).map_err(|error| InvalidJson(error.to_string()))
}

impl From<InvalidJson> for ApiError {
    fn from(InvalidJson(error): InvalidJson) -> Self {
        Self::bad_request(format!("request data was missing or invalid: {error}"))
    }
}

impl IntoResponse for InvalidJson {
    fn into_response(self) -> Response {
        ApiError::from(self).into_response()
    }
}
