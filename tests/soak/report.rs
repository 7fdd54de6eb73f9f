//! The results of a run, as they are printed.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::resources::{Sample, Trend};

/// The statistics of one client.
#[derive(Clone, Debug, Default)]
pub struct ClientStats {
    pub name: &'static str,
    pub scrapes: u64,
    /// Pages that were checked, and the samples on them.
    pub pages: u64,
    pub samples: u64,
    pub refused: u64,
    /// The scrape that took the most of its timeout.
    pub longest: Duration,
    pub timeout: Duration,
}

impl ClientStats {
    pub fn took(&mut self, took: Duration, timeout: Duration) {
        let share = |took: Duration, of: Duration| took.as_secs_f64() / of.as_secs_f64().max(1e-9);
        if self.timeout.is_zero() || share(took, timeout) > share(self.longest, self.timeout) {
            (self.longest, self.timeout) = (took, timeout);
        }
    }
}

/// The results of a run.
#[derive(Debug, Default)]
pub struct Report {
    pub seconds: f64,
    pub sensors: usize,
    pub seed: u64,
    pub storms: usize,
    pub clients: Vec<ClientStats>,
    pub hits: BTreeMap<&'static str, u64>,
    pub events: u64,
    pub junk: u64,
    pub reloads: (u64, u64),
    /// Calls received, allowed, the most at once, and those that the API refused.
    pub calls: (u64, f64, f64, u64),
    pub longest_recovery: Duration,
    pub samples: Vec<Sample>,
    pub trend: Option<Trend>,
    pub descriptors: (usize, usize),
    pub tasks: String,
    /// What came late while threads waited for a processor, and how many seconds they did in all.
    pub late: Vec<String>,
    pub waited: f64,
    /// By promise: how often, and the first few of each.
    pub violations: BTreeMap<String, (u64, Vec<String>)>,
}

/// How many violations of the same promise are printed in full.
const MAX_PRINTED: usize = 5;
/// Memory at rest is printed once per this many seconds.
const WINDOW: f64 = 300.0;

impl Report {
    pub fn violation(&mut self, text: String) {
        let promise = text.split(':').take(2).collect::<Vec<_>>().join(":");
        let promise = promise.chars().take(60).collect();
        let (times, first) = self.violations.entry(promise).or_default();
        *times += 1;
        if first.len() < MAX_PRINTED {
            first.push(text);
        }
    }

    /// The median of resident memory at rest in each window, in MiB.
    fn memory_at_rest(&self) -> Vec<f64> {
        let mut windows: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for it in self.samples.iter().filter(|it| it.rest.is_some()) {
            let window = windows.entry((it.at / WINDOW) as u64).or_default();
            window.push(it.resident_kib / 1024.0);
        }
        let medians = windows.into_values().map(|mut of| {
            of.sort_by(f64::total_cmp);
            of[of.len() / 2]
        });
        medians.collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = |of: fn(&ClientStats) -> u64| self.clients.iter().map(of).sum::<u64>();
        writeln!(
            f,
            "soak: {:.0} s, {} sensors, seed {}, {} storms",
            self.seconds, self.sensors, self.seed, self.storms
        )?;
        writeln!(
            f,
            "scrapes: {}, of which {} were refused with 503; {} pages checked whole, {} samples on them",
            total(|it| it.scrapes),
            total(|it| it.refused),
            total(|it| it.pages),
            total(|it| it.samples)
        )?;
        for it in &self.clients {
            writeln!(
                f,
                "  {}: {} scrapes, {} refused, the longest {:.3} s of {:.3} s",
                it.name,
                it.scrapes,
                it.refused,
                it.longest.as_secs_f64(),
                it.timeout.as_secs_f64()
            )?;
        }
        let hits: Vec<String> = self
            .hits
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        let hit: u64 = self.hits.values().sum();
        writeln!(f, "faults that hit a request: {hit} ({})", hits.join(", "))?;
        writeln!(
            f,
            "bad inputs from clients: {}; events in the portfolio: {}",
            self.junk, self.events
        )?;
        writeln!(
            f,
            "reloads: {} good, {} refused",
            self.reloads.0, self.reloads.1
        )?;
        let (received, allowed, most, refused) = self.calls;
        writeln!(
            f,
            "calls: {received} received by the API, {allowed:.0} allowed; at most {most:.1} at once; {refused} over its limit"
        )?;
        writeln!(
            f,
            "longest until everything was fresh again after a storm: {:.1} s",
            self.longest_recovery.as_secs_f64()
        )?;
        let rest: Vec<&Sample> = self.samples.iter().filter(|it| it.rest.is_some()).collect();
        let mib = |kib: f64| kib / 1024.0;
        if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
            let peak = self
                .samples
                .iter()
                .map(|it| it.resident_kib)
                .fold(0.0, f64::max);
            writeln!(
                f,
                "resident memory at rest: {:.1} MiB at first, {:.1} MiB at last; {:.1} MiB at the peak of the storms",
                mib(first.resident_kib),
                mib(last.resident_kib),
                mib(peak)
            )?;
            let medians: Vec<String> = self
                .memory_at_rest()
                .iter()
                .map(|it| format!("{it:.1}"))
                .collect();
            writeln!(
                f,
                "its median in each {WINDOW:.0} s: {} MiB",
                medians.join(", ")
            )?;
            let threads = |of: &[&Sample]| of.iter().map(|it| it.threads).max().unwrap_or(0);
            writeln!(
                f,
                "threads: {} at first, {} at last, at most {} at rest",
                first.threads,
                last.threads,
                threads(&rest)
            )?;
        }
        if let Some(trend) = &self.trend {
            writeln!(
                f,
                "slope: {:.0} KiB/h ± {:.0} (standard error, {} points in {:.0} s), {:.2} % of {:.1} MiB in an hour: {}",
                trend.kib_per_hour,
                trend.error,
                trend.points,
                trend.window,
                100.0 * trend.kib_per_hour / trend.mean_kib,
                mib(trend.mean_kib),
                if trend.grows() { "it grows" } else { "flat" }
            )?;
        }
        writeln!(
            f,
            "descriptors: {} at the start, {} at the end",
            self.descriptors.0, self.descriptors.1
        )?;
        writeln!(f, "tasks at the end: {}", self.tasks)?;
        writeln!(
            f,
            "late while threads waited for a processor: {} ({:.0} s waited by all of them together)",
            self.late.len(),
            self.waited
        )?;
        for late in &self.late {
            writeln!(f, "  {late}")?;
        }
        for (promise, (times, first)) in &self.violations {
            writeln!(f, "BROKEN {times} times: {promise}")?;
            for it in first {
                writeln!(f, "    {it}")?;
            }
        }
        match self.violations.is_empty() {
            true => write!(f, "every promise was kept"),
            false => write!(f, "{} promises were broken", self.violations.len()),
        }
    }
}
