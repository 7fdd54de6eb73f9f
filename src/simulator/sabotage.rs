//! What each fault does to an answer on its way out.
//!
//! Everything here waits with the runtime's timers, so that a test with paused time sees the same as
//! a client on a socket. No fault may hold more memory than the answer that it breaks.

use std::io;
use std::time::Duration;

use super::body::{Body, streamed};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Response, header};

use super::answers::write_deep_spaces;
use super::endpoint::EndpointName;
use super::fault::FaultKind;
use super::reply::{JSON, Reply};

/// Marks a response that must never be sent: the server closes the connection instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropped;

/// How long a truncated body waits before the end, so that what came before it is sent.
const BEFORE_THE_CUT: Duration = Duration::from_millis(20);
/// How often a trickling body sends something, where it is fast enough for that.
const DRIP: Duration = Duration::from_millis(100);
const HUGE_CHUNK: usize = 64 * 1024;

const GARBAGE: &str = "\u{fffd}}{ not json at all ]]\0";
const HTML: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n\
     <body><h1>502 Bad Gateway</h1><p>The server is taking a nap.</p></body></html>\n";

/// What comes instead of an answer, for the faults that need none; `None` for the other faults.
pub(crate) async fn instead(
    kind: &FaultKind,
    endpoint: EndpointName,
    canary: Option<&str>,
) -> Option<Response<Body>> {
    let error = |status, default: &str, text: Option<&str>| {
        let message = match (text, canary) {
            (Some(text), _) => text.to_owned(),
            (None, Some(person)) => format!("{default} for {person}"),
            (None, None) => default.to_owned(),
        };
        Reply::error(status, &message)
    };
    let reply = match kind {
        FaultKind::Status {
            code,
            retry_after,
            body,
        } => {
            let reply = error(*code, "injected error", body.as_deref());
            match retry_after {
                Some(text) => reply.with(header::RETRY_AFTER, text.clone()),
                None => reply,
            }
        }
        FaultKind::Hang => return std::future::pending().await,
        FaultKind::Reset => return Some(dropped()),
        FaultKind::Garbage => {
            let body = format!("{GARBAGE}{}", canary.unwrap_or_default());
            Reply::json(200, body.into_bytes())
        }
        FaultKind::HtmlErrorPage => Reply {
            content_type: "text/html; charset=utf-8",
            ..Reply::json(
                502,
                format!("{HTML}{}", canary.unwrap_or_default()).into_bytes(),
            )
        },
        FaultKind::ErrorBodyWith200 => Reply {
            status: 200,
            ..error(500, "unexpected error", None)
        },
        FaultKind::ExpiredToken => error(401, "unable to authorize the given bearer token", None),
        FaultKind::Huge { bytes } => return Some(huge(*bytes)),
        FaultKind::DeepNesting { depth } => Reply::json(200, deep(endpoint, *depth).into_bytes()),
        FaultKind::Redirect { location } => {
            error(307, "temporary redirect", None).with(header::LOCATION, location.clone())
        }
        FaultKind::Latency(_)
        | FaultKind::Truncate
        | FaultKind::HangInBody
        | FaultKind::Trickle { .. }
        | FaultKind::Malformed
        | FaultKind::WrongContentType => return None,
    };
    Some(reply.whole())
}

/// Sends `reply`, broken in the way of `kind` if it is one that breaks the sending.
pub(crate) fn send(mut reply: Reply, kind: Option<&FaultKind>) -> Response<Body> {
    let half = |reply: &Reply| {
        let (half, _) = reply.body.split_at(reply.body.len() / 2);
        stream::iter([Ok::<_, io::Error>(Bytes::copy_from_slice(half))])
    };
    match kind {
        Some(FaultKind::Truncate) => {
            let cut = stream::once(async {
                tokio::time::sleep(BEFORE_THE_CUT).await;
                Err(io::Error::from(io::ErrorKind::UnexpectedEof))
            });
            reply.head(streamed(half(&reply).chain(cut)))
        }
        Some(FaultKind::HangInBody) => {
            let silence = stream::pending::<io::Result<Bytes>>();
            reply.head(streamed(half(&reply).chain(silence)))
        }
        Some(FaultKind::Trickle { bytes_per_second }) => {
            let body = Bytes::from(std::mem::take(&mut reply.body));
            let length = body.len();
            let mut response = reply.head(trickle(body, *bytes_per_second));
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length.into());
            response
        }
        Some(FaultKind::WrongContentType) => {
            reply.content_type = "text/plain";
            reply.whole()
        }
        _ => reply.whole(),
    }
}

/// A connection that is closed before the answer.
fn dropped() -> Response<Body> {
    let broken =
        stream::once(async { Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset)) });
    let mut response = Response::new(streamed(broken));
    response.extensions_mut().insert(Dropped);
    response
}

fn trickle(body: Bytes, bytes_per_second: u32) -> Body {
    let rate = bytes_per_second.max(1);
    let per_drip = rate as usize / 10;
    let (size, pause) = match per_drip {
        0 => (1, Duration::from_secs(1) / rate),
        size => (size, DRIP),
    };
    streamed(stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let drop = rest.split_to(size.min(rest.len()));
        Some((Ok(drop), rest))
    }))
}

/// A list of objects without end, nearly: every chunk is the same piece of memory.
fn huge(bytes: u64) -> Response<Body> {
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
    let mut response = Response::new(streamed(list.map(Ok)));
    let json = http::HeaderValue::from_static(JSON);
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn deep(endpoint: EndpointName, depth: u32) -> String {
    if endpoint == EndpointName::Spaces {
        return write_deep_spaces(depth);
    }
    let depth = depth as usize;
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}
