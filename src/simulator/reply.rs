//! A response that is whole in memory, and how answers and problems become one. No faults here.

use super::body::{Body, whole};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::answers::{Answer, Problem, Shape};
use super::options::Wrapping;

pub(crate) const JSON: &str = "application/json";

/// A response that is not sent yet.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Vec<u8>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: u16,
    message: &'a str,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: JSON,
            headers: Vec::new(),
            body,
        }
    }

    /// An error as the API writes it.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        let body = ErrorBody {
            code: status,
            message,
        };
        Self::json(status, serde_json::to_vec(&body).unwrap_or_default())
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The head, with this body below it.
    pub(crate) fn head(&self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        headers.insert(header::CONTENT_LENGTH, self.body.len().into());
        for (name, value) in &self.headers {
            // What is no header value is left out: a fault may ask for anything.
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.append(name, value);
            }
        }
        response
    }

    /// The whole response.
    pub(crate) fn whole(mut self) -> Response<Body> {
        let body = std::mem::take(&mut self.body);
        let length = body.len();
        let mut response = self.head(whole(Bytes::from(body)));
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
        response
    }
}

/// Wraps an answer as `wrapping` says.
pub(crate) fn wrapped(answer: Answer, wrapping: Wrapping) -> Reply {
    let (before, after) = match (answer.shape, wrapping) {
        (Shape::Single, _) | (_, Wrapping::Bare) | (Shape::Bare, Wrapping::Reference) => {
            return Reply::json(200, answer.json);
        }
        (Shape::UnderData, Wrapping::Reference) | (_, Wrapping::Data) => ("{\"data\":", "}"),
        (_, Wrapping::Results) => ("{\"results\":", ",\"next\":null}"),
    };
    let mut body = Vec::with_capacity(before.len() + answer.json.len() + after.len());
    body.extend_from_slice(before.as_bytes());
    body.extend_from_slice(&answer.json);
    body.extend_from_slice(after.as_bytes());
    Reply::json(200, body)
}

/// Writes a problem; the canary, if there is one, is told with it.
pub(crate) fn told(problem: &Problem, canary: Option<&str>) -> Reply {
    match canary {
        Some(person) => {
            let message = format!("{} (asked for by {person})", problem.message);
            Reply::error(problem.status, &message)
        }
        None => Reply::error(problem.status, &problem.message),
    }
}
