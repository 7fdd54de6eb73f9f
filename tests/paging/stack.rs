//! Everything between a sensor that dies and the person who is told: simulated API, exporters, real
//! Prometheus, real Alertmanager, webhook. A minute of the rules is a second here.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use density_exporter::simulator::Options;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::alertmanager::Alertmanager;
use crate::process::prometheus::Prometheus;
use crate::process::{Api, Exporter, Folder, curl};
use crate::scale;
use crate::webhook::{Notification, Webhook};

/// The exporter's defaults, as far as they can be scaled: no TTL is below a second.
pub const CONFIG: &str = "\
collectors: { spaces: { ttl: 1s }, sensors: { ttl: 1s }, current_count: { ttl: 1s }, presence: { ttl: 1s }, sensor_health: { ttl: 1s } }
request: { timeout: 2s, retries: 0 }
stale: { max_age: 10s }";

/// How long anything may take that takes minutes by the rules, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long to wait before looking again. Looking costs the processors that are looked at, too.
const PAUSE: Duration = Duration::from_millis(100);

pub struct Stack {
    pub api: Api,
    pub exporters: Vec<Exporter>,
    pub prometheus: Prometheus,
    pub webhook: Webhook,
    /// How many notifications were expected, and came.
    told: Cell<usize>,
    _alertmanager: Alertmanager,
    rules: Folder,
}

pub type Labels = BTreeMap<String, String>;

/// An alert as Prometheus has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub labels: Labels,
    pub state: String,
    pub active_at: String,
}

impl Stack {
    /// One exporter, and a portfolio in which nothing happens by itself.
    pub fn of(options: Options) -> Self {
        Self::with_replicas(options, 1)
    }

    pub fn with_replicas(options: Options, replicas: usize) -> Self {
        let stack = Self::without_rules(options, replicas);
        stack.within("every exporter has data", || {
            let all = stack.prometheus.value("count(density_up == 1)");
            (all == Some(replicas as f64)).then_some(())
        });
        stack.load_rules();
        stack
    }

