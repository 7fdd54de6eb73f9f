//! What a server does instead of answering: a script of steps on a connection.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use density_exporter::density::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One step on a connection. Where a script ends, the connection is kept for the next request.
#[derive(Clone, Debug)]
pub enum Step {
    Send(Vec<u8>),
    /// The same piece, so many times: what is large is never held.
    Flood(Bytes, u64),
    /// A byte a second.
    Drip(Vec<u8>),
    Wait(Duration),
    /// Nothing more, until the other end leaves.
    Silence,
    /// The end, as of an answer that is whole.
    Close,
    /// The connection breaks off: TCP's RST.
    Reset,
}

/// The right answer, to be spoilt.
pub struct Right {
    pub endpoint: Endpoint,
    pub body: Vec<u8>,
}

/// An answer with its length.
pub fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// A head of JSON, and what else it says.
pub fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n").into_bytes()
}

impl Right {
    pub fn whole(&self) -> Vec<u8> {
        whole("200 OK", "Content-Type: application/json\r\n", &self.body)
    }

    /// The head, with the right length.
    pub fn head(&self) -> Vec<u8> {
        head(&format!("Content-Length: {}\r\n", self.body.len()))
    }

    pub fn half(&self) -> &[u8] {
        &self.body[..self.body.len() / 2]
    }
}

/// Whether the connection may be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Kept,
    Gone,
}

/// Plays `script`. It fails where the other end leaves first.
pub async fn play(script: Vec<Step>, stream: &mut TcpStream) -> io::Result<After> {
    for step in script {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes).await?,
            Step::Flood(piece, times) => {
                for _ in 0..times {
                    stream.write_all(&piece).await?;
                }
            }
            Step::Drip(bytes) => {
                for byte in bytes {
                    stream.write_all(&[byte]).await?;
                    pause(stream, Duration::from_secs(1)).await?;
                }
            }
            Step::Wait(time) => pause(stream, time).await?,
            Step::Silence => {
                pause(stream, Duration::MAX).await?;
                return Ok(After::Gone);
            }
            Step::Close => return Ok(After::Gone),
            Step::Reset => {
                // What was sent is on its way before the end is.
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.set_zero_linger()?;
                return Ok(After::Gone);
            }
        }
    }
    Ok(After::Kept)
}

/// Waits, but not for an end that has left.
async fn pause(stream: &mut TcpStream, time: Duration) -> io::Result<()> {
    let mut byte = [0];
    match tokio::time::timeout(time, stream.read(&mut byte)).await {
        Err(_) => Ok(()),
        Ok(read) => {
            read?;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
    }
}
