//! Measuring: the same work several times, and the middle of what it took.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::{Result, server};

/// The value below which `share` of `times` are; they are sorted by it. Zero where there are none.
pub fn quantile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    // Both are far below what a f64 holds exactly.
    let at = (last as f64 * share).round() as usize;
    times.get(at).copied().unwrap_or_default()
}

/// The median time of `work` in `rounds` rounds, after one that doesn't count.
///
/// # Errors
/// When `work` fails.
pub fn median(rounds: usize, mut work: impl FnMut() -> Result<()>) -> Result<Duration> {
    work()?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    Ok(quantile(&mut times, 0.5))
}

/// The median times of `render` into one reused buffer, of copying what it wrote into another, and of
/// one gzip pass over it, each printed on a line.
///
/// # Errors
/// When `render` fails.
pub fn report(
    peer: &str,
    rounds: usize,
    mut render: impl FnMut(&mut String) -> Result<()>,
) -> Result<()> {
    let mut page = String::new();
    let rendering = median(rounds, || {
        page.clear();
        render(&mut page)?;
        black_box(&page);
        Ok(())
    })?;
    let mut copy = Vec::with_capacity(page.len());
    let copying = median(rounds, || {
        copy.clear();
        copy.extend_from_slice(black_box(page.as_bytes()));
        black_box(&copy);
        Ok(())
    })?;
    let mut packed = Vec::new();
    let packing = median(rounds, || {
        packed.clear();
        packed = server::gzip(page.as_bytes(), std::mem::take(&mut packed))?;
        black_box(&packed);
        Ok(())
    })?;
    for (what, time) in [("render", rendering), ("copy", copying), ("gzip", packing)] {
        println!("peer={peer} what={what} seconds={:.9}", time.as_secs_f64());
    }
    println!("peer={peer} what=page bytes={}", page.len());
    println!("peer={peer} what=gzip_page bytes={}", packed.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_times() {
        let mut times = [5, 1, 4, 2, 3].map(Duration::from_secs);
        assert_eq!(quantile(&mut times, 0.5), Duration::from_secs(3));
        assert_eq!(quantile(&mut times, 0.99), Duration::from_secs(5));
        assert_eq!(quantile(&mut [], 0.5), Duration::ZERO);
    }
}
