//! The real thing: either its refreshes and what is rendered of them, or the whole exporter.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use density_exporter::app::{Assembler, Reloader, build_info};
use density_exporter::blocking_pool::BlockingPool;
use density_exporter::clock::{Instant, SharedClock};
use density_exporter::config::{
    self, Auth, Collector, CollectorSet, CollectorSettings, Request, SecretSource, SpaceFilter,
    Stale,
};
use density_exporter::density::{
    Authenticator, Budget, Client, Code, Endpoint, Exchange, MemoryLimit, Observer,
    RejectionReason, Transport,
};
use density_exporter::exposition::{LinePrefix, Samples, TextBuffer};
use density_exporter::http::{self as served, Parts};
use density_exporter::metrics::{CollectorsView, ExporterMetrics, Layout, VIEWS, write_collectors};
use density_exporter::refresh::{
    Organization, OrganizationChange, Portfolio, RefreshConfig, Reload,
};
use http_body_util::BodyExt;
use tower::Service;

use crate::api::Api;
use crate::clock::Machine;
use crate::page::Page;
use crate::settings::{BUDGET, NAME, Settings};

/// One scrape.
#[derive(Clone, Debug)]
pub struct Scrape {
    /// None: all of them.
    pub collectors: Option<Vec<Collector>>,
    /// What Prometheus says in its header, in milliseconds.
    pub timeout: Option<u64>,
}

impl Scrape {
    /// How long it may wait.
    pub fn wait(&self) -> u64 {
        self.timeout.unwrap_or(10_000).saturating_sub(500)
    }

    /// What it asks for of what runs. Where nothing that it names does, it names nothing.
    pub fn wanted(&self, settings: &Settings) -> Vec<Collector> {
        let running = || settings.ttls.keys().copied();
        let named = self.collectors.iter().flatten();
        let named: Vec<_> = running()
            .filter(|it| named.clone().any(|named| named == it))
            .collect();
        match named.is_empty() {
            true => running().collect(),
            false => named,
        }
    }
}

/// What was seen at one moment.
#[derive(Clone, Debug)]
pub struct Seen {
    /// In this order.
    pub number: u64,
    pub at: u64,
    /// How many calls had arrived.
    pub calls: usize,
    pub page: Option<Page>,
    /// The collectors whose refresh is under way.
    pub under_way: Vec<Collector>,
    /// The collectors that are said to fail.
    pub failing: Vec<Collector>,
    /// When the refresh began that brought what is shown.
    pub shown_since: BTreeMap<Collector, u64>,
    /// When the refresh began that brought the data.
    pub requested_at: BTreeMap<Collector, u64>,
    /// Whether the last refresh of each succeeded, and how long it took. Where the contract leaves it
    /// open, this tells what was.
    pub finished: BTreeMap<Collector, (bool, u64)>,
}

/// An exporter that can be scraped and reloaded.
pub struct Exporter {
    machine: Arc<Machine>,
    api: Arc<Api>,
    seen: AtomicU64,
    organization: Arc<Organization>,
    way: Way,
}

enum Way {
    /// Only the refreshes; what they bring is rendered here.
    Refreshes(Box<Mutex<Refreshes>>),
    /// All of it, through its pages.
    Whole(Whole),
}

struct Refreshes {
    api: Arc<Api>,
    clock: SharedClock,
    blocking_pool: BlockingPool,
    budget: Arc<Budget>,
    client: Arc<Client>,
    settings: Settings,
    layout: Layout,
}

struct Whole {
    router: axum::Router,
    config: Arc<Mutex<String>>,
}

struct Nobody;

impl Observer for Nobody {
    fn request_ended(&self, _: Endpoint, _: Code, _: Duration) {}
    fn retried(&self, _: Endpoint) {}
    fn entries_rejected(&self, _: Endpoint, reason: RejectionReason, _: u64) {
        panic!("an entry was rejected: {}", reason.name());
    }
    fn token_issued(&self, _: Option<std::time::SystemTime>) {}
}

fn token(settings: &Settings) -> Auth {
    Auth::Token(SecretSource::Environment {
        variable: settings.token_name().to_owned(),
        value: "tok_simulated".into(),
    })
}

fn collectors(settings: &Settings) -> CollectorSettings {
    let mut collectors = CollectorSettings::default();
    for collector in Collector::ALL {
        let ttl = settings.ttls.get(&collector);
        collectors.set(collector, ttl.map(|it| Duration::from_millis(*it)));
    }
    collectors
}

fn request(settings: &Settings) -> Request {
    Request {
        timeout: Duration::from_millis(settings.timeout),
        retries: settings.retries,
        ..Request::default()
    }
}

fn refresh_config(settings: &Settings) -> RefreshConfig {
    RefreshConfig {
        filter: SpaceFilter::default(),
        collectors: collectors(settings),
        request: request(settings),
        stale: Stale {
            max_age: settings.max_age(),
        },
    }
}

