//! The process metrics, named as Prometheus client libraries name them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use procfs::process::{LimitValue, Process};
use procfs::{ProcResult, WithCurrentSystemInfo};

use crate::clock::{Instant, SharedClock};
use crate::exposition::{EscapedLabels, LinePrefix, Samples, TextBuffer, write_header};

use super::catalogue::{self, Family};

/// How long values are cached: counting descriptors costs a system call for each.
const CACHE_TIME: Duration = Duration::from_secs(1);

/// Reads the process metrics, at most once a second.
#[derive(Debug)]
pub struct ProcessMetrics {
    clock: SharedClock,
    read: Mutex<Option<(Instant, Values)>>,
}

type Values = Vec<(&'static Family, f64)>;

impl ProcessMetrics {
    /// Metrics that are read at the first write.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            read: Mutex::new(None),
        }
    }

    /// Writes the families; none when `/proc/self` can't be read.
    pub fn write(&self, out: &mut TextBuffer) {
        let now = self.clock.now();
        // Nothing panics while it is held.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read
            .as_ref()
            .is_none_or(|(at, _)| now.since(*at) >= CACHE_TIME)
        {
            *read = read_values().ok().map(|values| (now, values));
        }
        for (family, value) in read.iter().flat_map(|(_, values)| values) {
            write_header(out, family.name, family.kind, family.help);
            Samples::new(out, &LinePrefix::new(family.name)).write(EscapedLabels::EMPTY, *value);
        }
    }
}

fn read_values() -> ProcResult<Values> {
    let process = Process::myself()?;
    let stat = process.stat()?;
    let limits = process.limits()?;
    let ticks = procfs::ticks_per_second() as f64;
    let started = procfs::boot_time_secs()? as f64 + stat.starttime as f64 / ticks;
    let limit = |value: LimitValue| match value {
        LimitValue::Value(value) => value as f64,
        LimitValue::Unlimited => -1.0,
    };
    Ok(vec![
        (
            &catalogue::PROCESS_CPU,
            stat.utime.saturating_add(stat.stime) as f64 / ticks,
        ),
        (&catalogue::PROCESS_OPEN_FDS, process.fd_count()? as f64),
        (
            &catalogue::PROCESS_MAX_FDS,
            limit(limits.max_open_files.soft_limit),
        ),
        (&catalogue::PROCESS_VIRTUAL_MEMORY, stat.vsize as f64),
        (
            &catalogue::PROCESS_VIRTUAL_MEMORY_MAX,
            limit(limits.max_address_space.soft_limit),
        ),
        (
            &catalogue::PROCESS_RESIDENT_MEMORY,
            stat.rss_bytes().get() as f64,
        ),
        (&catalogue::PROCESS_START_TIME, started),
    ])
}

#[cfg(test)]
mod tests {
    use crate::clock::SystemClock;

    use super::*;

    #[test]
    fn the_values_are_those_of_this_process() {
        let mut out = TextBuffer::new();
        ProcessMetrics::new(SystemClock::shared()).write(&mut out);
        let text = String::from_utf8(out.into_vec()).unwrap();
        let value = |name: &str| -> f64 {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap().parse().unwrap()
        };
        assert!(value("process_resident_memory_bytes") > 1e6);
        assert!(value("process_open_fds") > 2.0);
        let age = crate::clock::unix_seconds(std::time::SystemTime::now())
            - value("process_start_time_seconds");
        assert!((-2.0..3600.0).contains(&age), "{age}");
    }
}
