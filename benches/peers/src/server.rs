//! A small HTTP server, made as the exporter's is, so that what differs is where the bytes come from.

use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::Result;

/// A body, and whether it is gzip.
#[derive(Clone, Debug)]
pub struct Body {
    /// What is sent.
    pub bytes: Bytes,
    /// Whether it is compressed.
    pub gzip: bool,
}

/// Answers every request on `port` of the loopback address with what `body` makes, given whether the
/// client takes gzip; prints where it listens. Port 0 is any free one.
///
/// # Errors
/// When the port can't be listened on, or connections can't be accepted.
pub fn serve(port: u16, body: impl Fn(bool) -> Body + Send + Sync + 'static) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(accept(port, Arc::new(body)))
}

async fn accept(port: u16, body: Arc<impl Fn(bool) -> Body + Send + Sync + 'static>) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening {}", listener.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        let service = service_fn(move |request| {
            let response = answer(&request, &*body);
            async { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Nothing waits here, so the body is made on the thread that serves: the fastest way there is, as long
/// as nobody else needs the thread.
fn answer(request: &Request<Incoming>, body: &impl Fn(bool) -> Body) -> Response<Full<Bytes>> {
    let gzip = request
        .headers()
        .get(ACCEPT_ENCODING)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.contains("gzip"));
    let Body { bytes, gzip } = body(gzip);
    let mut response = Response::new(Full::new(bytes));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// `page` as gzip of level 1, with the exporter's compressor and at its level, appended to `to`.
///
/// # Errors
/// Never, as long as `to` is memory.
pub fn gzip(page: &[u8], to: Vec<u8>) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(to, Compression::fast());
    encoder.write_all(page)?;
    Ok(encoder.finish()?)
}
