//! Consistency among pages: each is compared with what was known when its scrape started, and with the clock.
//!
//! Scrapes run concurrently. A page may be compared only with pages that had ended when its own scrape started,
//! and its data was read at some time between its start and its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::page::{COLLECTORS, CollectorFacts, Facts, ORGANIZATIONS};

/// What is configured, whatever a reload changes.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `stale.max_age`.
    pub max_age: f64,
    /// The shortest TTLs that any configuration has, of the inventory and of live values.
    pub shortest: [f64; 2],
    /// The longest that a refresh takes: `request.timeout` for each attempt.
    pub refresh_limit: f64,
    /// Of the first organization's API.
    pub rate: f64,
    pub burst: f64,
}

/// Rounding of numbers on a page, and the reading of the two clocks one after the other.
const ROUNDING: f64 = 0.005;

type PerCollector<T> = [[T; COLLECTORS.len()]; ORGANIZATIONS.len()];

/// Everything that pages have shown.
pub struct Ledger {
    pub rules: Rules,
    start: Instant,
    known: Mutex<Seen>,
}

#[derive(Clone, Default)]
struct Seen {
    last_success: PerCollector<f64>,
    /// The last success and the duration of its refresh, if a page showed them.
    durations: PerCollector<(f64, f64)>,
    counters: Arc<HashMap<u64, f64>>,
}

/// What was known when a scrape started.
pub struct ScrapeStart {
    known: Seen,
    pub began: Instant,
    wall: f64,
}

pub fn wall() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs_f64()
}

impl Ledger {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            start: Instant::now(),
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Seen> {
        self.known.lock().unwrap()
    }

    /// Records the start of a scrape.
    pub fn begin(&self) -> ScrapeStart {
        ScrapeStart {
            known: self.known().clone(),
            began: Instant::now(),
            wall: wall(),
        }
    }

    /// Records the end of a scrape with the `facts` of its page, and returns every violation.
    pub fn end(&self, ticket: &ScrapeStart, facts: &Facts) -> Vec<String> {
        let ended = wall();
        let mut wrong = Vec::new();
        for (number, organization) in facts.organizations.iter().enumerate() {
            if organization.up.is_none() {
                continue;
            }
            for (place, it) in organization.collectors.iter().enumerate() {
                let known = ticket.known.last_success[number][place];
                let duration = ticket.known.durations[number][place];
                let of = || format!("{}/{}", ORGANIZATIONS[number], COLLECTORS[place]);
                if it.success.is_some()
                    && let Err(error) = self.ages(place, it, (ticket.wall, ended), known, duration)
                {
                    wrong.push(format!(
                        "{error}: {} {it:?} (known {known}, {duration:?}; from {} to {ended})",
                        of(),
                        ticket.wall
                    ));
                }
            }
        }
        for (series, value) in &facts.counters {
            let before = ticket.known.counters.get(series).copied();
            if before.is_some_and(|it| *value < it) {
                wrong.push(format!("counter: one fell from {before:?} to {value}"));
            }
        }
        let allowed = self.rules.burst + self.rules.rate * self.start.elapsed().as_secs_f64();
        let spent = facts.organizations[0].requests;
        if spent > allowed {
            wrong.push(format!("budget: {spent} calls, {allowed} allowed"));
        }
        let highest = facts.budgets.iter().copied().fold(0.0, f64::max);
        if facts.budgets.iter().any(|it| *it < 0.0) || highest > self.rules.rate + ROUNDING {
            wrong.push(format!("budget: a rate of {:?}", facts.budgets));
        }
        self.learn(facts);
        wrong
    }

