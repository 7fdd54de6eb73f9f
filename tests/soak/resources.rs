//! What the process holds: sampled, and judged.

use std::time::Instant;

/// What a process held at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Seconds since the start.
    pub at: f64,
    pub resident_kib: f64,
    pub descriptors: usize,
    pub threads: usize,
    /// Which quiet phase it is of, once everything is fresh in it; none during a storm.
    pub rest: Option<usize>,
}

impl Sample {
    /// What `pid` holds now.
    pub fn of(pid: u32, start: Instant, rest: Option<usize>) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let field = |name: &str| -> f64 {
            let line = status.lines().find(|it| it.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        Self {
            at: start.elapsed().as_secs_f64(),
            resident_kib: field("VmRSS:"),
            descriptors: std::fs::read_dir(format!("/proc/{pid}/fd"))
                .unwrap()
                .count(),
            threads: field("Threads:") as usize,
            rest,
        }
    }
}

/// A line through resident memory at rest, by least squares.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    pub points: usize,
    /// Seconds from the first to the last.
    pub window: f64,
    pub mean_kib: f64,
    pub kib_per_hour: f64,
    /// The standard error of it.
    pub error: f64,
}

/// The least growth that is a leak, in a share of resident memory in an hour.
const LEAST_SHARE: f64 = 0.01;
/// So many standard errors are not chance.
const ERRORS: f64 = 3.0;
/// A run that is shorter than this is not past its beginning, in which caches fill; so much may come.
const LONG: f64 = 1200.0;
const WARMING_KIB: f64 = 6144.0;

impl Trend {
    /// Of samples at rest: one point, the median, for each quiet phase of the last half; where there are
    /// not enough of them, as in a short run, each sample after the first quarter.
    pub fn of(samples: &[Sample], length: f64) -> Self {
        let at_rest = |from: f64| {
            samples
                .iter()
                .filter(move |it| it.rest.is_some() && it.at >= from)
        };
        let mut phases: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut last = None;
        for it in at_rest(length / 2.0) {
            if last != it.rest {
                phases.push(Vec::new());
                last = it.rest;
            }
            phases.last_mut().unwrap().push((it.at, it.resident_kib));
        }
        let points: Vec<(f64, f64)> = if phases.len() >= 8 {
            phases
                .iter_mut()
                .map(|phase| {
                    phase.sort_by(|a, b| a.1.total_cmp(&b.1));
                    phase[phase.len() / 2]
                })
                .collect()
        } else {
            at_rest(length / 4.0)
                .map(|it| (it.at, it.resident_kib))
                .collect()
        };
        Self::through(&points)
    }

    fn through(points: &[(f64, f64)]) -> Self {
        let count = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (mean_x, mean_y) = (mean(|it| it.0), mean(|it| it.1));
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            points.iter().map(|(x, y)| of(x - mean_x, y - mean_y)).sum()
        };
        let spread = sum(&|x, _| x * x);
        let slope = sum(&|x, y| x * y) / spread;
        let left = sum(&|x, y| (y - slope * x).powi(2));
        let error = (left / (count - 2.0) / spread).sqrt();
        let xs = || points.iter().map(|it| it.0);
        Self {
            points: points.len(),
            window: xs().fold(0.0, f64::max) - xs().fold(f64::INFINITY, f64::min),
            mean_kib: mean_y,
            kib_per_hour: slope * 3600.0,
            error: error * 3600.0,
        }
    }

    /// Whether memory grows: by more than chance, and by more than nothing.
    pub fn grows(&self) -> bool {
        let is_warming =
            self.window < LONG / 2.0 && self.kib_per_hour / 3600.0 * self.window < WARMING_KIB;
        self.kib_per_hour > ERRORS * self.error
            && self.kib_per_hour > LEAST_SHARE * self.mean_kib
            && !is_warming
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// An hour with a quiet phase a minute, in which memory is 100 MB give or take 1, and grows.
    fn hour(growth_kib: f64) -> Trend {
        let mut rng = Rng(7);
        let samples: Vec<Sample> = (0..3600)
            .map(|second| Sample {
                at: f64::from(second),
                resident_kib: 100_000.0
                    + growth_kib * f64::from(second) / 3600.0
                    + rng.below(2000) as f64
                    + if second % 60 < 20 { 40_000.0 } else { 0.0 },
                descriptors: 0,
                threads: 0,
                rest: (second % 60 >= 20).then_some(second as usize / 60),
            })
            .collect();
        Trend::of(&samples, 3600.0)
    }

    #[test]
    fn a_leak_of_two_in_a_hundred_in_an_hour_is_found_and_noise_is_none() {
        let (flat, falls, leaks) = (hour(0.0), hour(-5000.0), hour(2000.0));
        assert!(!flat.grows() && !falls.grows(), "{flat:?} {falls:?}");
        assert!(leaks.grows(), "{leaks:?}");
        assert_eq!(leaks.points, 30);
        assert!(
            (leaks.kib_per_hour - 2000.0).abs() < 3.0 * leaks.error,
            "{leaks:?}"
        );
    }

    #[test]
    fn a_short_run_warms_up_and_a_large_leak_is_found_in_it() {
        let line = |kib: f64| {
            let points =
                (0..60).map(|second| (f64::from(second), 100_000.0 + kib * f64::from(second)));
            Trend::through(&points.collect::<Vec<_>>())
        };
        assert!(!line(50.0).grows());
        assert!(line(200.0).grows());
    }
}
