//! One run: storms and quiet phases, with everything else running all the time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use density_exporter::simulator::Options;

use crate::client::{Buffers, ClientProfile, PLANS, ReadMode};
use crate::ending::{descriptors, end};
use crate::ledger::{Ledger, Received, is_fresh};
use crate::machine::Machine;
use crate::page::{Facts, Reader};
use crate::phases::Phases;
use crate::process::{Api, Folder, Running, curl, density_exporter};
use crate::reloads::{Configuration, RULES, Variant};
use crate::report::{ClientStats, Report};
use crate::resources::Sample;
use crate::rng::Rng;
use crate::storm::{Hostile, Storm};

/// The maximum number of scrapes in flight: few enough that some are refused.
const MAX_REQUESTS: usize = 5;
/// What the configuration may be.
const IN_QUIET: [Variant; 2] = [Variant::Same, Variant::Another];
const IN_STORM: [Variant; 6] = [
    Variant::Same,
    Variant::Another,
    Variant::Ttls,
    Variant::Ttls,
    Variant::Batches,
    Variant::Bad,
];
/// One in this many scrapes may be late together with the machine, and three in a short run.
const SCRAPES_PER_LATE_ONE: u64 = 10_000;
/// How late a refusal may come, on a machine that is busy.
const MAX_REFUSAL_TIME: Duration = Duration::from_secs(1);
/// How long a scrape waits that is not woken, less a little.
const UNWOKEN_WAIT: Duration = Duration::from_millis(9_300);

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Storm,
    /// Since when there is no fault any more.
    Recovering(Instant),
    /// Everything is fresh, since then.
    Settled(Instant, usize),
}

impl Phase {
    /// Since when there is no fault any more, and whether everything was fresh since.
    fn quiet(self) -> Option<(Instant, bool)> {
        match self {
            Self::Storm => None,
            Self::Recovering(since) => Some((since, false)),
            Self::Settled(since, _) => Some((since, true)),
        }
    }
}

/// What the threads share.
struct Soak {
    address: SocketAddr,
    ledger: Ledger,
    machine: Machine,
    phase: Mutex<Phase>,
    phases: AtomicUsize,
    ended: AtomicBool,
    report: Mutex<Report>,
}

impl Soak {
    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap()
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap()
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Scrapes as `plan` says until the end.
    fn client(&self, plan: &ClientProfile, mut rng: Rng) -> ClientStats {
        let mut met = ClientStats {
            name: plan.name,
            ..ClientStats::default()
        };
        let (mut buffers, mut reader) = (Buffers::default(), Reader::default());
        while !self.has_ended() {
            let (from, to) = plan.timeout;
            let timeout = Duration::from_millis(from + rng.below(to - from + 1));
            for wrong in self.scrape(plan, timeout, &mut rng, &mut buffers, &mut reader, &mut met) {
                self.report().violation(format!("{wrong} ({})", plan.name));
            }
            std::thread::sleep(Duration::from_millis(plan.pause));
        }
        met
    }

    fn scrape(
        &self,
        plan: &ClientProfile,
        timeout: Duration,
        rng: &mut Rng,
        buffers: &mut Buffers,
        reader: &mut Reader,
        met: &mut ClientStats,
    ) -> Vec<String> {
        let before = *self.phase();
        let ticket = self.ledger.begin();
        met.scrapes += 1;
        let outcome = match plan.ask(self.address, timeout, rng, buffers) {
            Ok(outcome) => outcome,
            Err(error) => return vec![error],
        };
        let mut wrong = Vec::new();
        if outcome.status == 503 {
            met.refused += 1;
            wrong.extend(self.late("refusal", outcome.whole, MAX_REFUSAL_TIME, ticket.began));
            return wrong;
        }
        if outcome.status != 200 {
            return vec![format!("status: {}", outcome.status)];
        }
        let took = match plan.taking {
            ReadMode::Whole => outcome.whole,
            // The rest is up to the client.
            ReadMode::Slowly(_) | ReadMode::Part => outcome.head,
        };
        met.took(took, timeout);
        wrong.extend(self.late("deadline", took, timeout, ticket.began));
        if !outcome.is_whole {
            return wrong;
        }
        let facts = match reader.read(buffers.page()) {
            Ok(facts) => facts,
            Err(error) => {
                wrong.push(format!("page: {error}"));
                return wrong;
            }
        };
        met.pages += 1;
        met.samples += facts.samples;
        wrong.extend(self.ledger.end(&ticket, &facts));
        let other = &facts.organizations[1];
        if other.up == Some(0.0) {
            // Its requests have a timeout too, of half of what a refresh may take.
            let durations = other.collectors.iter().filter_map(|it| it.duration);
            let longest = Duration::from_secs_f64(durations.fold(0.0, f64::max));
            let limit = Duration::from_secs_f64(RULES.refresh_limit / 2.0);
            let began = ticket
                .began
                .checked_sub(longest * 2)
                .unwrap_or(ticket.began);
            let late = self.late("others: beta is down", longest, limit, began);
            wrong.push(late.unwrap_or_default());
            if longest < limit {
                wrong.push(format!("others: beta is down: {other:?}"));
            }
            wrong.retain(|it| !it.is_empty());
        }
        if plan.is_full() {
            wrong.extend(self.phase_allows(before, ticket.began, took, &facts));
        }
        wrong
    }

