//! The eight clients: how each of them scrapes, and how it reads the response.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use flate2::bufread::GzDecoder;

use crate::rng::Rng;

/// How one client scrapes.
#[derive(Clone, Copy, Debug)]
pub struct ClientProfile {
    pub name: &'static str,
    pub query: &'static str,
    pub gzip: bool,
    /// The scrape's timeout in milliseconds, from and to.
    pub timeout: (u64, u64),
    /// How long it waits between two scrapes, in milliseconds.
    pub pause: u64,
    pub taking: ReadMode,
}

/// How a response is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReadMode {
    Whole,
    /// At this many bytes per second, however long that takes.
    Slowly(usize),
    /// In part; then the client disconnects.
    Part,
}

/// The clients.
pub const PLANS: [ClientProfile; 8] = [
    ClientProfile {
        name: "everything, as text",
        query: "",
        gzip: false,
        timeout: (10_000, 10_000),
        pause: 5_000,
        taking: ReadMode::Whole,
    },
    ClientProfile {
        name: "everything, with gzip",
        query: "",
        gzip: true,
        timeout: (10_000, 10_000),
        pause: 3_000,
        taking: ReadMode::Whole,
    },
    ClientProfile {
        name: "two collectors",
        query: "?collect[]=presence&collect[]=current_count",
        gzip: true,
        timeout: (5_000, 5_000),
        pause: 1_500,
        taking: ReadMode::Whole,
    },
    ClientProfile {
        name: "the organization whose API is well",
        query: "?organization=beta",
        gzip: false,
        timeout: (5_000, 5_000),
        pause: 300,
        taking: ReadMode::Whole,
    },
    ClientProfile {
        name: "goes away half-way",
        query: "",
        gzip: false,
        timeout: (10_000, 10_000),
        pause: 1_500,
        taking: ReadMode::Part,
    },
    ClientProfile {
        name: "short timeouts",
        query: "?organization=acme&collect[]=sensor_health",
        gzip: true,
        timeout: (1_000, 2_500),
        pause: 500,
        taking: ReadMode::Whole,
    },
    ClientProfile {
        name: "without pause",
        query: "?organization=beta&collect[]=spaces",
        gzip: true,
        timeout: (5_000, 5_000),
        pause: 2,
        taking: ReadMode::Whole,
    },
    ClientProfile {
        name: "slow",
        query: "",
        gzip: false,
        timeout: (10_000, 10_000),
        pause: 2_000,
        taking: ReadMode::Slowly(5 << 20),
    },
];

/// The outcome of a request.
#[derive(Debug)]
pub struct Outcome {
    pub status: u16,
    /// The time to its head, and to its end.
    pub head: Duration,
    pub whole: Duration,
    /// Whether the body is complete.
    pub is_whole: bool,
}

/// Reused buffers.
#[derive(Default)]
pub struct Buffers {
    raw: Vec<u8>,
    page: Vec<u8>,
}

impl ClientProfile {
    /// Whether it shows everything, and waits for it as long as most scrapes do.
    pub fn is_full(&self) -> bool {
        self.query.is_empty() && self.timeout.0 >= 10_000 && self.taking == ReadMode::Whole
    }