impl Refreshes {
    fn exchange(&self, settings: &Settings) -> Exchange {
        Exchange {
            organization: NAME.to_owned(),
            api_url: "https://api.test".parse().unwrap(),
            transport: self.api.clone(),
            budget: self.budget.clone(),
            memory_limit: MemoryLimit::new(1 << 20),
            observer: Arc::new(Nobody),
            blocking_pool: self.blocking_pool.clone(),
            clock: self.clock.clone(),
            timeout: request(settings).timeout,
        }
    }

    /// As the assembler does it.
    fn reload(&mut self, organization: &Arc<Organization>, settings: &Settings) {
        let refetch = settings.token != self.settings.token;
        let authenticator = match refetch {
            true => Authenticator::new(&token(settings)),
            false => self.client.authenticator(),
        };
        let exchange = self.exchange(settings);
        let retries = settings.retries;
        let client = self.client.reconfigured(exchange, authenticator, retries);
        self.client = Arc::new(client);
        self.settings = settings.clone();
        let change = OrganizationChange {
            organization: organization.clone(),
            client: self.client.clone(),
            config: refresh_config(settings),
            refetch,
        };
        let all = vec![organization.clone()];
        let portfolio = Portfolio::new(all, vec![self.budget.clone()], collectors(settings));
        Reload::new(portfolio, vec![change], BUDGET).apply(|_, take_effect| take_effect());
    }

    fn page(&mut self, organization: &Organization, wanted: &[Collector]) -> Page {
        let snapshot = organization.snapshot();
        self.layout.update(NAME, &snapshot);
        let context = self.layout.context(&snapshot);
        let mut out = TextBuffer::new();
        for view in VIEWS.iter().filter(|it| wanted.contains(&it.collector)) {
            if snapshot.fetched(view.collector).is_some() {
                let opening = LinePrefix::new(view.family.name);
                let mut samples = Samples::new(&mut out, &opening);
                view.writer(&context)(0..context.rows(view.table), &mut samples);
            }
        }
        let view = CollectorsView {
            organizations: &[(NAME, &snapshot.states)],
            collectors: wanted.iter().copied().collect(),
            settings: &collectors(&self.settings),
        };
        write_collectors(&view, &mut out);
        Page::read(&String::from_utf8(out.into_vec()).unwrap())
    }
}

impl Exporter {
    /// Only the refreshes.
    pub fn refreshes(machine: &Arc<Machine>, api: &Arc<Api>, settings: &Settings) -> Self {
        let clock: SharedClock = machine.clone();
        let authenticator = Authenticator::new(&token(settings));
        let blocking_pool = BlockingPool::default();
        let budget = Budget::new("api.test".to_owned(), BUDGET, clock.clone());
        let exchange = Exchange {
            organization: NAME.to_owned(),
            api_url: "https://api.test".parse().unwrap(),
            transport: api.clone(),
            budget: budget.clone(),
            memory_limit: MemoryLimit::new(1 << 20),
            observer: Arc::new(Nobody),
            blocking_pool: blocking_pool.clone(),
            clock: clock.clone(),
            timeout: request(settings).timeout,
        };
        let client = Arc::new(Client::new(exchange, authenticator, settings.retries));
        let refreshes = Refreshes {
            api: api.clone(),
            clock: clock.clone(),
            blocking_pool: blocking_pool.clone(),
            budget,
            client: client.clone(),
            settings: settings.clone(),
            layout: Layout::default(),
        };
        let refresh_config = refresh_config(settings);
        Self {
            machine: machine.clone(),
            api: api.clone(),
            seen: AtomicU64::default(),
            organization: Organization::new(
                NAME.to_owned(),
                client,
                refresh_config,
                clock,
                blocking_pool,
            ),
            way: Way::Refreshes(Box::new(Mutex::new(refreshes))),
        }
    }

