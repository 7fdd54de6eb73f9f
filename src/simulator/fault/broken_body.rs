//! Faults of bodies: they end too early, stop, or come slowly.
//!
//! They wait with the runtime's timers, so that they work on paused time. None may hold more memory than
//! the response that it breaks.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderValue, header};

use super::kind::FaultKind;
use crate::simulator::response::map_body;

/// How long a truncated body waits before the end, so that what came before it is sent.
const DELAY_BEFORE_CUT: Duration = Duration::from_millis(20);
/// How often a trickling body sends something, where it is fast enough for that.
const TRICKLE_INTERVAL: Duration = Duration::from_millis(100);

/// The response as `kind` breaks it; unchanged by the kinds that break no body.
pub(crate) async fn break_body(mut response: Response, kind: &FaultKind) -> Response {
    match kind {
        FaultKind::WrongContentType => {
            let plain = HeaderValue::from_static("text/plain");
            response.headers_mut().insert(header::CONTENT_TYPE, plain);
            response
        }
        FaultKind::Truncate => replace_body(response, truncate).await,
        FaultKind::HangInBody => replace_body(response, hang).await,
        FaultKind::Trickle { bytes_per_second } => {
            replace_body(response, |body| trickle(body, *bytes_per_second)).await
        }
        _ => response,
    }
}

/// `Content-Length` stays that of the body that is replaced.
async fn replace_body(response: Response, broken: impl FnOnce(Bytes) -> Body) -> Response {
    let mut length = 0;
    let mut response = map_body(response, |body| {
        length = body.len();
        broken(body)
    })
    .await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    response
}

fn truncate(body: Bytes) -> Body {
    let cut = stream::once(async {
        tokio::time::sleep(DELAY_BEFORE_CUT).await;
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    });
    Body::from_stream(first_half(body).chain(cut))
}

fn hang(body: Bytes) -> Body {
    Body::from_stream(first_half(body).chain(stream::pending()))
}

fn first_half(mut body: Bytes) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    body.truncate(body.len() / 2);
    stream::iter([Ok(body)])
}

fn trickle(body: Bytes, bytes_per_second: u32) -> Body {
    let rate = bytes_per_second.max(1);
    let (size, pause) = match rate as usize / 10 {
        0 => (1, Duration::from_secs(1) / rate),
        size => (size, TRICKLE_INTERVAL),
    };
    Body::from_stream(stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((io::Result::Ok(piece), rest))
    }))
}
