//! One cell of the matrix: a fault at an endpoint, from a portfolio that is known, through the fault, to
//! the first refresh after it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use density_exporter::density::Endpoint;
use density_exporter::simulator::Options;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::exporter::{DEADLINE, Exporter, Hosts, Scrape};
use crate::harness::Page;
use crate::report::Row;
use crate::script::{Step, whole};
use crate::server::{Server, Spoil, Wrong};
use crate::table::{Expected, Fault, Form, How};
use crate::tls::Certificates;

/// `request.max_memory`.
const MAX_MEMORY_MIB: u64 = 4;
/// What else a refresh may add to the peak: connections, threads, pages, and code that is read in when it
/// runs for the first time.
const ASIDE_KIB: u64 = 4 << 10;
const RETRIES: u64 = 1;
/// Of the collectors that are asked meanwhile.
const TTL: Duration = Duration::from_secs(2);
/// What has the names of the inventory beside live values.
const LIVE_FAMILIES: [&str; 3] = [
    "density_space_occupancy",
    "density_space_presence",
    "density_sensor_health",
];
const LONG_TTL: Duration = Duration::from_secs(3600);
/// How long anything that must happen may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all cells share.
pub struct Ground {
    pub runtime: Handle,
    pub certificates: Arc<Certificates>,
}

struct Cell<'a> {
    form: &'a Form,
    endpoint: Endpoint,
    /// Those of which the refresh meets the fault.
    hit: Vec<Endpoint>,
    server: Server,
    hosts: Option<Hosts>,
    exporter: Exporter,
    scrapes: u64,
    longest: Duration,
}

/// Tries it. It panics where a promise is broken.
pub fn run(ground: &Ground, fault: &Fault, form: &Form, endpoint: Endpoint) -> Row {
    let began_at = Instant::now();
    let mut cell = Cell::new(ground, form, endpoint);
    let before = cell.settled();
    let start = (cell.exporter.memory("VmRSS"), cell.exporter.memory("VmHWM"));
    let calls_before = cell.server.calls().of(endpoint);
    let scrapes_before = cell.scrapes;

    let elsewhere = cell.begin(ground);
    let during = cell.fault(&before);
    let calls = cell.server.calls().of(endpoint) - calls_before;
    // A token that is not accepted is renewed once, and the request sent again with the new one.
    let most = (cell.scrapes - scrapes_before) * (RETRIES + 1 + 1);
    assert!(calls <= most, "{calls} calls in {} scrapes", cell.scrapes);
    cell.tells_the_cause(&before, &during);

    cell.recover(&before);
    let counted = cell.nothing_goes_uncounted();
    if let Some(listener) = elsewhere {
        listener.set_nonblocking(true).unwrap();
        let came = listener.accept();
        assert!(came.is_err(), "the redirect was followed: {came:?}");
    }
    let growth = cell.exporter.memory("VmHWM") - start.1;
    assert!(
        growth <= (MAX_MEMORY_MIB << 10) + ASIDE_KIB,
        "the peak grew by {growth} KiB"
    );
    // The budget as it is by default, and what the API itself allows.
    let allowed = 40.0 + 10.0 * began_at.elapsed().as_secs_f64();
    assert!(counted as f64 <= allowed, "{counted} calls of {allowed}");
    assert_eq!(cell.server.simulator().calls().with_status(429), 0);
    let end = cell.exporter.memory("VmRSS");
    let (longest, scrapes) = (cell.longest, cell.scrapes);
    let log = cell.exporter.end();
    for word in ["panicked", "defect", "simulated-secret"] {
        assert!(!log.contains(word), "{log}");
    }
    Row {
        fault: fault.name,
        does: form.does,
        endpoint,
        cause: cause(form.expected(endpoint)),
        longest,
        scrapes,
        calls: counted,
        allowed: allowed as u64,
        wrong: cell.server.calls().wrong,
        memory: (start.0, end),
        growth,
    }
}

/// How the metrics name the cause.
fn cause(expected: Expected) -> &'static str {
    match expected {
        Expected::Fails(code) => code,
        Expected::NoneReadable => "200, entries rejected",
        Expected::OneRejected => "read, one entry rejected",
        Expected::Read => "read",
    }
}

