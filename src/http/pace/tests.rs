//! Clients that take their time, on a clock that is paused.

use std::convert::Infallible;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::sleep;

use super::*;

/// How long an answer takes.
const ANSWER: Duration = Duration::from_secs(40);

/// What answers every request after [`ANSWER`] with so many bytes.
fn answering(
    pace: Pace,
    length: usize,
) -> impl Fn(Request<Incoming>) -> BoxFuture<'static, Result<Response<PacedBody>, Infallible>> {
    move |_| {
        let asked = pace.asked();
        Box::pin(async move {
            sleep(ANSWER).await;
            let body = Body::text(vec![b'x'; length]);
            Ok(Response::new(PacedBody::new(body, asked)))
        })
    }
}

fn http1(length: usize) -> DuplexStream {
    let (client, server) = duplex(4096);
    let pace = Pace::http1();
    let stream = TokioIo::new(Paced::new(server, pace.clone(), Limits::default()));
    let service = service_fn(answering(pace, length));
    tokio::spawn(http1::Builder::new().serve_connection(stream, service));
    client
}

fn http2() -> DuplexStream {
    let (client, server) = duplex(4096);
    let pace = Pace::http2();
    let stream = TokioIo::new(Paced::new(server, pace.clone(), Limits::default()));
    let service = service_fn(answering(pace, 10));
    let builder = http2::Builder::new(TokioExecutor::new());
    tokio::spawn(builder.serve_connection(stream, service));
    client
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Reads until a whole answer of 10 bytes is there.
async fn answer(client: &mut DuplexStream) {
    let mut read = Vec::new();
    while !read.ends_with(b"xxxxxxxxxx") {
        let mut byte = [0];
        assert_eq!(client.read(&mut byte).await.unwrap(), 1, "{read:?}");
        read.push(byte[0]);
    }
}

/// After how many whole seconds the connection ends.
async fn seconds_to_the_end(client: &mut DuplexStream) -> u64 {
    let start = Instant::now();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_slowly_is_cut_off_ten_seconds_after_its_first_byte() {
    let (mut reader, mut writer) = tokio::io::split(http1(10));
    // It may come late.
    sleep(Duration::from_secs(100)).await;
    tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nlong: header-that-never-seems-to-end".iter() {
            if writer.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
    });
    let start = Instant::now();
    assert_eq!(reader.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_may_rest_and_an_answer_may_take_its_time() {
    let mut client = http1(10);
    for rest in [0, 60, 149] {
        sleep(Duration::from_secs(rest)).await;
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
    }
    assert_eq!(seconds_to_the_end(&mut client).await, 150);
}

#[tokio::test(start_paused = true)]
async fn a_connection_on_which_nothing_is_asked_ends() {
    assert_eq!(seconds_to_the_end(&mut http1(10)).await, 150);
    assert_eq!(seconds_to_the_end(&mut http2()).await, 150);
}

#[tokio::test(start_paused = true)]
async fn what_begins_while_another_is_answered_has_its_time_too() {
    let mut client = http1(10);
    client.write_all(REQUEST).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    client.write_all(b"GET / HT").await.unwrap();
    answer(&mut client).await;
    assert_eq!(seconds_to_the_end(&mut client).await, 10);
    // Whole requests that wait for their turn are answered.
    let mut client = http1(10);
    client.write_all(&REQUEST.repeat(3)).await.unwrap();
    for _ in 0..3 {
        answer(&mut client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_of_an_answer_is_cut_off() {
    let mut client = http1(100_000);
    client.write_all(REQUEST).await.unwrap();
    sleep(ANSWER + Duration::from_secs(59)).await;
    let mut some = [0; 1000];
    client.read_exact(&mut some).await.unwrap();
    // What was taken gives it time again.
    sleep(Duration::from_secs(59)).await;
    client.read_exact(&mut some).await.unwrap();
    sleep(Duration::from_secs(61)).await;
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() < 10_000, "{}", rest.len());
}

#[tokio::test(start_paused = true)]
async fn who_takes_an_answer_slowly_gets_it_whole() {
    let mut client = http1(30_000);
    client.write_all(REQUEST).await.unwrap();
    let mut read = Vec::new();
    let mut some = [0; 1000];
    // The library is done with the answer long before the client is.
    while read.len() < 30_000 {
        sleep(Duration::from_secs(30)).await;
        let length = client.read(&mut some).await.unwrap();
        assert!(length > 0, "after {} bytes", read.len());
        read.extend_from_slice(&some[..length]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_comes_slowly_is_cut_off_and_a_request_is_not() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    // Headers (`GET / http` of the static table), with an end and without.
    const WHOLE: &[u8] = b"\0\0\x03\x01\x05\0\0\0\x01\x82\x84\x86";
    const GOES_ON: &[u8] = b"\0\0\x03\x01\x01\0\0\0\x01\x82\x84\x86";
    for cut in [&WHOLE[..4], &WHOLE[..10], GOES_ON] {
        let mut client = http2();
        client.write_all(PREFACE).await.unwrap();
        sleep(Duration::from_secs(100)).await;
        client.write_all(cut).await.unwrap();
        assert_eq!(seconds_to_the_end(&mut client).await, 10, "{cut:?}");
    }
    let mut client = http2();
    client.write_all(PREFACE).await.unwrap();
    client.write_all(WHOLE).await.unwrap();
    answer(&mut client).await;
    assert_eq!(seconds_to_the_end(&mut client).await, 150);
}
