//! How long storms last, and the quiet between them.

use std::time::Duration;

use crate::reloads::RULES;

/// How long the phases are.
#[derive(Clone, Copy)]
pub struct Phases {
    pub storm: Duration,
    /// Until when everything is fresh again: the longest backoff of a collector after failing
    /// during the whole storm, and a refresh.
    pub fresh: Duration,
    pub quiet: Duration,
}

impl Phases {
    pub fn new(storm: u64) -> Self {
        // 10 s after the third failure, then 20, then 40.
        let left_alone = match storm {
            0..=10 => 10,
            11..=30 => 20,
            _ => 40,
        };
        let fresh = left_alone + 2 * RULES.refresh_limit as u64 + 2;
        let second = Duration::from_secs(1);
        Self {
            storm: second * storm as u32,
            fresh: second * fresh as u32,
            quiet: second * (fresh as u32 + 4),
        }
    }
}