    /// The whole exporter.
    pub fn whole(machine: &Arc<Machine>, api: &Arc<Api>, settings: &Settings) -> Self {
        let clock: SharedClock = machine.clone();
        let config = Arc::new(Mutex::new(settings.yaml()));
        let source = config.clone();
        let environment = [("ONE", "tok_simulated"), ("OTHER", "tok_simulated")];
        let read = move || config::from_text("test.yml", &source.lock().unwrap(), &environment);
        let exporter_metrics = Arc::new(ExporterMetrics::new(build_info()).unwrap());
        let mut assembler = Assembler::new(
            clock.clone(),
            BlockingPool::default(),
            exporter_metrics.clone(),
        );
        let answers: Arc<dyn Transport> = api.clone();
        let transport = move |_: &_| Ok(answers.clone());
        let portfolio = assembler.first(&read().unwrap(), &transport).unwrap();
        let organization = portfolio.organizations()[0].clone();
        let parts = Parts {
            portfolio,
            exporter_metrics: exporter_metrics.clone(),
            redacted_config: String::new(),
            clock: clock.clone(),
        };
        let serving = served::Settings {
            telemetry_path: "/metrics".to_owned(),
            timeout_offset: Duration::from_millis(500),
            max_requests: 40,
        };
        let exporter = served::Exporter::new(parts, serving);
        let (read, transport) = (Box::new(read), Box::new(transport));
        let web = served::WatchedWebConfig::open(None, clock.clone()).unwrap();
        exporter.enable_lifecycle(Reloader::new(
            &exporter,
            assembler,
            exporter_metrics,
            clock,
            read,
            transport,
        ));
        Self {
            machine: machine.clone(),
            api: api.clone(),
            seen: AtomicU64::default(),
            organization,
            way: Way::Whole(Whole {
                router: served::router(exporter, web),
                config,
            }),
        }
    }

    pub async fn reload(&self, settings: &Settings) {
        match &self.way {
            Way::Refreshes(it) => it.lock().unwrap().reload(&self.organization, settings),
            Way::Whole(it) => {
                *it.config.lock().unwrap() = settings.yaml();
                let (status, words) = it.ask(http::Request::post("/-/reload")).await;
                assert_eq!(status, 200, "{words}");
            }
        }
    }

    /// Scrapes. The number says when that began, in the order of what is seen.
    pub async fn scrape(&self, scrape: &Scrape, settings: &Settings) -> (u64, Seen) {
        let began = self.seen.fetch_add(1, Ordering::Relaxed);
        let wanted = scrape.wanted(settings);
        let page = match &self.way {
            Way::Refreshes(it) => {
                let deadline = self.now() + Duration::from_millis(scrape.wait());
                let set: CollectorSet = wanted.iter().copied().collect();
                let all = [self.organization.clone()];
                Portfolio::refresh_due(&all, set, deadline).await;
                it.lock().unwrap().page(&self.organization, &wanted)
            }
            Way::Whole(it) => {
                let named = scrape.collectors.iter().flatten();
                let named = named.filter(|it| settings.ttls.contains_key(it));
                let query: Vec<String> =
                    named.map(|it| format!("collect[]={}", it.name())).collect();
                let uri = format!("/metrics?{}", query.join("&"));
                let mut request = http::Request::get(uri);
                if let Some(timeout) = scrape.timeout {
                    let seconds = timeout as f64 / 1000.0;
                    request =
                        request.header("x-prometheus-scrape-timeout-seconds", seconds.to_string());
                }
                let (status, text) = it.ask(request).await;
                assert_eq!(status, 200, "{text}");
                Page::read(&text)
            }
        };
        (began, self.seen(Some(page)))
    }

    /// Looks at all there is without scraping, where that can be done.
    pub fn look(&self) -> Seen {
        match &self.way {
            Way::Refreshes(it) => {
                let mut it = it.lock().unwrap();
                let all: Vec<Collector> = it.settings.ttls.keys().copied().collect();
                let page = it.page(&self.organization, &all);
                self.seen(Some(page))
            }
            Way::Whole(_) => self.seen(None),
        }
    }

    fn now(&self) -> Instant {
        Instant::new(Duration::from_millis(self.machine.milliseconds()))
    }

    fn seen(&self, page: Option<Page>) -> Seen {
        let report = self.organization.report(self.now());
        let under_way = report.collectors.iter().filter(|it| it.refreshing);
        let finished = Collector::ALL.into_iter().filter_map(|it| {
            let finished = report.snapshot.states.of(it).last_refresh?;
            Some((it, (finished.success, finished.duration.as_millis() as u64)))
        });
        let failing = report.collectors.iter().filter(|it| it.failing.is_some());
        let milliseconds = |it: Instant| it.since(Instant::default()).as_millis() as u64;
        let shown_since = Collector::ALL.into_iter().filter_map(|it| {
            let (requested_at, _) = report.snapshot.fetched(it)?;
            Some((it, milliseconds(requested_at)))
        });
        let requested_at = report
            .collectors
            .iter()
            .filter_map(|it| Some((it.collector, milliseconds(it.requested_at?))));
        Seen {
            number: self.seen.fetch_add(1, Ordering::Relaxed),
            at: self.machine.milliseconds(),
            calls: self.api.arrived(),
            page,
            under_way: under_way.map(|it| it.collector).collect(),
            failing: failing.map(|it| it.collector).collect(),
            shown_since: shown_since.collect(),
            requested_at: requested_at.collect(),
            finished: finished.collect(),
        }
    }
}

impl Whole {
    async fn ask(&self, request: http::request::Builder) -> (u16, String) {
        let request = request.body(axum::body::Body::empty()).unwrap();
        let Ok(answer) = self.router.clone().call(request).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}
