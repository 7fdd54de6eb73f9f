//! A history: what happens, step by step, and the exporter beside the contract.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use density_exporter::config::Collector;
use proptest::prelude::*;

use crate::api::{Api, Behaviour, behaviour};
use crate::building::{Happening, happening};
use crate::clock::Machine;
use crate::contract::{Contract, Verdict};
use crate::exporter::{Exporter, Scrape, Seen};
use crate::settings::{Settings, settings};

/// Something happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// So many milliseconds pass.
    Passes(u64),
    /// The machine is suspended for so many milliseconds.
    Suspended(u64),
    /// Somebody sets the wall clock by so many seconds.
    WallIsSet(i64),
    /// Scrapes that begin at once.
    Scraped(Vec<Scrape>),
    /// Endpoints answer otherwise from now on.
    Api(Vec<Collector>, Behaviour),
    /// Something happens in the building.
    Building(Happening),
    /// Another configuration.
    Reloaded(Settings),
}

fn some_collectors() -> impl Strategy<Value = Vec<Collector>> {
    prop_oneof![
        2 => Just(Collector::ALL.to_vec()),
        3 => prop::sample::subsequence(&Collector::ALL[..], 1..3),
    ]
}

fn scrape() -> impl Strategy<Value = Scrape> {
    let collectors =
        prop::option::weighted(0.3, prop::sample::subsequence(&Collector::ALL[..], 1..4));
    let timeout = prop::option::of(prop::sample::select(
        &[300u64, 800, 1_500, 3_000, 10_000][..],
    ));
    (collectors, timeout).prop_map(|(collectors, timeout)| Scrape {
        collectors,
        timeout,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let short = prop::sample::select(&[500u64, 1_000, 2_000, 4_999, 5_000, 9_000, 10_000][..]);
    let long = prop::sample::select(
        &[
            10_001u64, 20_000, 40_000, 65_000, 70_001, 301_000, 610_000, 910_000, 3_600_000,
        ][..],
    );
    let suspended = prop::sample::select(&[3_000u64, 12_000, 605_000, 28_800_000][..]);
    let set = prop::sample::select(&[-7200i64, -61, 1, 3600, 86_400][..]);
    let scrapes = prop_oneof![
        4 => prop::collection::vec(scrape(), 1),
        1 => prop::collection::vec(scrape(), 2..4),
    ];
    prop_oneof![
        5 => short.prop_map(Step::Passes),
        2 => long.prop_map(Step::Passes),
        1 => suspended.prop_map(Step::Suspended),
        1 => set.prop_map(Step::WallIsSet),
        9 => scrapes.prop_map(Step::Scraped),
        4 => (some_collectors(), behaviour()).prop_map(|(who, how)| Step::Api(who, how)),
        3 => happening().prop_map(Step::Building),
        1 => settings().prop_map(Step::Reloaded),
    ]
}

/// A configuration, and what happens under it.
#[derive(Clone)]
pub struct History {
    settings: Settings,
    steps: Vec<Step>,
}

/// One line a step, so that a failure can be read.
impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.settings)?;
        for (number, step) in self.steps.iter().enumerate() {
            write!(
                f,
                "
  {number}: {step:?}"
            )?;
        }
        Ok(())
    }
}

/// Histories of fewer than `most` steps.
pub fn history(most: usize) -> impl Strategy<Value = History> {
    let steps = prop::collection::vec(step(), 4..most);
    (settings(), steps).prop_map(|(settings, steps)| History { settings, steps })
}

/// The exporter beside the contract.
struct Run {
    machine: Arc<Machine>,
    api: Arc<Api>,
    exporter: Exporter,
    contract: Contract,
    settings: Settings,
    /// Calls that were compared.
    calls: usize,
    is_whole: bool,
    /// Milliseconds that have passed too early.
    ahead: u64,
}

/// Lets it happen; fails where the exporter does not do as the contract says.
pub fn run(history: &History, is_whole: bool) -> Verdict {
    let History { settings, steps } = history;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let machine = Arc::new(Machine::new());
        let api = Api::new(machine.clone());
        let exporter = match is_whole {
            true => Exporter::whole(&machine, &api, settings),
            false => Exporter::refreshes(&machine, &api, settings),
        };
        let mut run = Run {
            contract: Contract::new(settings, machine.milliseconds()),
            settings: settings.clone(),
            machine,
            api,
            exporter,
            calls: 0,
            is_whole,
            ahead: 0,
        };
        for (number, step) in steps.iter().enumerate() {
            let began = run.machine.milliseconds();
            let happened = run.step(step).await;
            happened.map_err(|it| format!("step {number} ({step:?}, at {began}): {it}"))?;
        }
        Ok(())
    })
}

