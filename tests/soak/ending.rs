//! What the process still holds after the last request.

use std::time::{Duration, Instant};

use crate::process::Running;
use crate::report::Report;
use crate::resources::{Sample, Trend};

/// Pooled connections may come and go.
const SPARE_DESCRIPTORS: usize = 6;
/// Each of them is a task, which still exists at the end.
const CONNECTIONS_KEPT: usize = 16;

/// The number of open descriptors.
pub fn descriptors(process: &Running) -> usize {
    Sample::of(process.pid(), Instant::now(), None).descriptors
}

/// What the process still holds after the last request.
pub fn end(report: &mut Report, process: Running) {
    let most = report.descriptors.0 + SPARE_DESCRIPTORS;
    let limit = Instant::now() + Duration::from_secs(30);
    while descriptors(&process) > most && Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(100));
    }
    report.descriptors.1 = descriptors(&process);
    if report.descriptors.1 > most {
        report.violation(format!(
            "descriptors: {} from {}",
            report.descriptors.1, report.descriptors.0
        ));
    }
    let trend = Trend::of(&report.samples, report.seconds);
    if trend.grows() {
        report.violation(format!("memory: it grows: {trend:?}"));
    }
    report.trend = Some(trend);
    let began = Instant::now();
    process.signal("TERM");
    let (status, log) = process.end();
    if status.code() != Some(0) || began.elapsed() > Duration::from_secs(10) {
        report.violation(format!("end: {status} after {:?}", began.elapsed()));
    }
    for line in log
        .lines()
        .filter(|it| it.contains("defect") || it.contains("panic"))
    {
        report.violation(format!("log: {line}"));
    }
    let tasks = log
        .lines()
        .rev()
        .find_map(|it| it.split_once("message=ended tasks="));
    report.tasks = tasks.map_or("not told", |it| it.1).to_owned();
    let tasks = report.tasks.parse().unwrap_or(usize::MAX);
    if tasks > CONNECTIONS_KEPT {
        report.violation(format!("tasks: {} are left", report.tasks));
    }
}
