//! A client that costs little: one blocking connection a thread, bodies thrown away as they come.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Result;

/// How long anything may take to come; longer than any scrape that is worth measuring.
const LIMIT: Duration = Duration::from_secs(300);
/// Large enough that a large body takes few calls, small enough to stay in a processor's cache.
const BUFFER: usize = 256 * 1024;

/// Where to ask. Only the loopback address, so that nobody else is ever put under load.
#[derive(Clone, Debug)]
pub struct Target {
    address: SocketAddr,
    path: String,
}

impl Target {
    /// The target of `http://127.0.0.1:PORT/PATH`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(url: &str) -> Result<Self> {
        let rest = url
            .strip_prefix("http://")
            .ok_or("only http:// is spoken")?;
        let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let address: SocketAddr = address
            .parse()
            .map_err(|_| format!("{address} is not an address with a port"))?;
        if !address.ip().is_loopback() {
            return Err(format!("{address} is not a loopback address").into());
        }
        let path = if path.is_empty() { "/" } else { path }.to_owned();
        Ok(Self { address, path })
    }
}

/// A connection that is kept.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    request: Vec<u8>,
    line: Vec<u8>,
}

/// How the bytes of a body are delimited.
enum Framing {
    Length(u64),
    Chunked,
}

impl Connection {
    /// Connects. Its requests take gzip and say that the scrape may take `scrape_timeout` seconds.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open(target: &Target, scrape_timeout: f64) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&target.address, LIMIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        let (path, address) = (&target.path, target.address);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: gzip\r\n\
             X-Prometheus-Scrape-Timeout-Seconds: {scrape_timeout}\r\n\r\n"
        );
        Ok(Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            request: request.into_bytes(),
            line: Vec::new(),
        })
    }

    /// Asks once, writes the body as it was sent to `body`, and returns how many bytes it had.
    ///
    /// # Errors
    /// When the status is not 200, or the connection ends or is silent for too long.
    pub fn get(&mut self, body: &mut impl Write) -> Result<u64> {
        self.stream.get_mut().write_all(&self.request)?;
        match self.head()? {
            Framing::Length(length) => {
                self.copy(length, body)?;
                Ok(length)
            }
            Framing::Chunked => self.chunks(body),
        }
    }

    fn head(&mut self) -> Result<Framing> {
        let status = self.line()?;
        if !status.starts_with("HTTP/1.1 200 ") {
            return Err(format!("the answer is {status}").into());
        }
        let mut framing = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return framing.ok_or_else(|| "the answer has no length".into());
            }
            let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
            if name.eq_ignore_ascii_case("content-length") {
                framing = Some(Framing::Length(value.trim().parse()?));
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                framing = Some(Framing::Chunked);
            }
        }
    }

    fn chunks(&mut self, body: &mut impl Write) -> Result<u64> {
        let mut total = 0;
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = u64::from_str_radix(size, 16)?;
            self.copy(size, body)?;
            // After a chunk, and after the last one's trailer, which nobody sends here.
            self.line()?;
            total += size;
            if size == 0 {
                return Ok(total);
            }
        }
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<&str> {
        self.line.clear();
        // A head or a chunk's size is short; more than this is not HTTP.
        let mut limited = (&mut self.stream).take(64 * 1024);
        limited.read_until(b'\n', &mut self.line)?;
        let line = self.line.strip_suffix(b"\r\n");
        Ok(std::str::from_utf8(line.ok_or("the connection ended")?)?)
    }

    fn copy(&mut self, mut length: u64, body: &mut impl Write) -> Result<()> {
        while length > 0 {
            let bytes = self.stream.fill_buf()?;
            if bytes.is_empty() {
                return Err("the connection ended in the middle of a body".into());
            }
            let wanted = usize::try_from(length).unwrap_or(usize::MAX);
            let count = wanted.min(bytes.len());
            body.write_all(&bytes[..count])?;
            self.stream.consume(count);
            length -= count as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn answer(bytes: &'static [u8]) -> Result<Vec<u8>> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/metrics", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(bytes).unwrap();
        });
        let mut body = Vec::new();
        let mut connection = Connection::open(&Target::parse(&url)?, 10.0)?;
        let length = connection.get(&mut body);
        server.join().unwrap();
        assert_eq!(length? as usize, body.len());
        Ok(body)
    }

    #[test]
    fn bodies_are_read_by_length_and_by_chunks() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcd";
        assert_eq!(answer(bytes).unwrap(), b"abc");
        let bytes =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(answer(bytes).unwrap(), b"abc");
    }

    #[test]
    fn answers_that_are_not_good_are_errors() {
        let unavailable = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
        let error = answer(unavailable).unwrap_err().to_string();
        assert!(error.contains("503"), "{error}");
        assert!(answer(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab").is_err());
        assert!(answer(b"").is_err());
    }

    #[test]
    fn only_loopback_is_asked() {
        assert!(Target::parse("http://127.0.0.1:1/metrics").is_ok());
        assert!(Target::parse("http://[::1]:1").is_ok());
        assert!(Target::parse("http://192.0.2.1:1/metrics").is_err());
        assert!(Target::parse("http://example.org/metrics").is_err());
        assert!(Target::parse("https://127.0.0.1:1/").is_err());
    }
}