    /// Checks the ages of one collector on a page that was rendered between `began` and `ended`.
    fn ages(
        &self,
        place: usize,
        it: &CollectorFacts,
        (began, ended): (f64, f64),
        known: f64,
        (known_success, known_duration): (f64, f64),
    ) -> Result<(), &'static str> {
        let Some(last_success) = it.last_success else {
            return match known > 0.0 {
                true => Err("last success: gone"),
                false => Ok(()),
            };
        };
        if last_success < known {
            return Err("last success: went back");
        }
        if last_success > ended + ROUNDING {
            return Err("last success: in the future");
        }
        let (Some(ttl), Some(stale)) = (it.ttl, it.stale) else {
            return Err("collector: not whole");
        };
        // Age counts from the start of a refresh, which was its duration before its success; when that is not
        // known, it is between these bounds.
        let (least, most) = match it.duration {
            Some(duration) if it.success == Some(1.0) => (duration, duration),
            _ if known_success == last_success => (known_duration, known_duration),
            _ => (0.0, self.rules.refresh_limit),
        };
        // The page was rendered between its start and its end.
        let at_least = began - last_success + least - ROUNDING;
        let at_most = ended - last_success + most + ROUNDING;
        let (is_shown, stands) = (it.samples > 0, ttl + self.rules.max_age);
        // Data that expired under another configuration's TTL stays expired.
        let shortest = ttl.min(self.rules.shortest[usize::from(place > 1)]) + self.rules.max_age;
        // An answer without entries has nothing to show: a storm's spaces may be others than those that the
        // API counts people in.
        let is_missing = !is_shown && it.entries != Some(0.0);
        // Data that was published during the scrape may have been requested long before it, and is not late.
        let is_awaited = last_success >= began;
        match stale {
            _ if is_shown && at_least > stands => Err("stands: shown for too long"),
            _ if is_missing && at_most < shortest => Err("stands: gone too early"),
            0.0 if is_shown && at_least > ttl && !is_awaited => {
                Err("stale: old data is not said to be")
            }
            1.0 if at_most < ttl => Err("stale: fresh data is said to be old"),
            _ => Ok(()),
        }
    }

    fn learn(&self, facts: &Facts) {
        let mut known = self.known();
        let known = &mut *known;
        // The last organization comes and goes, and starts again at zero.
        let steady = facts.organizations.iter().take(ORGANIZATIONS.len() - 1);
        for (number, organization) in steady.enumerate() {
            for (place, it) in organization.collectors.iter().enumerate() {
                let (Some(success), last) =
                    (it.last_success, &mut known.last_success[number][place])
                else {
                    continue;
                };
                *last = last.max(success);
                if let (Some(duration), Some(1.0)) = (it.duration, it.success) {
                    known.durations[number][place] = (success, duration);
                }
            }
        }
        let counters = Arc::make_mut(&mut known.counters);
        for (series, value) in &facts.counters {
            let highest = counters.entry(*series).or_default();
            *highest = highest.max(*value);
        }
    }
}

/// Whether everything that a page shows of an organization is fresh.
pub fn is_fresh(facts: &Facts, organization: usize) -> bool {
    let of = &facts.organizations[organization];
    let all = of.collectors.iter();
    of.up == Some(1.0)
        && all
            .filter(|it| it.success.is_some())
            .all(|it| it.stale == Some(0.0) && it.samples > 0)
}

/// The calls that an API has received: never more, in any time, than the budget allows in it.
pub struct Received {
    rate: f64,
    burst: f64,
    level: f64,
    last: (Instant, u64),
    pub start: Instant,
    pub highest: f64,
}

/// Calls may be delayed in transit and arrive together.
const WAY: Duration = Duration::from_secs(2);

impl Received {
    pub fn new(rules: Rules, calls: u64) -> Self {
        let now = Instant::now();
        Self {
            rate: rules.rate,
            burst: rules.burst,
            level: 0.0,
            last: (now, calls),
            start: now,
            highest: 0.0,
        }
    }

    /// Records how many calls were received up to now.
    pub fn now(&mut self, calls: u64) -> Result<(), String> {
        self.at(Instant::now(), calls)
    }

