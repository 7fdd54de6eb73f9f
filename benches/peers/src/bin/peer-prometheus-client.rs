//! The series of a page by means of the `prometheus-client` crate: a `Family` each, set once, encoded on
//! every scrape. Whole numbers are whole numbers there too, which is its shorter and faster way.

use std::collections::HashMap;
use std::fmt::Debug;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;

use peers::page::{self, MetricKind, Sample};
use peers::peer::{self, Peer};
use peers::{Error, Result};
use prometheus_client::encoding::EncodeMetric;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

type Labels = Vec<(String, String)>;

struct PrometheusClient {
    registry: Registry,
}

enum Metric {
    Gauge(Family<Labels, Gauge<f64, AtomicU64>>),
    WholeGauge(Family<Labels, Gauge>),
    Counter(Family<Labels, Counter<f64, AtomicU64>>),
    WholeCounter(Family<Labels, Counter>),
}

/// A family that is registered, to be filled.
fn registered<M>(name: &str, help: &str, registry: &mut Registry) -> Family<Labels, M>
where
    M: EncodeMetric + TypedMetric + Debug + Default + Send + Sync + 'static,
{
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

impl Metric {
    fn register(family: &page::Family, registry: &mut Registry) -> Self {
        // The library writes the full stop and the suffix itself.
        let help = family.help.strip_suffix('.').unwrap_or(&family.help);
        let name = match family.kind {
            MetricKind::Gauge => &family.name,
            MetricKind::Counter => family.name.strip_suffix("_total").unwrap_or(&family.name),
        };
        match (family.kind, family.whole) {
            (MetricKind::Gauge, false) => Self::Gauge(registered(name, help, registry)),
            (MetricKind::Gauge, true) => Self::WholeGauge(registered(name, help, registry)),
            (MetricKind::Counter, false) => Self::Counter(registered(name, help, registry)),
            (MetricKind::Counter, true) => Self::WholeCounter(registered(name, help, registry)),
        }
    }

    fn set(&self, labels: Labels, value: f64) {
        match self {
            Self::Gauge(it) => drop(it.get_or_create_owned(&labels).set(value)),
            // They were counted as whole numbers that a f64 holds exactly.
            Self::WholeGauge(it) => drop(it.get_or_create_owned(&labels).set(value as i64)),
            Self::Counter(it) => drop(it.get_or_create_owned(&labels).inc_by(value)),
            Self::WholeCounter(it) => drop(it.get_or_create_owned(&labels).inc_by(value as u64)),
        }
    }
}

impl Peer for PrometheusClient {
    const NAME: &'static str = "prometheus-client";

    fn load(path: &Path) -> Result<Self> {
        let mut registry = Registry::default();
        let mut metrics = HashMap::new();
        for family in page::families(path)? {
            let metric = Metric::register(&family, &mut registry);
            metrics.insert(family.name, metric);
        }
        page::each_sample(path, |sample: Sample<'_>| {
            let metric = metrics
                .get(sample.name)
                .ok_or_else(|| Error::from("the page has changed"))?;
            let labels = sample.labels.into_iter();
            let labels = labels.map(|(name, value)| (name.to_owned(), value.into_owned()));
            metric.set(labels.collect(), sample.value);
            Ok(())
        })?;
        Ok(Self { registry })
    }

    fn render(&self, page: &mut String) -> Result<()> {
        Ok(encode(page, &self.registry)?)
    }
}

fn main() -> ExitCode {
    peer::main::<PrometheusClient>()
}
