//! Successful responses: JSON that is written entry by entry, and how a layer may wrap it.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::{Serialize, Serializer};

use super::api_error::ApiError;

/// What the JSON of a response is, which decides how it may be wrapped. An extension of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A list or a map that the reference shows bare.
    Bare,
    /// A list that the reference shows under `data`.
    UnderData,
    /// An object of its own, which is never wrapped.
    Single,
}

/// A 200 with JSON.
#[derive(Debug)]
pub(crate) struct JsonResponse {
    shape: Shape,
    json: Vec<u8>,
}

impl JsonResponse {
    /// An object of its own.
    pub(crate) fn single(value: &impl Serialize) -> Result<Self, ApiError> {
        let json = serde_json::to_vec(value)?;
        let shape = Shape::Single;
        Ok(Self { shape, json })
    }

    /// A list.
    pub(crate) fn list<T: Serialize>(
        shape: Shape,
        entries: impl Iterator<Item = T>,
    ) -> Result<Self, ApiError> {
        let mut json = Vec::new();
        serde_json::Serializer::new(&mut json).collect_seq(entries)?;
        Ok(Self { shape, json })
    }

    /// A map.
    pub(crate) fn map<K: Serialize, V: Serialize>(
        entries: impl Iterator<Item = (K, V)>,
    ) -> Result<Self, ApiError> {
        let mut json = Vec::new();
        serde_json::Serializer::new(&mut json).collect_map(entries)?;
        let shape = Shape::Bare;
        Ok(Self { shape, json })
    }
}

impl IntoResponse for JsonResponse {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.json.into());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response.extensions_mut().insert(self.shape);
        response
    }
}

/// The response with another body, made from the one that it has. That one must be whole in memory, so that
/// this neither waits nor copies.
pub(crate) async fn map_body(response: Response, map: impl FnOnce(Bytes) -> Body) -> Response {
    let (mut head, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(body) => {
            head.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(head, map(body))
        }
        Err(error) => {
            let message = format!("unexpected error: {error}");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}