    /// What is wrong when something took longer than its limit; it is only noted where the machine was
    /// so late itself.
    fn late(&self, what: &str, took: Duration, limit: Duration, began: Instant) -> Option<String> {
        let over = took.checked_sub(limit).filter(|it| !it.is_zero())?;
        let late = format!("{what}: {took:.3?} of {limit:.3?}");
        if self.machine.explains(over, began) {
            self.report().late.push(late);
            return None;
        }
        Some(late)
    }

    /// What a full page must show in a quiet phase.
    fn phase_allows(
        &self,
        before: Phase,
        began: Instant,
        took: Duration,
        facts: &Facts,
    ) -> Option<String> {
        let mut phase = self.phase();
        let (Some((since, was_settled)), Some((still, _))) = (before.quiet(), phase.quiet()) else {
            return None;
        };
        // Until then a call of the storm may still hang, and its refresh fail.
        let is_over = began.duration_since(since).as_secs_f64() > RULES.refresh_limit;
        if since != still || !is_over {
            return None;
        }
        if took > UNWOKEN_WAIT {
            return Some(format!("wakeup: a scrape in quiet waited {took:?}"));
        }
        match (is_fresh(facts, 0), was_settled) {
            (true, false) if *phase == before => {
                *phase = Phase::Settled(since, self.phases.load(Ordering::Relaxed));
                let mut report = self.report();
                report.longest_recovery = report.longest_recovery.max(since.elapsed());
                None
            }
            (false, true) => Some(format!(
                "quiet: not fresh any more: {:?}",
                facts.organizations[0]
            )),
            _ => None,
        }
    }

