//! `POST /v3/oauth/token`: OAuth tokens for the client's id and secret.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{InvalidJson, Json};
use crate::simulator::options::ExpiresIn;
use crate::simulator::response::JsonResponse;
use crate::simulator::state::Simulator;

#[derive(Deserialize)]
pub(in crate::simulator) struct TokenRequest {
    client_id: String,
    client_secret: String,
    grant_type: String,
}

#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    expires_in: Seconds,
    token_type: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Seconds {
    Text(String),
    Number(u64),
}

pub(in crate::simulator) async fn issue(
    State(simulator): State<Arc<Simulator>>,
    body: Result<Json<TokenRequest>, InvalidJson>,
) -> Result<JsonResponse, ApiError> {
    // Without serde's message, which may quote the secret.
    let Ok(Json(request)) = body else {
        return Err(ApiError::bad_request("request data was missing or invalid"));
    };
    if request.grant_type != "client_credentials" {
        return Err(ApiError::bad_request(
            "grant_type must be client_credentials",
        ));
    }
    let access = &simulator.options.access;
    let known = access.client.as_ref().is_some_and(|client| {
        client.id == request.client_id && client.secret.expose_secret() == request.client_secret
    });
    if !known {
        let message = "unable to authorize client";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, message));
    }
    let (seed, now) = (simulator.options.seed, simulator.clock.now());
    let access_token = simulator.traffic().tokens.issue(access, seed, now);
    let seconds = access.token_lifetime.as_secs();
    JsonResponse::single(&TokenResponse {
        access_token,
        expires_in: match access.expires_in {
            ExpiresIn::Text => Seconds::Text(seconds.to_string()),
            ExpiresIn::Number => Seconds::Number(seconds),
        },
        token_type: "Bearer",
    })
}
