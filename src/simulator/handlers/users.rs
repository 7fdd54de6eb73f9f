//! `/v3/users` and `/v3/users/{id}`: for OAuth clients only.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{InvalidJson, Json, OAuthCaller, Path};
use crate::simulator::response::{JsonResponse, Shape};
use crate::simulator::state::Simulator;
use crate::simulator::users::ROLES;

/// The fields of a user that a request can set; creating one needs the first three.
#[derive(Deserialize)]
pub(in crate::simulator) struct UserFields {
    email: Option<String>,
    full_name: Option<String>,
    role: Option<String>,
    spaces: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Deleted {
    code: u16,
    message: &'static str,
}

pub(in crate::simulator) async fn list(
    _: OAuthCaller,
    State(simulator): State<Arc<Simulator>>,
) -> Result<JsonResponse, ApiError> {
    JsonResponse::list(Shape::Bare, simulator.users().all().iter())
}

pub(in crate::simulator) async fn create(
    _: OAuthCaller,
    State(simulator): State<Arc<Simulator>>,
    Json(fields): Json<UserFields>,
) -> Result<JsonResponse, ApiError> {
    fields.check_role()?;
    let (Some(email), Some(full_name), Some(role)) = (fields.email, fields.full_name, fields.role)
    else {
        let message = "email, full_name and role are needed";
        return Err(ApiError::bad_request(message));
    };
    let spaces = fields.spaces.unwrap_or_default();
    let at = simulator.now();
    let user = simulator.users().create(email, full_name, role, spaces, at);
    JsonResponse::single(&user)
}

pub(in crate::simulator) async fn read(
    _: OAuthCaller,
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
) -> Result<JsonResponse, ApiError> {
    let mut users = simulator.users();
    let user = users.find(&id).ok_or_else(ApiError::not_found)?;
    JsonResponse::single(user)
}

pub(in crate::simulator) async fn update(
    _: OAuthCaller,
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
    body: Result<Json<UserFields>, InvalidJson>,
) -> Result<JsonResponse, ApiError> {
    let mut users = simulator.users();
    let user = users.find(&id).ok_or_else(ApiError::not_found)?;
    let Json(fields) = body?;
    fields.check_role()?;
    user.full_name = fields.full_name.unwrap_or_else(|| user.full_name.clone());
    user.role = fields.role.unwrap_or_else(|| user.role.clone());
    user.spaces = fields.spaces.unwrap_or_else(|| user.spaces.clone());
    JsonResponse::single(user)
}

pub(in crate::simulator) async fn delete(
    _: OAuthCaller,
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
) -> Result<JsonResponse, ApiError> {
    if !simulator.users().delete(&id) {
        return Err(ApiError::not_found());
    }
    JsonResponse::single(&Deleted {
        code: 200,
        message: "user deleted",
    })
}

impl UserFields {
    fn check_role(&self) -> Result<(), ApiError> {
        match &self.role {
            Some(role) if !ROLES.contains(&role.as_str()) => {
                Err(ApiError::bad_request("role is not known"))
            }
            _ => Ok(()),
        }
    }
}