    /// Looks at the process and at the calls four times a second.
    fn watch(&self, api: &Api, process: u32) {
        let start = Instant::now();
        let mut received = Received::new(RULES, api.simulator.calls().total());
        while !self.has_ended() {
            let calls = api.simulator.calls();
            let rest = match *self.phase() {
                Phase::Settled(_, number) => Some(number),
                _ => None,
            };
            let sample = Sample::of(process, start, rest);
            let mut report = self.report();
            report.samples.push(sample);
            if let Err(error) = received.now(calls.total()) {
                report.violation(error);
            }
            if calls.over_limit > 0 {
                report.violation("429: the budget has drawn one".to_owned());
            }
            let allowed = RULES.burst + RULES.rate * received.start.elapsed().as_secs_f64();
            report.calls = (calls.total(), allowed, received.highest, calls.over_limit);
            report.hits = calls.by_fault;
            drop(report);
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    /// Storms and quiet phases for so long.
    fn phases(
        &self,
        length: Duration,
        is_long: bool,
        storm: &mut Storm<'_>,
        mut reload: impl FnMut(&[Variant], &mut Rng),
    ) {
        let start = Instant::now();
        let mut rng = Rng(self.report().seed ^ 0xf00d);
        for number in 1.. {
            let phases = Phases::new(match (is_long, number % 6) {
                (true, 0) => 60,
                (true, _) => 20,
                (false, _) => 10,
            });
            if start.elapsed() + phases.storm + phases.quiet > length {
                return;
            }
            self.phases.store(number, Ordering::Relaxed);
            self.report().storms = number;
            *self.phase() = Phase::Storm;
            let began = Instant::now();
            // More is asked in a storm than in quiet, so that more can go wrong.
            reload(&[Variant::Ttls], &mut rng);
            storm.begin();
            while began.elapsed() < phases.storm {
                storm.change_faults();
                if rng.one_in(2) {
                    reload(&IN_STORM, &mut rng);
                }
                std::thread::sleep(Duration::from_millis(500 + rng.below(2_500)));
            }
            storm.end();
            reload(&IN_QUIET[..1], &mut rng);
            let began = Instant::now();
            *self.phase() = Phase::Recovering(began);
            let mut is_late = false;
            while began.elapsed() < phases.quiet {
                if matches!(*self.phase(), Phase::Recovering(_))
                    && began.elapsed() > phases.fresh
                    && !is_late
                {
                    is_late = true;
                    self.report().violation(format!(
                        "recovery: not fresh {:?} after storm {number}",
                        phases.fresh
                    ));
                }
                if rng.one_in(12) {
                    reload(&IN_QUIET, &mut rng);
                }
                std::thread::sleep(Duration::from_millis(250));
            }
        }
    }
}

/// Soaks the exporter and prints the report.
pub fn run(minutes: f64, sensors: usize, seed: u64) -> Report {
    let options = |sensors: usize| Options {
        buildings: (sensors / 250).max(1),
        sensors,
        seed,
        ..Options::default()
    };
    let (api, well) = (Api::start(options(sensors)), Api::start(options(200)));
    let mut configuration = Configuration {
        folder: Folder::new(),
        apis: [api.address, well.address],
        good: 0,
        refused: 0,
    };
    let file = configuration.write(Variant::Same);
    let process = Running::start(
        density_exporter()
            .env("SECRET", "simulated-secret")
            .arg(format!("--config.file={}", file.display()))
            .arg("--web.listen-address=127.0.0.1:0")
            .arg(format!("--web.max-requests={MAX_REQUESTS}"))
            .args(["--web.enable-lifecycle", "--log.level=debug"]),
    );
    let address = process.address("serving");
    let soak = Soak {
        address,
        ledger: Ledger::new(RULES),
        machine: Machine::new(vec![process.pid(), std::process::id()]),
        phase: Mutex::new(Phase::Storm),
        phases: AtomicUsize::new(0),
        ended: AtomicBool::new(false),
        report: Mutex::new(Report {
            sensors,
            seed,
            ..Report::default()
        }),
    };
    // A cold start of many sensors may take longer than a refresh may: until everything is there.
    let page = format!("http://{address}/metrics");
    crate::process::eventually("everything is there", || {
        curl(&[&page])
            .contains("density_up{organization=\"acme\"} 1\n")
            .then_some(())
    });
    soak.report().descriptors.0 = descriptors(&process);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let pid = process.pid();
        let (soak, api) = (&soak, &api);
        let watching = scope.spawn(move || soak.watch(api, pid));
        scope.spawn(move || {
            while !soak.has_ended() {
                soak.machine.tick();
            }
        });
        let clients: Vec<_> = PLANS
            .iter()
            .zip(100..)
            .map(|(plan, number)| scope.spawn(move || soak.client(plan, Rng(seed ^ number << 32))))
            .collect();
        let hostile = scope.spawn(|| {
            let mut hostile = Hostile::new(address, Rng(seed ^ 0xbad));
            while !soak.has_ended() {
                hostile.once();
                std::thread::sleep(Duration::from_millis(200));
            }
            hostile.sent
        });
        let places = curl(&[&format!("http://{}/simulator/places", api.address)]);
        let places = serde_json::from_str(&places).unwrap();
        let mut storm = Storm::new(&api.simulator, Rng(seed), &places);
        soak.phases(
            Duration::try_from_secs_f64(minutes * 60.0).unwrap(),
            minutes >= 5.0,
            &mut storm,
            |variants, rng| {
                let reloaded =
                    configuration.reload(*rng.choose(variants), rng.one_in(2), &process, address);
                if let Err(error) = reloaded {
                    soak.report().violation(error);
                }
            },
        );
        soak.ended.store(true, Ordering::Relaxed);
        let clients = clients.into_iter().map(|it| it.join().unwrap()).collect();
        watching.join().unwrap();
        let mut report = soak.report();
        report.clients = clients;
        report.junk = hostile.join().unwrap();
        report.events = storm.events;
        report.reloads = (configuration.good, configuration.refused);
    });
    let waited = soak.machine.waited();
    let mut report = soak.report.into_inner().unwrap();
    report.seconds = start.elapsed().as_secs_f64();
    report.waited = waited;
    let scrapes: u64 = report.clients.iter().map(|it| it.scrapes).sum();
    if report.late.len() as u64 > 3 + scrapes / SCRAPES_PER_LATE_ONE {
        report.violation(format!("late: {} of {scrapes} scrapes", report.late.len()));
    }
    end(&mut report, process);
    report
}
