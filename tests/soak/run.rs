//! One run: storms and quiet phases, with everything else going on all the time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use density_exporter::simulator::Options;

use crate::client::{Buffers, PLANS, Plan, Taking};
use crate::dice::Dice;
use crate::ledger::{Ledger, Received, is_fresh};
use crate::page::{Facts, Reader};
use crate::process::{Api, Folder, Running, curl, density_exporter};
use crate::reloads::{Configuration, RULES, Variant};
use crate::report::{Met, Report};
use crate::resources::{Sample, Trend};
use crate::storm::{Hostile, Storm};

/// Scrapes that may be under way at once: few enough that some are refused.
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
/// How late a refusal may come, on a machine that is busy.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long a scrape waits that is not woken, less a little.
const NOT_WOKEN: Duration = Duration::from_millis(9_300);
/// Connections that are kept for the next calls may come and go.
const SPARE_DESCRIPTORS: usize = 6;
/// Each of them is a task, which is there at the end too.
const CONNECTIONS_KEPT: usize = 16;

/// How long the phases are.
#[derive(Clone, Copy)]
struct Phases {
    storm: Duration,
    /// Until when everything is fresh again: the longest time that a collector can be left alone after
    /// failing all through the storm, and a refresh.
    fresh: Duration,
    quiet: Duration,
}

impl Phases {
    fn new(storm: u64) -> Self {
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

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Storm,
    /// Since when there is no fault any more.
    Recovering(Instant),
    /// Everything is fresh, since then.
    Settled(Instant, usize),
}

/// What the threads share.
struct Soak {
    address: SocketAddr,
    ledger: Ledger,
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
    fn client(&self, plan: &Plan, mut dice: Dice) -> Met {
        let mut met = Met {
            name: plan.name,
            ..Met::default()
        };
        let (mut buffers, mut reader) = (Buffers::default(), Reader::default());
        while !self.has_ended() {
            let (from, to) = plan.timeout;
            let timeout = Duration::from_millis(from + dice.below(to - from + 1));
            for wrong in self.scrape(
                plan,
                timeout,
                &mut dice,
                &mut buffers,
                &mut reader,
                &mut met,
            ) {
                self.report().violation(format!("{wrong} ({})", plan.name));
            }
            std::thread::sleep(Duration::from_millis(plan.pause));
        }
        met
    }

    fn scrape(
        &self,
        plan: &Plan,
        timeout: Duration,
        dice: &mut Dice,
        buffers: &mut Buffers,
        reader: &mut Reader,
        met: &mut Met,
    ) -> Vec<String> {
        let before = *self.phase();
        let ticket = self.ledger.begin();
        met.scrapes += 1;
        let outcome = match plan.ask(self.address, timeout, dice, buffers) {
            Ok(outcome) => outcome,
            Err(error) => return vec![error],
        };
        let mut wrong = Vec::new();
        if outcome.status == 503 {
            met.refused += 1;
            if outcome.whole > AT_ONCE {
                wrong.push(format!("refusal: it took {:?}", outcome.whole));
            }
            return wrong;
        }
        if outcome.status != 200 {
            return vec![format!("status: {}", outcome.status)];
        }
        let took = match plan.taking {
            Taking::Whole => outcome.whole,
            // The rest is up to the client.
            Taking::Slowly(_) | Taking::Part => outcome.head,
        };
        met.took(took, timeout);
        if took > timeout {
            wrong.push(format!(
                "deadline: {took:?} of {timeout:?}, the head after {:?}",
                outcome.head
            ));
        }
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
        if facts.organizations[1].up == Some(0.0) {
            wrong.push(format!(
                "others: beta is down: {:?}",
                facts.organizations[1]
            ));
        }
        if plan.is_full() {
            wrong.extend(self.phase_allows(before, took, &facts));
        }
        wrong
    }

