//! Clients that take their time, on a clock that is paused.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::*;
use crate::http::chunked_body::ChunkedBody;
use crate::http::scrape_permit::ScrapePermit;

/// How long an answer takes.
const ANSWER: Duration = Duration::from_secs(40);

/// The largest part of an answer as it is made, in bytes: as large as a family.
const PART: usize = 1_000_000;

/// What answers every request after [`ANSWER`] with so many bytes; `permit` is that of the first one.
fn answering(
    guard: SlowClientGuard,
    length: usize,
    large: LargeResponses,
    held: Arc<()>,
    permit: Option<ScrapePermit>,
) -> impl Fn(Request<Incoming>) -> BoxFuture<'static, Result<Response<GuardedBody<Body>>, Infallible>>
{
    let permit = std::sync::Mutex::new(permit);
    move |_| {
        let (request, large, held) = (guard.request_received(), large.clone(), held.clone());
        let permit = permit.lock().unwrap().take();
        Box::pin(async move {
            sleep(ANSWER).await;
            let part = move |rest: usize| {
                let _ = &held;
                Ok(Bytes::from(vec![b'x'; rest.min(PART)]))
            };
            let parts = (0..length).step_by(PART).map(move |it| part(length - it));
            let body = Body::new(ChunkedBody::new(parts, length as u64));
            Ok(Response::new(GuardedBody::new(
                body, request, permit, &large,
            )))
        })
    }
}

fn http1(length: usize) -> DuplexStream {
    http1_among(length, &LargeResponses::default())
}

fn http1_among(length: usize, large: &LargeResponses) -> DuplexStream {
    http1_holding(length, large, &Arc::default())
}

/// `held` is held by each answer that is not taken yet.
fn http1_holding(length: usize, large: &LargeResponses, held: &Arc<()>) -> DuplexStream {
    let (client, server) = duplex(4096);
    let guard = SlowClientGuard::http1();
    let stream = TokioIo::new(GuardedStream::new(
        server,
        guard.clone(),
        Timeouts::default(),
    ));
    let service = service_fn(answering(guard, length, large.clone(), held.clone(), None));
    tokio::spawn(http1::Builder::new().serve_connection(stream, service));
    client
}

/// An answer of a megabyte to a scrape with a permit.
fn http1_with_permit(
    large: &LargeResponses,
    permits: &Arc<tokio::sync::Semaphore>,
) -> DuplexStream {
    let (client, server) = duplex(4096);
    let guard = SlowClientGuard::http1();
    let stream = TokioIo::new(GuardedStream::new(
        server,
        guard.clone(),
        Timeouts::default(),
    ));
    let permit = permits.clone().try_acquire_owned().unwrap();
    let permit = Some(ScrapePermit::new(permit));
    let service = answering(guard, 1_000_000, large.clone(), Arc::default(), permit);
    tokio::spawn(http1::Builder::new().serve_connection(stream, service_fn(service)));
    client
}

