//! How long threads waited for a processor: a deadline that was missed because of that says nothing about the
//! exporter.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a thread that does nothing else wants to wake.
const TICK: Duration = Duration::from_millis(250);

/// How long the threads of some processes have waited for a processor, and how late they woke.
pub struct Machine {
    processes: Vec<u32>,
    /// At each moment, all the seconds up to then.
    waited: Mutex<Vec<(Instant, f64)>>,
}

impl Machine {
    pub fn new(processes: Vec<u32>) -> Self {
        let machine = Self {
            processes,
            waited: Mutex::default(),
        };
        machine.note(0.0);
        machine
    }

    /// Notes once how long they have waited, and how late this is itself.
    pub fn tick(&self) {
        let before = Instant::now();
        std::thread::sleep(TICK);
        self.note(before.elapsed().saturating_sub(TICK).as_secs_f64());
    }

    fn note(&self, late: f64) {
        let threads = self.threads();
        let mut waited = self.waited.lock().unwrap();
        // Threads come and go; what is counted does not fall.
        let last = waited.last().map_or(0.0, |it| it.1);
        waited.push((Instant::now(), threads.max(last) + late));
    }

    /// Seconds that the kernel says the threads that there are waited while they could have run.
    fn threads(&self) -> f64 {
        let of = |process: &u32| -> Option<f64> {
            let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
            let nanoseconds = threads.flatten().filter_map(|it| {
                let text = std::fs::read_to_string(it.path().join("schedstat")).ok()?;
                text.split(' ').nth(1)?.parse::<f64>().ok()
            });
            Some(nanoseconds.sum::<f64>() / 1e9)
        };
        self.processes.iter().filter_map(of).sum()
    }

    /// Whether they have waited for so long since `began`.
    pub fn explains(&self, late: Duration, began: Instant) -> bool {
        self.note(0.0);
        let waited = self.waited.lock().unwrap();
        let at = waited.partition_point(|(moment, _)| *moment <= began);
        let before = waited[at.saturating_sub(1)].1;
        let now = waited[waited.len() - 1].1;
        now - before >= late.as_secs_f64()
    }

    /// All of it, in seconds.
    pub fn waited(&self) -> f64 {
        let waited = self.waited.lock().unwrap();
        waited[waited.len() - 1].1 - waited[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_waited_for_is_not_explained() {
        let machine = Machine::new(vec![std::process::id()]);
        let began = Instant::now();
        assert!(machine.explains(Duration::ZERO, began));
        assert!(!machine.explains(Duration::from_secs(3600), began));
        machine.note(3600.0);
        assert!(machine.explains(Duration::from_secs(3600), began));
        assert!(!machine.explains(Duration::from_secs(3600), Instant::now()));
    }
}
