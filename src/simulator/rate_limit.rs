//! The API's own rate limit: a token bucket that fills evenly.

use std::time::Duration;

use crate::clock::Instant;

/// A token bucket.
#[derive(Debug)]
pub(crate) struct RateLimit {
    requests_per_second: f64,
    burst: f64,
    left: f64,
    filled: Instant,
}

impl RateLimit {
    /// A full bucket; a rate that is not above 0 or not finite is no limit.
    pub(crate) fn new(requests_per_second: f64, burst: u32, now: Instant) -> Self {
        Self {
            requests_per_second,
            burst: f64::from(burst.max(1)),
            left: f64::from(burst.max(1)),
            filled: now,
        }
    }

    /// Takes one request out, or says how long until there is one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if !self.requests_per_second.is_finite() || self.requests_per_second <= 0.0 {
            return Ok(());
        }
        let passed = now.since(self.filled).as_secs_f64();
        self.left = (self.left + passed * self.requests_per_second).min(self.burst);
        self.filled = now;
        // Fractions of seconds do not add up exactly.
        if self.left + 1e-6 >= 1.0 {
            self.left = (self.left - 1.0).max(0.0);
            return Ok(());
        }
        let missing = (1.0 - self.left) / self.requests_per_second;
        Err(Duration::try_from_secs_f64(missing).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_then_the_rate() {
        let at = |millis| Instant::new(Duration::from_millis(millis));
        let mut limit = RateLimit::new(15.0, 100, at(0));
        let passed =
            |limit: &mut RateLimit, now| (0..200).filter(|_| limit.take(now).is_ok()).count();
        assert_eq!(passed(&mut limit, at(0)), 100);
        assert!(limit.take(at(0)).unwrap_err() <= Duration::from_millis(67));
        assert_eq!(passed(&mut limit, at(1_000)), 15);
        assert_eq!(passed(&mut limit, at(3_000)), 30);
        assert_eq!(passed(&mut limit, at(100_000)), 100);
    }

    #[test]
    fn no_rate_is_no_limit() {
        let mut limit = RateLimit::new(0.0, 1, Instant::default());
        assert!((0..1_000).all(|_| limit.take(Instant::default()).is_ok()));
    }
}