    /// Everything runs and nothing is judged yet.
    pub fn without_rules(options: Options, replicas: usize) -> Self {
        let api = Api::start(Options {
            steady: true,
            // The limit of the real API has its own tests.
            requests_per_second: 0.0,
            ..options
        });
        let exporters: Vec<_> = (0..replicas)
            .map(|_| Exporter::of(api.address, CONFIG, &[]))
            .collect();
        let webhook = Webhook::start();
        let alertmanager = Alertmanager::calling(webhook.address);
        let rules = Folder::new();
        let targets: Vec<_> = exporters.iter().map(Exporter::address).collect();
        let config = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\n\
             rule_files: ['{}/*']\n\
             alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['{}'] }}] }}] }}\n\
             scrape_configs:\n  - job_name: density\n    static_configs: [{{ targets: {targets:?} }}]\n",
            rules.path().display(),
            alertmanager.address,
        );
        // Prometheus' own times, scaled too. An alert that is not sent again counts as resolved after
        // four times the resend delay, so that delay leaves a busy machine some time.
        let flags = [
            "--rules.alert.for-grace-period=10s",
            "--rules.alert.resend-delay=3s",
            "--web.enable-lifecycle",
        ];
        let stack = Self {
            api,
            exporters,
            prometheus: Prometheus::start(&config, &flags),
            webhook,
            told: Cell::new(0),
            _alertmanager: alertmanager,
            rules,
        };
        // Prometheus looks for targets for five seconds first, which would be minutes by the rules.
        let answer = |path| -> Value {
            let answer = curl(&[&format!("{}/api/v1/{path}", stack.prometheus.url)]);
            serde_json::from_str(&answer).unwrap()
        };
        stack.within("every exporter is scraped, and Alertmanager found", || {
            let found = &answer("alertmanagers")["data"]["activeAlertmanagers"];
            let scraped = stack.prometheus.value("count(up == 1) or vector(0)");
            let scraped = scraped == Some(replicas as f64);
            (scraped && found.as_array()?.len() == 1).then_some(())
        });
        stack
    }

    /// From now on Prometheus judges.
    pub fn load_rules(&self) {
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/alerts/density.rules.yml");
        let rules = std::fs::read_to_string(rules).unwrap();
        self.rules.write("rules.json", &scale::rules(&rules));
        let reload = format!("{}/-/reload", self.prometheus.url);
        curl(&["--request", "POST", &reload]);
    }

    /// Makes something happen in the portfolio.
    pub fn happens(&self, event: &str) {
        self.api.simulator.apply(event.parse().unwrap()).unwrap();
    }

    /// Waits until people are told this and nothing else, in whatever order; what they are told.
    pub fn tells(&self, expected: &[&str]) -> Vec<Notification> {
        let told = self.is_told(expected.len());
        let mut lines: Vec<String> = told.iter().map(Notification::line).collect();
        lines.sort();
        let mut sorted = expected.to_vec();
        sorted.sort_unstable();
        assert_eq!(lines, sorted, "{}", self.report());
        told
    }

    /// Waits until people are told so many things, and not more.
    pub fn is_told(&self, count: usize) -> Vec<Notification> {
        let told = self.within(&format!("{count} notifications"), || {
            let told = self.new_notifications();
            (told.len() >= count).then_some(told)
        });
        assert_eq!(told.len(), count, "{}", self.report());
        self.told.set(self.told.get() + count);
        told
    }

    /// Lets so many minutes of the rules pass, in which nobody is told anything.
    pub fn is_silent_for(&self, minutes: i64) {
        self.minutes_pass(minutes);
        let told = self.new_notifications();
        assert!(told.is_empty(), "{}", self.report());
    }

    /// What was told and not expected yet. The watchdog has a test of its own.
    fn new_notifications(&self) -> Vec<Notification> {
        let mut all = self.webhook.received();
        all.retain(|it| {
            it.alerts
                .iter()
                .any(|alert| alert.name() != "DensityWatchdog")
        });
        all.split_off(self.told.get())
    }

    /// The labels of what a query finds.
    pub fn labels(&self, query: &str) -> Vec<Labels> {
        #[derive(Deserialize)]
        struct Found {
            metric: Labels,
        }
        let found: Vec<Found> = serde_json::from_value(
            self.prometheus.ask("query", &[("query", query)])["result"].take(),
        )
        .unwrap();
        found.into_iter().map(|it| it.metric).collect()
    }

    /// Live sensors of which nothing in Density says that they matter more.
    pub fn ordinary_sensors(&self) -> Vec<Labels> {
        self.sensors("unless")
    }

    /// Live sensors in a space that has the label for it.
    pub fn critical_sensors(&self) -> Vec<Labels> {
        self.sensors("and")
    }

    fn sensors(&self, which: &str) -> Vec<Labels> {
        let label = "density_space_label_info{group=\"Priority\", label=\"critical\"}";
        self.labels(&format!(
            "density_sensor_info{{lifecycle=\"live\"}} {which} on (serial_number) \
             (density_sensor_space_info and on (space_id) {label})"
        ))
    }

    /// What Prometheus has pending or firing under a name.
    pub fn judged(&self, name: &str) -> Vec<Judged> {
        let mut all = self.all_judged();
        all.retain(|it| it.labels["alertname"] == name);
        all
    }

    fn all_judged(&self) -> Vec<Judged> {
        let answer = curl(&[&format!("{}/api/v1/alerts", self.prometheus.url)]);
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        serde_json::from_value(answer["data"]["alerts"].take()).unwrap()
    }

    /// Lets so many minutes of the rules pass: until Prometheus has judged every group after them.
    pub fn minutes_pass(&self, minutes: i64) {
        let until = OffsetDateTime::now_utc() + time::Duration::seconds(minutes);
        self.within(&format!("{minutes} minutes pass"), || {
            let answer = curl(&[&format!("{}/api/v1/rules?type=record", self.prometheus.url)]);
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let groups = answer["data"]["groups"].as_array().unwrap();
            let judged = groups.iter().map(|group| {
                let at = group["lastEvaluation"].as_str().unwrap();
                OffsetDateTime::parse(at, &Rfc3339).unwrap()
            });
            (judged.min().unwrap() > until).then_some(())
        });
    }

    /// Looks until there is a result; tells what was judged and sent when there is none in time.
    pub fn within<T>(&self, what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
        let limit = Instant::now() + PATIENCE;
        loop {
            if let Some(result) = attempt() {
                return result;
            }
            assert!(Instant::now() < limit, "in vain: {what}\n{}", self.report());
            std::thread::sleep(PAUSE);
        }
    }

    /// What was judged and sent, for whoever has to find out why.
    pub fn report(&self) -> String {
        let judged = self.all_judged();
        let judged = judged
            .iter()
            .take(20)
            .map(|it| format!("judged: {} {:?}\n", it.state, it.labels));
        let sent = self.webhook.received();
        let sent = sent.iter().filter(|it| it.receiver != "watchdog");
        judged
            .chain(sent.map(|it| format!("told: {}\n", it.line())))
            .collect()
    }
}