impl<'a> Cell<'a> {
    fn new(ground: &Ground, form: &'a Form, endpoint: Endpoint) -> Self {
        let live: Vec<Endpoint> = Endpoint::ALL
            .into_iter()
            .filter(|it| *it != Endpoint::Token)
            .collect();
        // What is wrong at the door is in the way of all that goes there: only the endpoint does.
        let due = match (form.is_at_the_door(), endpoint) {
            (false, _) => live.clone(),
            (true, Endpoint::Token) => vec![Endpoint::Presence],
            (true, _) => vec![endpoint],
        };
        let hit = match endpoint {
            Endpoint::Token => due.clone(),
            _ => vec![endpoint],
        };
        let options = Options {
            buildings: 1,
            sensors: 12,
            steady: true,
            ..Options::default()
        };
        let over_tls = matches!(form.how, How::Certificate(_) | How::Away(_));
        let certificates = over_tls.then(|| ground.certificates.clone());
        let server = Server::start(&ground.runtime, options, certificates);
        // A token that has ended when the fault begins.
        server.say_that_tokens_are_short(endpoint == Endpoint::Token);
        let hosts = matches!(form.how, How::NoName).then(Hosts::new);
        let port = server.address.port();
        let (url, more) = match &hosts {
            Some(hosts) => (hosts.url(port), "allow_plain_http: true".to_owned()),
            None if over_tls => {
                let authority = ground.certificates.authority();
                let ca_file = format!("ca_file: {}", authority.display());
                (format!("https://localhost:{port}"), ca_file)
            }
            None => (format!("http://127.0.0.1:{port}"), String::new()),
        };
        let mut config = format!(
            "organizations:\n  - name: acme\n    api_url: {url}\n    auth: {{ client_id: simulated-client, client_secret_env: SECRET }}\n    {more}\n\
             request: {{ timeout: {}ms, retries: {RETRIES}, max_memory: {MAX_MEMORY_MIB}MiB }}\ncollectors:\n",
            form.timeout.as_millis()
        );
        for it in live {
            let ttl = if due.contains(&it) { TTL } else { LONG_TTL };
            config += &format!("  {it}: {{ ttl: {}s }}\n", ttl.as_secs());
        }
        let exporter = Exporter::start(&config, hosts.as_ref());
        Self {
            form,
            endpoint,
            hit,
            server,
            hosts,
            exporter,
            scrapes: 0,
            longest: Duration::ZERO,
        }
    }

    /// Scrapes once. Whatever is wrong, there is a page in time.
    fn scrape(&mut self) -> Page {
        let Scrape { page, took } = self.exporter.scrape();
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(took < DEADLINE, "a scrape took {took:?}");
        self.scrapes += 1;
        self.longest = self.longest.max(took);
        page
    }

