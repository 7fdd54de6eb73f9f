//! The two clocks of the program.
//!
//! Ages and deadlines use a monotonic clock that keeps running while the machine is suspended; only what is
//! shown to people uses the wall clock. Both are injected, so that a test controls the time. Nothing else in
//! the program may read the system's clocks.

use std::ops::{Add, Sub};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A point in time on the monotonic clock, as the time since that clock's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The instant `since_start` after the clock's start.
    pub const fn new(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// How long ago `earlier` was; zero when it is not in the past.
    pub fn since(self, earlier: Instant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    /// Saturates: a deadline that overflows is one that is never reached.
    fn add(self, after: Duration) -> Instant {
        Instant(self.0.saturating_add(after))
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, before: Duration) -> Instant {
        Instant(self.0.saturating_sub(before))
    }
}

/// Reads the current time.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// The current instant, for ages and deadlines.
    fn now(&self) -> Instant;

    /// The current wall clock time, for people.
    fn wall(&self) -> SystemTime;
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The longest sleep before the clock is read again.
const MAX_SLEEP: Duration = Duration::from_secs(1);

/// Waits until `clock` reaches `instant`. The runtime's timers stop while the machine is suspended and the
/// clock does not, so the clock is read again and again.
pub async fn sleep_until(clock: &dyn Clock, instant: Instant) {
    loop {
        let left = instant.since(clock.now());
        if left.is_zero() {
            break;
        }
        tokio::time::sleep(left.min(MAX_SLEEP)).await;
    }
}

/// Seconds since the Unix epoch; 0 for a wall clock set before it.
pub fn unix_seconds(wall: SystemTime) -> f64 {
    wall.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

/// The system's clocks: `CLOCK_BOOTTIME`, which is monotonic and keeps running during suspend, and the wall
/// clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The system's clocks, shared.
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
        Instant(Duration::new(seconds, nanoseconds))
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
    fn now(&self) -> Instant {
        // An hour after zero, so that a test can use instants before its start.
        Instant(self.start.elapsed()) + Duration::from_secs(3600)
    }

    fn wall(&self) -> SystemTime {
        let wall = self.wall_at_start.checked_add(self.start.elapsed());
        wall.unwrap_or(self.wall_at_start)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The time that another process prints when it runs the test below in a time namespace.
    fn clock_when_started_by(command: &str, arguments: &[&str]) -> Option<Duration> {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(command)
            .args(arguments)
            .arg(program)
            .args([
                "--exact",
                "clock::tests::says_what_time_it_is",
                "--nocapture",
            ])
            .env("SAY_THE_TIME", "1")
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).unwrap();
        let seconds = text.lines().find_map(|it| it.strip_prefix("now: "))?;
        Duration::try_from_secs_f64(seconds.parse().unwrap()).ok()
    }

    #[test]
    fn says_what_time_it_is() {
        let now = SystemClock.now().since(Instant::default());
        if std::env::var_os("SAY_THE_TIME").is_some() {
            std::io::Write::write_all(
                &mut std::io::stdout(),
                format!("\nnow: {}\n", now.as_secs_f64()).as_bytes(),
            )
            .unwrap();
        }
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        assert!((now.as_secs_f64() - uptime).abs() < 5.0, "{now:?} {uptime}");
    }

    /// The two monotonic clocks differ by how long the machine was suspended; a time namespace makes them
    /// differ without that.
    #[test]
    fn the_monotonic_clock_keeps_running_during_suspend() {
        let unshare = ["--user", "--map-root-user", "--time", "--fork"];
        let with = |more: [&'static str; 2]| {
            let arguments = [&unshare[..], &more[..]].concat();
            clock_when_started_by("unshare", &arguments)
        };
        let now = SystemClock.now().since(Instant::default());
        let Some(ahead) = with(["--boottime", "100000"]) else {
            // Containers may forbid it.
            return;
        };
        let difference = ahead.as_secs_f64() - now.as_secs_f64();
        assert!((99_999.0..100_060.0).contains(&difference), "{difference}");
        let ahead = with(["--monotonic", "100000"]).unwrap();
        let difference = ahead.as_secs_f64() - now.as_secs_f64();
        assert!((-1.0..60.0).contains(&difference), "{difference}");
    }

    #[test]
    fn a_wall_clock_before_1970_is_0_and_any_other_is_what_it_is() {
        let epoch = SystemTime::UNIX_EPOCH;
        for (wall, expected) in [
            (epoch - Duration::from_secs(1 << 33), 0.0),
            (epoch - Duration::from_nanos(1), 0.0),
            (epoch, 0.0),
            (epoch + Duration::from_millis(1500), 1.5),
            (epoch + Duration::from_secs(1 << 40), (1u64 << 40) as f64),
        ] {
            assert_eq!(unix_seconds(wall), expected);
        }
    }

    #[test]
    fn instants_saturate_at_both_ends() {
        let (start, end) = (Instant::default(), Instant::new(Duration::MAX));
        assert_eq!(end + Duration::MAX, end);
        assert_eq!(start - Duration::MAX, start);
        assert_eq!(start.since(end), Duration::ZERO);
    }
}
