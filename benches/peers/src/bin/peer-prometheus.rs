//! The series of a page by means of the `prometheus` crate: a `GaugeVec` or `CounterVec` a family, set
//! once, gathered and encoded on every scrape.
//!
//! All series of a family have the same labels there, so those that a series doesn't have stand on the
//! page with an empty value. To Prometheus that is the same series.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use peers::page::{self, Family, MetricKind, Sample};
use peers::peer::{self, Peer};
use peers::{Error, Result};
use prometheus::{CounterVec, GaugeVec, Opts, Registry, TextEncoder};

struct Prometheus {
    registry: Registry,
    encoder: TextEncoder,
}

enum Metric {
    Gauge(GaugeVec),
    Counter(CounterVec),
}

impl Metric {
    fn register(family: &Family, registry: &Registry) -> Result<Self> {
        let options = Opts::new(&family.name, &family.help);
        let labels: Vec<&str> = family.labels.iter().map(String::as_str).collect();
        Ok(match family.kind {
            MetricKind::Gauge => {
                let gauge = GaugeVec::new(options, &labels)?;
                registry.register(Box::new(gauge.clone()))?;
                Self::Gauge(gauge)
            }
            MetricKind::Counter => {
                let counter = CounterVec::new(options, &labels)?;
                registry.register(Box::new(counter.clone()))?;
                Self::Counter(counter)
            }
        })
    }

    fn set(&self, labels: &[&str], value: f64) -> Result<()> {
        match self {
            Self::Gauge(it) => it.get_metric_with_label_values(labels)?.set(value),
            Self::Counter(it) => it.get_metric_with_label_values(labels)?.inc_by(value),
        }
        Ok(())
    }
}

impl Peer for Prometheus {
    const NAME: &'static str = "prometheus";

    fn load(path: &Path) -> Result<Self> {
        let registry = Registry::new();
        let mut metrics = HashMap::new();
        for family in page::families(path)? {
            let metric = Metric::register(&family, &registry)?;
            metrics.insert(family.name, (metric, family.labels));
        }
        page::each_sample(path, |sample: Sample<'_>| {
            let (metric, labels) = metrics
                .get(sample.name)
                .ok_or_else(|| Error::from("the page has changed"))?;
            let values: Vec<&str> = labels.iter().map(|it| sample.label(it)).collect();
            metric.set(&values, sample.value)
        })?;
        Ok(Self {
            registry,
            encoder: TextEncoder::new(),
        })
    }

    fn render(&self, page: &mut String) -> Result<()> {
        Ok(self.encoder.encode_utf8(&self.registry.gather(), page)?)
    }
}

fn main() -> ExitCode {
    peer::main::<Prometheus>()
}