    /// Scrapes until a page is as it should be.
    fn until(&mut self, what: &str, mut is: impl FnMut(&Page) -> bool) -> Page {
        let limit = Instant::now() + PATIENCE;
        loop {
            let page = self.scrape();
            if is(&page) {
                return page;
            }
            let lines = page.text.lines().filter(|it| {
                it.starts_with("density_collector_success")
                    || it.starts_with("density_api_requests_total") && !it.ends_with(" 0")
            });
            let lines: Vec<_> = lines.collect();
            assert!(
                Instant::now() < limit,
                "in vain: {what}\n{}\n{}",
                lines.join("\n"),
                self.exporter.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The first page on which all is well and everything has its name: on a machine that is busy, a page
    /// may come before what is new is rendered.
    fn settled(&mut self) -> Page {
        let mut last = String::new();
        self.until("all is well", |page| {
            let is_named = |family: &str| {
                let samples = page.samples(family);
                let mut labels = samples.iter().map(|(labels, _)| labels);
                labels.any(|it| it.contains_key("building"))
            };
            let are_named = LIVE_FAMILIES.into_iter().all(is_named);
            let data = page.data().concat();
            let is_settled = data == last && are_named;
            last = data;
            is_settled && page.value("density_up", &[]) == 1.0
        })
    }

    /// Begins what is wrong. Where answers say to go elsewhere, it is there that this listens.
    fn begin(&self, ground: &Ground) -> Option<std::net::TcpListener> {
        let spoil = |how: Spoil| {
            self.server.begin(Wrong::Answers(self.endpoint, how));
        };
        match self.form.how {
            How::Answer(how) => spoil(Arc::new(how)),
            How::Status(line, headers) => {
                let body = br#"{"code":0,"message":"so it is"}"#;
                spoil(Arc::new(move |_| {
                    vec![Step::Send(whole(line, headers, body))]
                }));
            }
            How::Elsewhere => {
                let listener = ground.runtime.block_on(TcpListener::bind("127.0.0.1:0"));
                let listener = listener.unwrap().into_std().unwrap();
                let address = listener.local_addr().unwrap();
                let location = format!("Location: http://{address}/v3/spaces\r\n");
                spoil(Arc::new(move |_| {
                    vec![Step::Send(whole("301 Moved Permanently", &location, b""))]
                }));
                return Some(listener);
            }
            How::Refused => self.server.begin(Wrong::Refused),
            How::Full => self.server.begin(Wrong::Full),
            How::Certificate(name) => self.server.begin(Wrong::Certificate(name)),
            How::Away(away) => self.server.begin(Wrong::Away(away)),
            How::NoName => {
                // Connections that there are need no name.
                self.server.begin(Wrong::Refused);
                self.server.end();
                self.hosts.as_ref().unwrap().forget();
            }
        }
        None
    }

    fn end(&self) {
        self.server.say_that_tokens_are_short(false);
        match &self.hosts {
            Some(hosts) => hosts.know(),
            None => self.server.end(),
        }
    }

    /// Scrapes until the fault has been met. Meanwhile nothing that was known is lost, and the collectors
    /// that do not meet it go on as ever.
    fn fault(&mut self, before: &Page) -> Page {
        let (form, endpoint, hit) = (self.form, self.endpoint, self.hit.clone());
        let expected = form.expected(endpoint);
        let others: Vec<Endpoint> = Endpoint::ALL
            .into_iter()
            .filter(|it| *it != Endpoint::Token && !hit.contains(it))
            .collect();
        let fails = matches!(expected, Expected::Fails(_) | Expected::NoneReadable);
        self.until("the fault is met", |page| {
            for line in before.data() {
                assert!(page.text.contains(line), "lost: {line}");
            }
            if !form.pauses {
                for it in &others {
                    assert_eq!(page.success(it.name()), 1.0, "{it} fails too");
                }
            }
            let again = |it: &Endpoint| last_success(page, *it) > last_success(before, *it);
            let go_on = form.pauses || form.is_at_the_door() || others.iter().all(again);
            let met = match expected {
                Expected::Fails(code) => grown(before, page, endpoint, code) > 0.0,
                Expected::NoneReadable | Expected::OneRejected => rejected(page, endpoint) > 0.0,
                Expected::Read => grown(before, page, endpoint, "200") > 0.0,
            };
            let ended = match fails {
                true => hit.iter().all(|it| page.success(it.name()) == 0.0),
                false => hit.iter().all(again),
            };
            met && ended && go_on
        })
    }

    /// The metrics of requests name the cause, at the endpoint that has it and nowhere else.
    fn tells_the_cause(&self, before: &Page, during: &Page) {
        for (labels, _) in during.samples("density_api_requests_total") {
            let code = labels["code"].as_str();
            let at = Endpoint::ALL
                .into_iter()
                .find(|it| it.name() == labels["endpoint"])
                .unwrap();
            let is_expected = match self.form.expected(self.endpoint) {
                // A request may be on its way on a connection that ends when the door becomes wrong,
                // or be answered just before.
                Expected::Fails(_) if code == "reset" && self.form.is_at_the_door() => true,
                Expected::Fails(cause) if at == self.endpoint => code == cause || code == "200",
                _ => code == "200",
            };
            let grown = grown(before, during, at, code);
            assert!(is_expected || grown == 0.0, "{at}: {grown} times {code}");
        }
    }

    /// The first call after the end of the fault, which comes when the endpoint is due, brings all back.
    fn recover(&mut self, before: &Page) {
        let began_at = Instant::now();
        self.end();
        let calls = self.server.calls().of(self.endpoint);
        self.until("all is well again", |page| {
            for line in before.data() {
                assert!(page.text.contains(line), "lost: {line}");
            }
            page.value("density_up", &[]) == 1.0
        });
        let calls = self.server.calls().of(self.endpoint) - calls;
        // On a machine that is busy, an answer may come too late, and data be due again.
        let most = 1 + began_at.elapsed().as_secs();
        assert!(calls <= most, "it took {calls} calls to recover");
    }

    /// Every request that arrived is counted, when it has ended; how many are.
    fn nothing_goes_uncounted(&mut self) -> u64 {
        let arrived = self.server.calls().total();
        let counted = |page: &Page| page.sum("density_api_requests_total", &[]) as u64;
        counted(&self.until("what arrived is counted", |page| counted(page) >= arrived))
    }
}

fn last_success(page: &Page, endpoint: Endpoint) -> f64 {
    page.value(
        "density_collector_last_success_timestamp_seconds",
        &[("collector", endpoint.name())],
    )
}

/// By how much a counter of requests has grown.
fn grown(before: &Page, page: &Page, endpoint: Endpoint, code: &str) -> f64 {
    let labels = [("endpoint", endpoint.name()), ("code", code)];
    let count = |page: &Page| page.sum("density_api_requests_total", &labels);
    count(page) - count(before)
}

fn rejected(page: &Page, endpoint: Endpoint) -> f64 {
    page.sum(
        "density_api_rejected_entries_total",
        &[("endpoint", endpoint.name())],
    )
}
