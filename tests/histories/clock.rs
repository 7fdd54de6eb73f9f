//! A clock of which each side is moved by itself, as machines do it.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use density_exporter::clock::{Clock, Instant};

/// Monday, 2026-11-23 10:00 UTC.
const MONDAY: u64 = 1_795_428_000;

/// Runs with the runtime's paused time. Suspend moves ages and limits on and leaves the runtime's
/// timers where they are, as `CLOCK_BOOTTIME` and `CLOCK_MONOTONIC` do; the wall clock is also set.
#[derive(Debug)]
pub struct Machine {
    started: tokio::time::Instant,
    moved: Mutex<Moved>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    slept: Duration,
    /// Seconds by which somebody has set the wall clock.
    set: i64,
}

impl Machine {
    pub fn new() -> Self {
        Self {
            started: tokio::time::Instant::now(),
            moved: Mutex::default(),
        }
    }

    /// The machine is suspended for so long.
    pub fn suspend(&self, time: Duration) {
        self.moved.lock().unwrap().slept += time;
    }

    /// Somebody sets the wall clock, forward or back.
    pub fn set_wall(&self, seconds: i64) {
        self.moved.lock().unwrap().set += seconds;
    }

    /// Milliseconds since the machine was started, suspend included.
    pub fn milliseconds(&self) -> u64 {
        let slept = self.moved.lock().unwrap().slept;
        (self.started.elapsed() + slept).as_millis() as u64
    }

    /// By how many seconds somebody has set the wall clock.
    pub fn set(&self) -> i64 {
        self.moved.lock().unwrap().set
    }
}

/// What the wall clock shows `milliseconds` after the start, when it was set by `set` seconds.
pub fn wall(milliseconds: u64, set: i64) -> SystemTime {
    let right = SystemTime::UNIX_EPOCH + Duration::from_secs(MONDAY);
    let right = right + Duration::from_millis(milliseconds);
    match set {
        0.. => right + Duration::from_secs(set.unsigned_abs()),
        _ => right - Duration::from_secs(set.unsigned_abs()),
    }
}

impl Clock for Machine {
    fn now(&self) -> Instant {
        Instant::new(Duration::from_millis(self.milliseconds()))
    }

    fn wall(&self) -> SystemTime {
        wall(self.milliseconds(), self.set())
    }
}