fn http2(length: usize) -> DuplexStream {
    let (client, server) = duplex(4096);
    let guard = SlowClientGuard::http2();
    let stream = TokioIo::new(GuardedStream::new(
        server,
        guard.clone(),
        Timeouts::default(),
    ));
    let service = service_fn(answering(
        guard,
        length,
        LargeResponses::default(),
        Arc::default(),
        None,
    ));
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
    assert_eq!(seconds_to_the_end(&mut http2(10)).await, 150);
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

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Headers (`GET / http` of the static table), with their end.
const WHOLE: &[u8] = b"\0\0\x03\x01\x05\0\0\0\x01\x82\x84\x86";

#[tokio::test(start_paused = true)]
async fn a_frame_that_comes_slowly_is_cut_off_and_a_request_is_not() {
    const GOES_ON: &[u8] = b"\0\0\x03\x01\x01\0\0\0\x01\x82\x84\x86";
    for cut in [&WHOLE[..4], &WHOLE[..10], GOES_ON] {
        let mut client = http2(10);
        client.write_all(PREFACE).await.unwrap();
        sleep(Duration::from_secs(100)).await;
        client.write_all(cut).await.unwrap();
        assert_eq!(seconds_to_the_end(&mut client).await, 10, "{cut:?}");
    }
    let mut client = http2(10);
    client.write_all(PREFACE).await.unwrap();
    client.write_all(WHOLE).await.unwrap();
    answer(&mut client).await;
    assert_eq!(seconds_to_the_end(&mut client).await, 150);
}

/// Takes `some` bytes every `pause` seconds until the connection ends; how many, and after how many
/// seconds.
async fn taken(client: &mut DuplexStream, some: usize, pause: u64) -> (usize, u64) {
    let start = Instant::now();
    let (mut taken, mut buffer) = (0, vec![0; some]);
    loop {
        match client.read(&mut buffer).await {
            Ok(0) | Err(_) => return (taken, start.elapsed().as_secs()),
            Ok(length) => taken += length,
        }
        sleep(Duration::from_secs(pause)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_is_taken_in_two_minutes_or_not_at_all() {
    let mut client = http1(1_000_000);
    client.write_all(REQUEST).await.unwrap();
    let (length, seconds) = taken(&mut client, 4096, 1).await;
    // What was under way may still be read.
    assert!(
        (ANSWER.as_secs() + 120..=ANSWER.as_secs() + 150).contains(&seconds),
        "{seconds}"
    );
    assert!(length < 700_000, "{length}");
    // Twice as fast, it is there in time; then the connection may rest.
    let mut client = http1(1_000_000);
    client.write_all(REQUEST).await.unwrap();
    let mut whole = vec![0; 1_000_000];
    for some in whole.chunks_mut(20_000) {
        client.read_exact(some).await.unwrap();
        sleep(Duration::from_secs(2)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_http2_client_that_takes_nothing_or_little_is_cut_off_whatever_else_it_sends() {
    const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0pingpong";
    // 10,000 bytes more of the connection, and of the request.
    const MORE: &[u8] = b"\0\0\x04\x08\0\0\0\0\0\0\0\x27\x10\0\0\x04\x08\0\0\0\0\x01\0\0\x27\x10";
    for (sends, expected, most) in [
        (&b""[..], 60, 66_000),
        (PING, 60, 67_000),
        (MORE, 120, 400_000),
    ] {
        let (mut reader, mut writer) = tokio::io::split(http2(1_000_000));
        writer.write_all(PREFACE).await.unwrap();
        writer.write_all(WHOLE).await.unwrap();
        tokio::spawn(async move {
            while writer.write_all(sends).await.is_ok() {
                sleep(Duration::from_secs(5)).await;
            }
        });
        let start = Instant::now();
        let mut rest = Vec::new();
        let _ = reader.read_to_end(&mut rest).await;
        let seconds = start.elapsed().as_secs() - ANSWER.as_secs();
        assert_eq!(seconds, expected, "{sends:?}");
        assert!((65_535..most).contains(&rest.len()), "{}", rest.len());
    }
}

#[tokio::test(start_paused = true)]
async fn an_http2_client_that_leaves_the_end_of_an_answer_is_cut_off() {
    // It takes all of the answer but 10 bytes, and goes on to send.
    const ALMOST_ALL: &[u8] =
        b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\x0f\x42\x36\0\0\x04\x08\0\0\0\0\0\0\x0f\x42\x40";
    const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0pingpong";
    let (mut reader, mut writer) = tokio::io::split(http2(1_000_000));
    for first in [PREFACE, ALMOST_ALL, WHOLE] {
        writer.write_all(first).await.unwrap();
    }
    tokio::spawn(async move {
        while writer.write_all(PING).await.is_ok() {
            sleep(Duration::from_secs(5)).await;
        }
    });
    let start = Instant::now();
    let mut rest = Vec::new();
    let end = reader.read_to_end(&mut rest);
    let _ = tokio::time::timeout(Duration::from_secs(1000), end).await;
    assert_eq!(start.elapsed().as_secs() - ANSWER.as_secs(), 60);
    assert!(rest.len() > 999_990, "{}", rest.len());
}

#[tokio::test(start_paused = true)]
async fn of_too_many_the_one_is_cut_off_that_has_taken_nothing_for_the_longest() {
    let large = LargeResponses::at_most(2);
    let held = [(); 3].map(|()| Arc::new(()));
    let mut clients = [0, 1, 2].map(|it| http1_holding(1_000_000, &large, &held[it]));
    let mut some = vec![0; 1000];
    for client in &mut clients[..2] {
        client.write_all(REQUEST).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    sleep(ANSWER + Duration::from_secs(1)).await;
    // The first has begun before the second, and goes on to take.
    let [first, second, third] = &mut clients;
    for _ in 0..10 {
        first.read_exact(&mut some).await.unwrap();
    }
    third.write_all(REQUEST).await.unwrap();
    third.read_exact(&mut some).await.unwrap();
    // Whether or not it takes what was under way, the page is let go of.
    sleep(Duration::from_millis(1)).await;
    assert_eq!(held.each_ref().map(Arc::strong_count), [3, 1, 3]);
    let (taken, seconds) = taken(second, 4096, 0).await;
    assert!(taken < 200_000 && seconds == 0, "{taken} in {seconds} s");
    let mut rest = vec![0; 980_000];
    for client in [first, third] {
        client.read_exact(&mut rest).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn small_answers_and_those_that_are_taken_do_not_count() {
    let large = LargeResponses::at_most(1);
    let mut slow = http1_among(1_000_000, &large);
    slow.write_all(REQUEST).await.unwrap();
    let mut small = http1_among(10, &large);
    small.write_all(REQUEST).await.unwrap();
    answer(&mut small).await;
    let mut whole = vec![0; 1_000_000];
    slow.read_exact(&mut whole).await.unwrap();
    let mut next = http1_among(1_000_000, &large);
    next.write_all(REQUEST).await.unwrap();
    next.read_exact(&mut whole).await.unwrap();
    // The connection of the first is as it was.
    slow.write_all(REQUEST).await.unwrap();
    slow.read_exact(&mut whole).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_scrape_gets_the_permit_of_a_client_that_stalls_and_of_no_other() {
    let large = LargeResponses::default();
    assert!(large.take_stalled_permit().is_none());
    let permits = Arc::new(tokio::sync::Semaphore::new(2));
    let [mut reading, mut stalled] = [(); 2].map(|()| http1_with_permit(&large, &permits));
    for client in [&mut reading, &mut stalled] {
        client.write_all(REQUEST).await.unwrap();
    }
    sleep(ANSWER + Duration::from_millis(200)).await;
    assert_eq!(permits.available_permits(), 0);
    assert!(large.take_stalled_permit().is_none());
    let mut some = vec![0; 10_000];
    reading.read_exact(&mut some).await.unwrap();
    sleep(Duration::from_millis(60)).await;
    let taken = large.take_stalled_permit();
    assert!(taken.is_some() && large.take_stalled_permit().is_none());
    // Both get the whole response.
    let mut rest = vec![0; 990_000];
    reading.read_exact(&mut rest).await.unwrap();
    stalled.read_exact(&mut some).await.unwrap();
    stalled.read_exact(&mut rest).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(permits.available_permits(), 1);
    drop(taken);
    assert_eq!(permits.available_permits(), 2);
}
