//! What goes wrong during a storm: every kind of fault at every endpoint, things that happen in the
//! portfolio, and clients that send junk.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use density_exporter::simulator::{Fault, Simulator, Wrapping};

use crate::rng::Rng;

const ENDPOINTS: [&str; 6] = [
    "token",
    "spaces",
    "sensors",
    "sensor_health",
    "current_count",
    "presence",
];
/// The endpoints whose data expires soon.
const LIVE: [&str; 3] = ["sensor_health", "presence", "current_count"];
/// `#` stands for a random number.
const KINDS: [&str; 30] = [
    "latency:#ms",
    "status:400",
    "status:401",
    "status:403",
    "status:404",
    "status:408",
    "status:413",
    "status:429",
    "status:500",
    "status:502",
    "status:503,retry_after=2",
    "status:503,retry_after=soon",
    "status:504",
    "status:200,body=x",
    "truncate",
    "hang",
    "hang_in_body",
    "trickle:1",
    "trickle:#",
    "reset",
    "malformed",
    "garbage",
    "html",
    "wrong_content_type",
    "error_with_200",
    "expired_token",
    "huge:300000000",
    "deep:#",
    "deep:3000000",
    "redirect:http://127.0.0.1:1/v3/spaces",
];
/// What a 429 may say.
const RETRY_AFTER: [&str; 6] = [
    "",
    ",retry_after=1",
    ",retry_after=2",
    ",retry_after=-5",
    ",retry_after=later",
    ",retry_after=\"Wed, 21 Oct 2015 07:28:00 GMT\"",
];
/// A 429 halves the rate of calls, which takes minutes to recover: so often that the rest goes on.
const BETWEEN_429: Duration = Duration::from_secs(200);

/// Breaks one simulated API.
pub struct Storm<'s> {
    simulator: &'s Simulator,
    rng: Rng,
    places: Vec<String>,
    serials: Vec<String>,
    /// Kinds of faults that come before any comes again.
    shuffled_kinds: Vec<&'static str>,
    last_429: Option<Instant>,
    /// The endpoint that fails during the whole storm, so that its data expires.
    out: &'static str,
    storms: usize,
    pub faults: u64,
    pub events: u64,
}

impl<'s> Storm<'s> {
    /// `places` is what the simulator answers to `GET /simulator/places`.
    pub fn new(simulator: &'s Simulator, rng: Rng, places: &serde_json::Value) -> Self {
        let ids = |kind: &str, field: &str| {
            let all = places[kind].as_array().into_iter().flatten();
            let names = all.map(|it| it[field].as_str().unwrap_or_default().to_owned());
            names.collect::<Vec<_>>()
        };
        Self {
            simulator,
            rng,
            places: ids("floors", "id"),
            serials: ids("sensors", "serial_number"),
            shuffled_kinds: Vec::new(),
            last_429: None,
            out: LIVE[0],
            storms: 0,
            faults: 0,
            events: 0,
        }
    }

    /// Starts a storm.
    pub fn begin(&mut self) {
        self.out = LIVE[self.storms % LIVE.len()];
        self.storms += 1;
    }

    /// Replaces the active faults, and makes other events happen.
    pub fn change_faults(&mut self) {
        self.simulator.clear_faults();
        // The oldest fault is what happens.
        let outage = format!("{}=status:500", self.out);
        self.simulator.inject(outage.parse().unwrap());
        let first = self.rng.below(ENDPOINTS.len() as u64) as usize;
        for (number, endpoint) in ENDPOINTS.into_iter().enumerate() {
            // At least one; the token rarely, because nothing is requested without it.
            let is_hit = match endpoint {
                "token" => self.rng.one_in(8),
                _ => number == first || self.rng.one_in(2),
            };
            if is_hit {
                self.fault(endpoint);
            }
        }
        match self.rng.below(6) {
            0 => self.fault("*"),
            1 => self.simulator.expire_tokens(),
            2 => {
                let wrappings = [Wrapping::Bare, Wrapping::Data, Wrapping::Results];
                self.simulator.set_wrapping(*self.rng.choose(&wrappings));
            }
            _ => self.event(),
        }
    }

    fn fault(&mut self, endpoint: &str) {
        if self.shuffled_kinds.is_empty() {
            self.shuffled_kinds = KINDS.to_vec();
        }
        let place = self.rng.below(self.shuffled_kinds.len() as u64) as usize;
        let kind = self.shuffled_kinds.swap_remove(place);
        let mut kind = kind.replace('#', &self.rng.below(6_000).to_string());
        let mut times = if self.rng.one_in(3) { 1 } else { 1_000_000 };
        if kind == "status:429" {
            if self.last_429.is_some_and(|it| it.elapsed() < BETWEEN_429) {
                return;
            }
            self.last_429 = Some(Instant::now());
            times = 1;
            kind += *self.rng.choose(&RETRY_AFTER);
        }
        let fault: Fault = format!("{endpoint}={kind},times={times}").parse().unwrap();
        self.simulator.inject(fault);
        self.faults += 1;
    }

    fn event(&mut self) {
        let serial = self.rng.choose(&self.serials).clone();
        let place = self.rng.choose(&self.places).clone();
        let event = match self.rng.below(6) {
            0 => format!("offline floor {place}"),
            1 => format!("flapping floor {place}"),
            2 => format!(
                "rename {place} Floor \"{}\" \\ with\u{e9}",
                self.rng.below(100)
            ),
            3 => format!("lifecycle {place} retired"),
            4 => format!("lifecycle {place} status_{}", self.rng.below(100)),
            _ => format!("degraded sensor {serial}"),
        };
        self.simulator.apply(event.parse().unwrap()).unwrap();
        self.events += 1;
    }

    /// Ends all faults.
    pub fn end(&mut self) {
        self.simulator.clear_faults();
        self.simulator.set_wrapping(Wrapping::Reference);
        self.simulator.apply("auto all".parse().unwrap()).unwrap();
    }
}

/// What no client should send.
const JUNK: [&[u8]; 16] = [
    b"",
    b"\r\n\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET /metrics HTTP/1.1\nHost: x\n\n",
    b"GET /metrics\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /metrics?collect[]=%00%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://elsewhere.example/metrics?organization=nobody HTTP/1.1\r\nHost: y\r\n\r\n",
    b"GET /metrics HTTP/9.9\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\nX: \x01\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: -1e999\r\nAccept-Encoding: gzip;q=\xff\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nTRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /metr",
];

/// Sends junk, and leaves some connections half open.
pub struct Hostile {
    address: SocketAddr,
    rng: Rng,
    open: Vec<TcpStream>,
    pub sent: u64,
}

impl Hostile {
    pub fn new(address: SocketAddr, rng: Rng) -> Self {
        Self {
            address,
            rng,
            open: Vec::new(),
            sent: 0,
        }
    }

    pub fn once(&mut self) {
        let Ok(mut stream) = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))
        else {
            return;
        };
        let mut junk = self.rng.choose(&JUNK).to_vec();
        if self.rng.one_in(3)
            && let Some(place) = (junk.len() as u64).checked_sub(1)
        {
            let place = self.rng.below(place + 1) as usize;
            junk[place] = self.rng.next() as u8;
        }
        // The exporter may have closed the connection, as it may.
        let _ = stream.write_all(&junk);
        self.sent += 1;
        if self.open.len() >= 30 {
            let place = self.rng.below(30) as usize;
            self.open.swap_remove(place);
        }
        match self.rng.below(3) {
            0 => self.open.push(stream),
            1 => {
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
                let _ = stream.read(&mut [0; 4096]);
            }
            _ => {}
        }
    }
}
