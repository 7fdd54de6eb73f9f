//! The simulator as a whole, through `handle`: no sockets, paused time.

mod access;
mod faults;
mod happenings;
mod sockets;
mod whole;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;

use super::*;
use crate::clock::RuntimeClock;

/// Wednesday, 16 September 2026, 09:13 UTC.
const WALL: u64 = 1_789_550_000;

fn simulator(options: Options) -> Arc<Simulator> {
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(WALL);
    Simulator::new(options, RuntimeClock::starting_at(wall))
}

fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Request<Bytes> {
    let mut builder = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        builder = builder.header("authorization", format!("Bearer {token}"));
    }
    builder.body(Bytes::from(body.to_owned())).unwrap()
}

async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn send(
    simulator: &Arc<Simulator>,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> (u16, String) {
    let response = simulator.handle(request(method, path, token, body)).await;
    (response.status().as_u16(), text(response).await)
}

/// Asks with the static token and expects JSON with 200.
async fn ask(simulator: &Arc<Simulator>, path: &str, body: &str) -> Value {
    let method = match path {
        "/v3/spaces" | "/v3/hello-world" => "GET",
        _ => "POST",
    };
    let (status, text) = send(simulator, method, path, Some(DEFAULT_TOKEN), body).await;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

const SPACES: &str = "/v3/spaces";
const SENSORS: &str = "/v3/sensors";
const HEALTH: &str = "/v3/sensors/health/current";
const COUNTS: &str = "/v3/analytics/occupancy/current";
const PRESENCE: &str = "/v3/analytics/presence-health";

async fn oauth_token(simulator: &Arc<Simulator>) -> String {
    let body = format!(
        r#"{{"client_id":"{DEFAULT_CLIENT_ID}","client_secret":"{DEFAULT_CLIENT_SECRET}","grant_type":"client_credentials"}}"#
    );
    let (status, text) = send(simulator, "POST", "/v3/oauth/token", None, &body).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
