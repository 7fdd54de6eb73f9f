//! Who sent a request, by its `Authorization` header.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};

use crate::simulator::api_error::ApiError;
use crate::simulator::state::Simulator;
use crate::simulator::tokens::{Credentials, TokenError};

/// A caller with a token that is accepted.
#[derive(Debug)]
pub(crate) struct Caller(Credentials);

/// A caller with an OAuth token that is accepted.
#[derive(Debug)]
pub(crate) struct OAuthCaller;

/// Identifies the token of a request with these headers.
pub(crate) fn identify(
    headers: &HeaderMap,
    simulator: &Simulator,
) -> Result<Credentials, TokenError> {
    let header = headers.get(header::AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok());
    let now = simulator.clock.now();
    let traffic = simulator.traffic();
    traffic
        .tokens
        .identify(header, &simulator.options.access, now)
}

impl FromRequestParts<Arc<Simulator>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Arc<Simulator>,
    ) -> Result<Self, ApiError> {
        match identify(&parts.headers, simulator) {
            Ok(credentials) => Ok(Self(credentials)),
            Err(TokenError::Missing) => Err(ApiError::forbidden()),
            Err(TokenError::Invalid) => {
                let message = "unable to authorize the given bearer token";
                Err(ApiError::new(StatusCode::UNAUTHORIZED, message))
            }
        }
    }
}

impl FromRequestParts<Arc<Simulator>> for OAuthCaller {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Arc<Simulator>,
    ) -> Result<Self, ApiError> {
        let Caller(credentials) = Caller::from_request_parts(parts, simulator).await?;
        match credentials {
            Credentials::OAuth(_) => Ok(Self),
            Credentials::Static => Err(ApiError::forbidden()),
        }
    }
}
