//! The two clocks that everything here is told the time by.
//!
//! Ages and time limits come from a clock that nobody sets and that runs on while the machine
//! sleeps; only what is shown to people comes from the wall clock. Both are injected, so that a test
//! decides what time it is. Nothing else in the program asks the operating system for the time.

use std::ops::{Add, Sub};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A point on the clock that only moves forward: the time since that clock's own start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// The point that lies `since_start` after the clock's start.
    pub const fn new(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// How long ago `earlier` was; zero when it is not in the past.
    pub fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    /// Saturates: a limit so far away that it overflows is a limit that never comes.
    fn add(self, after: Duration) -> Moment {
        Moment(self.0.saturating_add(after))
    }
}

impl Sub<Duration> for Moment {
    type Output = Moment;

    fn sub(self, before: Duration) -> Moment {
        Moment(self.0.saturating_sub(before))
    }
}

/// Tells the time.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Now, for ages and limits.
    fn now(&self) -> Moment;

    /// Now, for people: the wall clock.
    fn wall(&self) -> SystemTime;
}

/// A clock that many parts share.
pub type SharedClock = Arc<dyn Clock>;

/// Seconds since the Unix epoch; 0 for a wall clock set before it.
pub fn unix_seconds(wall: SystemTime) -> f64 {
    wall.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

/// The machine's clocks: `CLOCK_BOOTTIME`, which runs on during suspend and which no one sets, and
/// the wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clocks, to be shared.
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
        Moment(Duration::new(seconds, nanoseconds))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// The clock of the tokio runtime, which a test can pause and advance; its wall clock starts at a
/// chosen time and advances with it.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeClock {
    start: tokio::time::Instant,
    wall_at_start: SystemTime,
}

impl RuntimeClock {
    /// A clock whose wall clock shows `wall_at_start` now.
    pub fn starting_at(wall_at_start: SystemTime) -> SharedClock {
        Arc::new(Self {
            start: tokio::time::Instant::now(),
            wall_at_start,
        })
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Moment {
        // An hour past zero, so that a test can speak of what was before the start.
        Moment(self.start.elapsed()) + Duration::from_secs(3600)
    }

    fn wall(&self) -> SystemTime {
        let wall = self.wall_at_start.checked_add(self.start.elapsed());
        wall.unwrap_or(self.wall_at_start)
    }
}