    fn at(&mut self, now: Instant, calls: u64) -> Result<(), String> {
        let (before, counted) = self.last;
        let passed = now.duration_since(before).as_secs_f64();
        self.level = (self.level - passed * self.rate).max(0.0) + (calls - counted) as f64;
        self.last = (now, calls);
        self.highest = self.highest.max(self.level);
        let most = self.burst + self.rate * (passed + WAY.as_secs_f64());
        match self.level <= most {
            true => Ok(()),
            false => Err(format!(
                "budget: the API received {} calls at once, {most} allowed",
                self.level
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        max_age: 10.0,
        shortest: [4.0, 4.0],
        refresh_limit: 6.0,
        rate: 4.0,
        burst: 12.0,
    };

    /// A page on which the first organization's spaces succeeded so long ago.
    fn page(age: f64, change: impl Fn(&mut CollectorFacts)) -> Facts {
        let mut facts = Facts::default();
        let organization = &mut facts.organizations[0];
        organization.up = Some(1.0);
        organization.collectors[0] = CollectorFacts {
            success: Some(1.0),
            duration: Some(1.0),
            last_success: Some(wall() - age),
            ttl: Some(4.0),
            stale: Some(0.0),
            entries: Some(1.0),
            samples: 1,
            main: 1.0,
        };
        change(&mut organization.collectors[0]);
        facts
    }

    fn told(ledger: &Ledger, facts: &Facts) -> String {
        let wrong = ledger.end(&ledger.begin(), facts);
        wrong.first().map_or(String::new(), |it| {
            it.split(':').take(2).collect::<Vec<_>>().join(":")
        })
    }

    #[test]
    fn ages_that_do_not_fit_are_found() {
        let stale = |it: &mut CollectorFacts| it.stale = Some(1.0);
        let gone = |it: &mut CollectorFacts| it.samples = 0;
        let both = |it: &mut CollectorFacts| (it.samples, it.stale) = (0, Some(0.0));
        let empty = |it: &mut CollectorFacts| (it.samples, it.entries) = (0, Some(0.0));
        let tell = |facts: Facts| told(&Ledger::new(RULES), &facts);
        assert_eq!(tell(page(1.0, |_| {})), "");
        assert_eq!(tell(page(5.0, stale)), "");
        assert_eq!(tell(page(20.0, both)), "");
        assert_eq!(tell(page(-1.0, |_| {})), "last success: in the future");
        assert_eq!(tell(page(3.5, |_| {})), "stale: old data is not said to be");
        assert_eq!(
            tell(page(2.5, stale)),
            "stale: fresh data is said to be old"
        );
        assert_eq!(tell(page(12.0, gone)), "stands: gone too early");
        assert_eq!(tell(page(1.0, empty)), "");
        assert_eq!(tell(page(13.5, stale)), "stands: shown for too long");
        let slow = |it: &mut CollectorFacts| it.duration = Some(5.0);
        assert_eq!(tell(page(0.5, slow)), "stale: old data is not said to be");
        let ledger = Ledger::new(RULES);
        let ticket = ledger.begin();
        let landed = page(-0.001, slow);
        assert_eq!(ledger.end(&ticket, &landed), Vec::<String>::new());
    }

    #[test]
    fn what_was_known_when_a_scrape_began_is_not_taken_back() {
        let ledger = Ledger::new(RULES);
        let early = ledger.begin();
        assert_eq!(told(&ledger, &page(1.0, |_| {})), "");
        assert_eq!(told(&ledger, &page(2.0, |_| {})), "last success: went back");
        let absent = page(1.0, |it| (it.last_success, it.samples) = (None, 0));
        assert_eq!(told(&ledger, &absent), "last success: gone");
        // It had started before any of that was known.
        assert_eq!(ledger.end(&early, &page(2.0, |_| {})), Vec::<String>::new());
        let counted = |value| Facts {
            counters: vec![(1, value)],
            ..Facts::default()
        };
        assert_eq!(told(&ledger, &counted(5.0)), "");
        assert!(told(&ledger, &counted(4.0)).starts_with("counter"));
    }

    #[test]
    fn more_calls_than_the_budget_allows_are_found() {
        let ledger = Ledger::new(RULES);
        let mut facts = Facts::default();
        facts.organizations[0].requests = 12.0;
        assert_eq!(told(&ledger, &facts), "");
        facts.organizations[0].requests = 14.0;
        assert!(told(&ledger, &facts).starts_with("budget"));
        facts.organizations[0].requests = 0.0;
        facts.budgets = vec![4.1];
        assert!(told(&ledger, &facts).starts_with("budget"));
        let mut received = Received::new(RULES, 0);
        let at = |seconds| received.start + Duration::from_secs(seconds);
        let (one, ten) = (at(1), at(10));
        assert_eq!(received.at(one, 24), Ok(()));
        assert_eq!(received.at(ten, 40), Ok(()));
        assert!(received.at(ten, 61).is_err());
    }
}
