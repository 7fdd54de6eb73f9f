//! Bodies of control requests: one fault, event or wrapping a line.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;

/// What the lines say, with their numbers. Blank lines and lines that begin with `#` are skipped; every line
/// that can't be parsed is in the error.
#[derive(Debug)]
pub(in crate::simulator) struct Lines<T>(pub(super) Vec<(usize, T)>);

impl<T, S> FromRequest<S> for Lines<T>
where
    T: FromStr<Err: Display>,
    S: Send + Sync,
{
    type Rejection = (StatusCode, String);

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let body = Bytes::from_request(request, state).await;
        let lines = match body {
            Ok(body) => parse(&body),
            Err(error) => Err(format!("{error}\n")),
        };
        lines
            .map(Self)
            .map_err(|errors| (StatusCode::BAD_REQUEST, errors))
    }
}

fn parse<T: FromStr<Err: Display>>(body: &[u8]) -> Result<Vec<(usize, T)>, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("not UTF-8: {error}\n"))?;
    let (mut good, mut bad) = (Vec::new(), String::new());
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.parse() {
            Ok(thing) => good.push((number, thing)),
            Err(error) => bad.push_str(&format!("line {number}: {error}\n")),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}
