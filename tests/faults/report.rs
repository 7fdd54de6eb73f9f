//! What a run of the matrix says at its end.

use std::time::Duration;

use density_exporter::density::Endpoint;

use crate::exporter::DEADLINE;

/// A fault at an endpoint that was survived, with its numbers.
pub struct Row {
    pub fault: &'static str,
    pub does: &'static str,
    pub endpoint: Endpoint,
    pub cause: &'static str,
    pub longest: Duration,
    pub scrapes: u64,
    pub calls: u64,
    pub allowed: u64,
    /// Wrong answers, handshakes and connections that it met.
    pub wrong: u64,
    /// Resident kibibytes at the start of the fault and at the end.
    pub memory: (u64, u64),
    /// By how many kibibytes the peak grew.
    pub growth: u64,
}

/// Prints a row for each cell, and totals.
pub fn print(rows: &[Row]) {
    println!(
        "{:<36} {:<38} {:<14} {:<24} {:>8} {:>6} {:>7} {:>14} {:>9}",
        "fault",
        "form",
        "endpoint",
        "cause",
        "longest",
        "calls",
        "budget",
        "memory KiB",
        "peak +KiB"
    );
    for row in rows {
        println!(
            "{:<36} {:<38} {:<14} {:<24} {:>5} ms {:>6} {:>7} {:>6}→{:<7} {:>9}",
            row.fault,
            row.does,
            row.endpoint.name(),
            row.cause,
            row.longest.as_millis(),
            row.calls,
            row.allowed,
            row.memory.0,
            row.memory.1,
            row.growth
        );
    }
    let sum = |of: fn(&Row) -> u64| rows.iter().map(of).sum::<u64>();
    let mut faults: Vec<_> = rows.iter().map(|row| row.fault).collect();
    faults.dedup();
    let longest = rows.iter().map(|row| row.longest).max().unwrap_or_default();
    let starts = rows.iter().map(|row| row.memory.0);
    let ends = rows.iter().map(|row| row.memory.1);
    let range = |of: Vec<u64>| {
        let most = of.iter().max().copied().unwrap_or_default();
        format!(
            "{} to {most} KiB",
            of.iter().min().copied().unwrap_or_default()
        )
    };
    println!("faults survived: {} ({} faults)", rows.len(), faults.len());
    println!("bad inputs tried: {}", sum(|row| row.wrong));
    println!(
        "scrapes: {}, the longest {longest:?} of {DEADLINE:?}",
        sum(|row| row.scrapes)
    );
    println!(
        "calls spent: {} of {} in the budget",
        sum(|row| row.calls),
        sum(|row| row.allowed)
    );
    println!(
        "resident at the start: {}; at the end: {}",
        range(starts.collect()),
        range(ends.collect())
    );
    println!(
        "the peak grew by {}",
        range(rows.iter().map(|row| row.growth).collect())
    );
}