    /// Sends one request; the page is in `buffers` if it is complete.
    pub fn ask(
        &self,
        address: SocketAddr,
        timeout: Duration,
        rng: &mut Rng,
        buffers: &mut Buffers,
    ) -> Result<Outcome, String> {
        let encoding = if self.gzip {
            "Accept-Encoding: gzip\r\n"
        } else {
            ""
        };
        let request = format!(
            "GET /metrics{} HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\
             X-Prometheus-Scrape-Timeout-Seconds: {}\r\n{encoding}\r\n",
            self.query,
            timeout.as_secs_f64()
        );
        // A client that reads slowly also waits longer for the end.
        let patience = timeout.max(Duration::from_secs(10)) * 6;
        let mut connection = Connection::open(address, patience)?;
        connection.send(request.as_bytes())?;
        let head = connection.head(&mut buffers.raw)?;
        let left = head.length.saturating_sub(buffers.raw.len());
        let mut outcome = Outcome {
            status: head.status,
            head: connection.start.elapsed(),
            whole: Duration::ZERO,
            is_whole: true,
        };
        match self.taking {
            ReadMode::Whole => connection.take(left, &mut buffers.raw)?,
            ReadMode::Slowly(rate) => {
                let mut left = left;
                while left > 0 {
                    let some = left.min(rate / 20);
                    connection.take(some, &mut buffers.raw)?;
                    left -= some;
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            ReadMode::Part => {
                let some = rng.below(left as u64 + 1) as usize;
                connection.take(some, &mut buffers.raw)?;
                outcome.is_whole = false;
            }
        }
        outcome.whole = connection.start.elapsed();
        if head.gzip != (self.gzip && head.status == 200) {
            return Err(format!("encoding: gzip is {}", head.gzip));
        }
        if outcome.is_whole {
            connection.nothing_more()?;
            buffers.decode(head.gzip)?;
        }
        Ok(outcome)
    }
}

impl Buffers {
    /// The page's text.
    pub fn page(&self) -> &[u8] {
        &self.page
    }

    fn decode(&mut self, gzip: bool) -> Result<(), String> {
        if !gzip {
            std::mem::swap(&mut self.raw, &mut self.page);
            return Ok(());
        }
        self.page.clear();
        let mut decoder = GzDecoder::new(self.raw.as_slice());
        let decoded = decoder.read_to_end(&mut self.page);
        decoded.map_err(|error| format!("gzip: {error}"))?;
        match decoder.into_inner().len() {
            0 => Ok(()),
            more => Err(format!("gzip: {more} bytes behind the end")),
        }
    }
}

/// A connection and its deadline.
pub struct Connection {
    stream: TcpStream,
    pub start: Instant,
}

/// The head of an answer.
pub struct Head {
    pub status: u16,
    pub length: usize,
    gzip: bool,
}

impl Connection {
    pub fn open(address: SocketAddr, patience: Duration) -> Result<Self, String> {
        let start = Instant::now();
        let failed = |error: std::io::Error| format!("connection: {error}");
        let stream = TcpStream::connect_timeout(&address, patience).map_err(failed)?;
        stream.set_read_timeout(Some(patience)).map_err(failed)?;
        Ok(Self { stream, start })
    }

    pub fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = self.stream.write_all(bytes);
        sent.map_err(|error| format!("connection: {error}"))
    }

    /// Reads the head; the part of the body that came with it is left in `buffer`.
    pub fn head(&mut self, buffer: &mut Vec<u8>) -> Result<Head, String> {
        buffer.clear();
        let end = loop {
            if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
                break end;
            }
            let before = buffer.len();
            self.some(64 << 10, buffer)?;
            if buffer.len() == before {
                return Err("connection: it ended before the head".to_owned());
            }
        };
        let text = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let status = text.get(9..12).and_then(|it| it.parse().ok());
        let header = |name: &str| {
            text.lines()
                .find_map(|it| it.strip_prefix(name))
                .map(str::trim)
        };
        let length = header("content-length:").and_then(|it| it.parse().ok());
        let gzip = header("content-encoding:") == Some("gzip");
        buffer.drain(..end + 4);
        let (Some(status), Some(length)) = (status, length) else {
            return Err(format!("head: {text}"));
        };
        Ok(Head {
            status,
            length,
            gzip,
        })
    }

    /// Reads a number of bytes.
    pub fn take(&mut self, count: usize, buffer: &mut Vec<u8>) -> Result<(), String> {
        let before = buffer.len();
        buffer.reserve(count);
        while buffer.len() < before + count {
            let so_far = buffer.len();
            self.some(before + count - so_far, buffer)?;
            if buffer.len() == so_far {
                return Err(format!(
                    "connection: it ended {} bytes early",
                    before + count - so_far
                ));
            }
        }
        Ok(())
    }

    fn nothing_more(&mut self) -> Result<(), String> {
        match self.stream.read(&mut [0]) {
            Ok(0) => Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(()),
            more => Err(format!("length: {more:?} behind the end")),
        }
    }

    /// Appends the bytes of one read, at most `most`.
    fn some(&mut self, most: usize, buffer: &mut Vec<u8>) -> Result<(), String> {
        let before = buffer.len();
        buffer.resize(before + most.min(256 << 10), 0);
        let read = self.stream.read(&mut buffer[before..]);
        buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        read.map(drop)
            .map_err(|error| format!("connection: {error}"))
    }
}
