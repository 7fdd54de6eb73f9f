//! Wraps lists and maps: bare, under `data` or under `results`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::simulator::options::Wrapping;
use crate::simulator::response::{Shape, map_body};
use crate::simulator::state::Simulator;

/// Wraps as the simulator is set to at the end of the request.
pub(in crate::simulator) async fn wrap_lists(
    State(simulator): State<Arc<Simulator>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let Some(shape) = response.extensions().get::<Shape>() else {
        return response;
    };
    let wrapping = simulator.traffic().wrapping;
    let (before, after) = match (shape, wrapping) {
        (Shape::Single, _) | (_, Wrapping::Bare) | (Shape::Bare, Wrapping::Reference) => {
            return response;
        }
        (Shape::UnderData, Wrapping::Reference) | (_, Wrapping::Data) => ("{\"data\":", "}"),
        (_, Wrapping::Results) => ("{\"results\":", ",\"next\":null}"),
    };
    map_body(response, |json| {
        Body::from([before.as_bytes(), &json, after.as_bytes()].concat())
    })
    .await
}
