//! Faults that need no handler: they replace the whole response.

use std::fmt::Write as _;
use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::kind::FaultKind;
use crate::simulator::api_error::ApiError;
use crate::simulator::endpoint::EndpointName;

/// Marks a response that must never be sent: the server closes the connection instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionReset;

const HUGE_CHUNK: usize = 64 * 1024;

const GARBAGE: &str = "\u{fffd}}{ not json at all ]]\0";
const HTML: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n\
     <body><h1>502 Bad Gateway</h1><p>The server is taking a nap.</p></body></html>\n";
const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// The response instead of the handler's, for the faults that replace it; `None` for the others.
pub(crate) async fn replacement(
    kind: &FaultKind,
    endpoint: EndpointName,
    canary: Option<&str>,
) -> Option<Response> {
    let error = |status: StatusCode, message: &str| {
        let message = match canary {
            Some(person) => format!("{message} for {person}"),
            None => message.to_owned(),
        };
        ApiError::new(status, message).into_response()
    };
    let person = canary.unwrap_or_default();
    Some(match kind {
        FaultKind::Status {
            code,
            retry_after,
            body,
        } => {
            let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let response = match body {
                Some(message) => ApiError::new(status, message).into_response(),
                None => error(status, "injected error"),
            };
            with_header(response, header::RETRY_AFTER, retry_after.as_deref())
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::Reset => connection_reset(),
        FaultKind::Garbage => (JSON, format!("{GARBAGE}{person}")).into_response(),
        FaultKind::HtmlErrorPage => {
            let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            let page = format!("{HTML}{person}");
            (StatusCode::BAD_GATEWAY, html, page).into_response()
        }
        FaultKind::ErrorBodyWith200 => {
            let mut response = error(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error");
            *response.status_mut() = StatusCode::OK;
            response
        }
        FaultKind::ExpiredToken => error(
            StatusCode::UNAUTHORIZED,
            "unable to authorize the given bearer token",
        ),
        FaultKind::Huge { bytes } => (JSON, huge(*bytes)).into_response(),
        FaultKind::DeepNesting { depth } => (JSON, deep(endpoint, *depth)).into_response(),
        FaultKind::Redirect { location } => {
            let response = error(StatusCode::TEMPORARY_REDIRECT, "temporary redirect");
            with_header(response, header::LOCATION, Some(location))
        }
        FaultKind::Latency(_)
        | FaultKind::Truncate
        | FaultKind::HangInBody
        | FaultKind::Trickle { .. }
        | FaultKind::Malformed
        | FaultKind::WrongContentType => return None,
    })
}

/// A value that no header can have is left out: a fault may ask for anything.
fn with_header(mut response: Response, name: HeaderName, value: Option<&str>) -> Response {
    let value = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
    if let Some(value) = value {
        response.headers_mut().insert(name, value);
    }
    response
}

fn connection_reset() -> Response {
    let error = stream::iter([Err::<Bytes, _>(io::Error::from(
        io::ErrorKind::ConnectionReset,
    ))]);
    let mut response = Response::new(Body::from_stream(error));
    response.extensions_mut().insert(ConnectionReset);
    response
}

/// A very long list of objects: every chunk is the same piece of memory.
fn huge(bytes: u64) -> Body {
    let entry = format!("{{\"padding\":\"{}\"}},", "x".repeat(1_000));
    let chunk = Bytes::from(entry.repeat(HUGE_CHUNK / entry.len()));
    let chunks = bytes.div_ceil(chunk.len() as u64);
    let middle = stream::unfold(0, move |sent| {
        let chunk = chunk.clone();
        async move { (sent < chunks).then_some((chunk, sent + 1)) }
    });
    let list = stream::iter([Bytes::from_static(b"[")])
        .chain(middle)
        .chain(stream::iter([Bytes::from_static(b"{}]")]));
    Body::from_stream(list.map(io::Result::Ok))
}

fn deep(endpoint: EndpointName, depth: u32) -> String {
    if endpoint == EndpointName::Spaces {
        return deep_spaces(depth);
    }
    let depth = depth as usize;
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// A list of one space that holds a space that holds a space, `depth` times.
fn deep_spaces(depth: u32) -> String {
    let mut json = String::from("[");
    for level in 0..depth {
        // Writing to a string can't fail.
        let _ = write!(
            json,
            "{{\"id\":\"spc_deep_{level}\",\"name\":\"Level {level}\",\"space_type\":\"space\",\
             \"status\":\"live\",\"labels\":[],\"children_ids\":[\"spc_deep_{}\"],\"children\":[",
            level + 1
        );
    }
    for _ in 0..depth {
        json.push_str("]}");
    }
    json.push(']');
    json
}