impl Run {
    async fn step(&mut self, step: &Step) -> Verdict {
        match step {
            Step::Passes(time) => {
                let time = *time - std::mem::take(&mut self.ahead);
                tokio::time::sleep(Duration::from_millis(time)).await;
            }
            Step::Suspended(time) => {
                self.machine.suspend(Duration::from_millis(*time));
                let now = self.machine.milliseconds();
                self.contract.suspended(*time, now);
            }
            Step::WallIsSet(seconds) => {
                self.machine.set_wall(*seconds);
                self.contract.set = self.machine.set();
            }
            Step::Api(who, how) => self.api.behave(who, *how),
            Step::Building(happening) => self.api.happens(*happening),
            Step::Reloaded(settings) => {
                self.exporter.reload(settings).await;
                self.contract
                    .reloaded(settings, self.machine.milliseconds());
                self.settings = settings.clone();
            }
            Step::Scraped(scrapes) => self.scrapes(scrapes).await?,
        }
        let takes_time = matches!(step, Step::Passes(_) | Step::Reloaded(_) | Step::Scraped(_));
        if takes_time && self.ahead < 400 {
            // All that ends now has ended when time goes on.
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.ahead += 1;
        }
        let seen = self.exporter.look();
        let all: Vec<Collector> = self.settings.ttls.keys().copied().collect();
        self.calls(&seen)?;
        self.compare(&seen, &all)
    }

    async fn scrapes(&mut self, scrapes: &[Scrape]) -> Verdict {
        let now = self.machine.milliseconds();
        let settings = &self.settings.clone();
        let asked = scrapes.iter().map(|it| self.exporter.scrape(it, settings));
        let seen = futures_util::future::join_all(asked).await;
        // One may end before another one begins, at the same time.
        let both = scrapes.iter().zip(&seen);
        let mut events: Vec<_> = both
            .flat_map(|(scrape, (began, seen))| {
                [
                    (*began, scrape, None),
                    (seen.number, scrape, Some((*began, seen))),
                ]
            })
            .collect();
        events.sort_by_key(|it| it.0);
        let mut waiting = BTreeMap::new();
        for (number, scrape, seen) in events {
            let Some((began, seen)) = seen else {
                waiting.insert(number, self.contract.scraped(scrape, now));
                continue;
            };
            self.calls(seen)?;
            let waiting = &waiting[&began];
            self.contract.waited(waiting, seen.at)?;
            // The whole exporter has made its page a little before we look.
            if !(self.is_whole && self.contract.is_in_doubt(waiting, seen.at)) {
                self.compare(seen, &scrape.wanted(settings))?;
            }
        }
        Ok(())
    }

    /// The calls until then are as they may be.
    fn calls(&mut self, seen: &Seen) -> Verdict {
        let calls = self.api.calls(self.calls..seen.calls);
        self.calls = seen.calls;
        self.contract.passed(seen, &calls)
    }

    /// What is shown is what the contract says.
    fn compare(&self, seen: &Seen, wanted: &[Collector]) -> Verdict {
        let Some(page) = &seen.page else {
            return Ok(());
        };
        let expected = self.contract.page(wanted, seen.at, page);
        // Of the whole exporter this is known a little later than its page.
        let since = self.contract.shown_since(seen.at);
        let is_since = self.is_whole || since == seen.shown_since;
        if *page == expected && is_since {
            return Ok(());
        }
        let mut words = format!("at {} the page is not as expected", seen.at);
        if !is_since {
            words += &format!("\nof {:?}, expected {since:?}", seen.shown_since);
        }
        if page.up != expected.up {
            words += &format!("\nup: {:?}, expected {:?}", page.up, expected.up);
        }
        for (collector, state) in &expected.states {
            let shown = page.states.get(collector);
            if shown != Some(state) {
                words += &format!("\n{collector}: {shown:?}, expected {state:?}");
            }
        }
        for fact in page.facts.difference(&expected.facts) {
            words += &format!("\nshown, but not so: {fact}");
        }
        for fact in expected.facts.difference(&page.facts) {
            words += &format!("\nnot shown: {fact}");
        }
        Err(words)
    }
}