    /// What a full page must show in a quiet phase.
    fn phase_allows(&self, before: Phase, took: Duration, facts: &Facts) -> Option<String> {
        let mut phase = self.phase();
        if *phase != before {
            return None;
        }
        match before {
            Phase::Storm => None,
            Phase::Recovering(since) => {
                // Until then a call of the storm may still hang, and its refresh fail.
                let is_over = since.elapsed().as_secs_f64() > RULES.refresh_limit;
                if is_over && is_fresh(facts, 0) {
                    *phase = Phase::Settled(since, self.phases.load(Ordering::Relaxed));
                    let mut report = self.report();
                    report.longest_recovery = report.longest_recovery.max(since.elapsed());
                }
                None
            }
            Phase::Settled(..) if !is_fresh(facts, 0) => Some(format!(
                "quiet: not fresh any more: {:?}",
                facts.organizations[0]
            )),
            Phase::Settled(..) if took > NOT_WOKEN => {
                Some(format!("wakeup: a scrape in quiet waited {took:?}"))
            }
            Phase::Settled(..) => None,
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
        mut reload: impl FnMut(&[Variant], &mut Dice),
    ) {
        let start = Instant::now();
        let mut dice = Dice(self.report().seed ^ 0xf00d);
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
            reload(&[Variant::Ttls], &mut dice);
            while began.elapsed() < phases.storm {
                storm.squall();
                if dice.one_in(2) {
                    reload(&IN_STORM, &mut dice);
                }
                std::thread::sleep(Duration::from_millis(500 + dice.below(2_500)));
            }
            storm.end();
            reload(&IN_QUIET[..1], &mut dice);
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
                if dice.one_in(12) {
                    reload(&IN_QUIET, &mut dice);
                }
                std::thread::sleep(Duration::from_millis(250));
            }
        }
    }
}

/// Soaks the exporter, and tells.
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
        let clients: Vec<_> = PLANS
            .iter()
            .zip(100..)
            .map(|(plan, number)| scope.spawn(move || soak.client(plan, Dice(seed ^ number << 32))))
            .collect();
        let hostile = scope.spawn(|| {
            let mut hostile = Hostile::new(address, Dice(seed ^ 0xbad));
            while !soak.has_ended() {
                hostile.once();
                std::thread::sleep(Duration::from_millis(200));
            }
            hostile.sent
        });
        let places = curl(&[&format!("http://{}/simulator/places", api.address)]);
        let places = serde_json::from_str(&places).unwrap();
        let mut storm = Storm::new(&api.simulator, Dice(seed), &places);
        soak.phases(
            Duration::try_from_secs_f64(minutes * 60.0).unwrap(),
            minutes >= 5.0,
            &mut storm,
            |variants, dice| {
                let reloaded =
                    configuration.reload(*dice.of(variants), dice.one_in(2), &process, address);
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
    let mut report = soak.report.into_inner().unwrap();
    report.seconds = start.elapsed().as_secs_f64();
    end(&mut report, process);
    report
}

/// How many it holds now.
fn descriptors(process: &Running) -> usize {
    Sample::of(process.pid(), Instant::now(), None).descriptors
}

/// What is left when nobody asks any more.
fn end(report: &mut Report, process: Running) {
    let most = report.descriptors.0 + SPARE_DESCRIPTORS;
    let limit = Instant::now() + Duration::from_secs(30);
    while descriptors(&process) > most && Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(100));
    }
    report.descriptors.1 = descriptors(&process);
    if report.descriptors.1 > most {
        report.violation(format!(
            "descriptors: {} from {}",
            report.descriptors.1, report.descriptors.0
        ));
    }
    let trend = Trend::of(&report.samples, report.seconds);
    if trend.grows() {
        report.violation(format!("memory: it grows: {trend:?}"));
    }
    report.trend = Some(trend);
    let began = Instant::now();
    process.signal("TERM");
    let (status, log) = process.end();
    if status.code() != Some(0) || began.elapsed() > Duration::from_secs(10) {
        report.violation(format!("end: {status} after {:?}", began.elapsed()));
    }
    for line in log
        .lines()
        .filter(|it| it.contains("defect") || it.contains("panic"))
    {
        report.violation(format!("log: {line}"));
    }
    let tasks = log
        .lines()
        .rev()
        .find_map(|it| it.split_once("message=ended tasks="));
    report.tasks = tasks.map_or("not told", |it| it.1).to_owned();
    let tasks = report.tasks.parse().unwrap_or(usize::MAX);
    if tasks > CONNECTIONS_KEPT {
        report.violation(format!("tasks: {} are left", report.tasks));
    }
}
