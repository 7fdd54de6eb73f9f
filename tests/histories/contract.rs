//! The contract as a small machine of its own: told when there is a scrape and which calls the API
//! has received, it says what may be called, how long a scrape takes and what stands on the page.
//!
//! It is written from the promises of the documentation and shares no code with the exporter. Times are
//! milliseconds on the clock that runs on during suspend.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use density_exporter::config::Collector;

use crate::api::{Call, Outcome};
use crate::building::Content;
use crate::exporter::{Scrape, Seen};
use crate::flight::{Flight, Phase, SLACK};
use crate::settings::{BUDGET, Settings};

/// What must not be, in words.
pub type Verdict = Result<(), String>;

/// The contract, and how things stand.
#[derive(Debug)]
pub struct Contract {
    pub settings: Settings,
    /// Rises with new credentials.
    credentials: u32,
    pub collectors: BTreeMap<Collector, State>,
    /// Until then nothing may be called, after a 429: at the least, and at the most.
    paused: (u64, u64),
    /// When the last 429 came.
    paused_at: u64,
    /// Until then a call may be late, or never be made, because the budget is short.
    short_until: u64,
    /// Calls that a plain bucket of the configured rate and burst holds, and since when.
    bucket: (f64, u64),
    /// By how many seconds somebody has set the wall clock.
    pub set: i64,
    flights: u64,
}

/// How a collector stands.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The last good data, and when its refresh began.
    data: Option<(u64, Content)>,
    pub finished: Option<Finished>,
    /// When the last success was, and by how much the wall clock was set then.
    pub last_success: Option<(u64, i64)>,
    pub entries: Option<usize>,
    pub failures: u32,
    /// It is not due before the one, and no longer left alone after the other.
    left_alone: (u64, u64),
    /// The data came with other credentials.
    pub is_of_others: bool,
    pub flight: Option<Flight>,
    /// The number of the last flight, and the bounds of when it ended.
    last_flight: Option<(u64, (u64, u64))>,
}

#[derive(Clone, Copy, Debug)]
pub struct Finished {
    pub success: bool,
    /// Its duration, at the least and at the most.
    pub took: (u64, u64),
}

/// A scrape that waits: since when, until when at the latest, and for which refreshes.
#[derive(Debug)]
pub struct Waiting {
    since: u64,
    deadline: u64,
    for_flights: Vec<(Collector, u64)>,
}

enum Due {
    Yes,
    No,
    /// The contract leaves it open.
    Perhaps,
}

impl Contract {
    pub fn new(settings: &Settings, now: u64) -> Self {
        Self {
            settings: settings.clone(),
            credentials: 0,
            collectors: Collector::ALL.map(|it| (it, State::default())).into(),
            paused: (0, 0),
            paused_at: 0,
            short_until: 0,
            bucket: (f64::from(BUDGET.burst), now),
            set: 0,
            flights: 0,
        }
    }

    /// The machine was suspended for `time` until `now`.
    pub fn suspended(&mut self, time: u64, now: u64) {
        if now - time < self.short_until {
            // Who waits for the budget looks at the clock every second, and others wait behind.
            self.short_until = self.short_until.max(now + 1_500);
        }
        for state in self.collectors.values_mut() {
            if let Some(flight) = &mut state.flight {
                flight.suspended(time, now);
            }
        }
    }

    /// Another configuration.
    pub fn reloaded(&mut self, settings: &Settings, now: u64) {
        let refetch = settings.token != self.settings.token;
        self.credentials += u32::from(refetch);
        for collector in Collector::ALL {
            let is_visible = self.visible(collector, now).is_some();
            let state = self.state(collector);
            if !settings.ttls.contains_key(&collector) {
                // What is under way goes on, and what it brings is of interest only when the collector
                // is on again by then.
                *state = State {
                    flight: state.flight.take(),
                    last_flight: state.last_flight,
                    ..State::default()
                };
                continue;
            }
            // What has ended does not come back because data stands for longer from now on.
            if !is_visible {
                state.data = None;
            }
            if refetch {
                state.is_of_others = true;
                state.left_alone = (0, 0);
                state.failures = state.failures.min(1);
            }
        }
        self.settings = settings.clone();
    }

    /// A scrape begins: whatever it wants that is due takes off, with the inventory for the names.
    pub fn scraped(&mut self, scrape: &Scrape, now: u64) -> Waiting {
        let wanted = scrape.wanted(&self.settings);
        let mut for_flights = Vec::new();
        for collector in self.running() {
            let is_inventory = matches!(collector, Collector::Spaces | Collector::Sensors);
            if !is_inventory && !wanted.contains(&collector) {
                continue;
            }
            let due = self.due(collector, now);
            let (settings, credentials) = (self.settings.clone(), self.credentials);
            self.flights += 1;
            let number = self.flights;
            let state = self.state(collector);
            if state.flight.is_none() {
                let is_certain = match due {
                    Due::Yes => true,
                    Due::Perhaps => false,
                    Due::No => continue,
                };
                state.flight = Some(Flight::new(number, now, &settings, credentials, is_certain));
            }
            let number = state.flight.as_ref().map_or(number, |it| it.number);
            for_flights.push((collector, number));
        }
        Waiting {
            since: now,
            deadline: now + scrape.wait(),
            for_flights,
        }
    }

    fn due(&self, collector: Collector, now: u64) -> Due {
        let state = &self.collectors[&collector];
        let is_fresh = state
            .data
            .as_ref()
            .is_some_and(|it| now - it.0 < self.settings.ttls[&collector]);
        let (least, most) = state.left_alone;
        if is_fresh && state.failures == 0 && !state.is_of_others || now < least {
            Due::No
        } else if now < most {
            Due::Perhaps
        } else {
            Due::Yes
        }
    }

    /// Time has passed until `seen`, and `calls` have arrived meanwhile: that is as it may be.
    pub fn passed(&mut self, seen: &Seen, calls: &[Call]) -> Verdict {
        let mut calls = calls.iter().peekable();
        loop {
            let ends = self.next_end(seen);
            let call = calls.peek().map(|it| it.at);
            match (ends, call) {
                (Some((at, collector)), _) if call.is_none_or(|call| at <= call) => {
                    self.answered(collector, at, seen);
                }
                (_, Some(_)) => self.called(calls.next().ok_or("no call")?)?,
                _ => break,
            }
        }
        for collector in Collector::ALL {
            self.no_call_is_missing(collector, seen)
                .map_err(|it| format!("{collector}: {it}"))?;
        }
        for collector in self.running() {
            let state = self.state(collector);
            let is_thought = state.flight.is_some();
            // What has just landed may be about to be noted as ended.
            let ends = state
                .last_flight
                .is_some_and(|it| it.1.1 + SLACK >= seen.at);
            let may_be_either = ends && !is_thought;
            if is_thought != seen.under_way.contains(&collector) && !may_be_either {
                return Err(format!("{collector}: under way is {}", !is_thought));
            }
            let is_failing = seen.failing.contains(&collector);
            if is_failing != (state.failures > 0) {
                return Err(format!("{collector}: failing is {is_failing}"));
            }
        }
        Ok(())
    }

    /// The next call whose answer has arrived by then. Just then, either may be.
    fn next_end(&self, seen: &Seen) -> Option<(u64, Collector)> {
        let flights = self.collectors.iter();
        let ends = flights.filter_map(|(collector, state)| {
            let flight = state.flight.as_ref()?;
            let ends = flight.ends()?;
            let has_landed = seen.requested_at.get(collector) == Some(&flight.began);
            let has_ended = match ends.cmp(&seen.at) {
                Ordering::Less => true,
                Ordering::Equal => has_landed || self.is_under_way(*collector, seen) == Some(false),
                Ordering::Greater => false,
            };
            has_ended.then_some((ends, *collector))
        });
        ends.min()
    }

    /// Of a collector that is turned off nobody can tell.
    fn is_under_way(&self, collector: Collector, seen: &Seen) -> Option<bool> {
        let is_on = self.settings.ttls.contains_key(&collector);
        is_on.then(|| seen.under_way.contains(&collector))
    }

    /// A call has arrived.
    fn called(&mut self, call: &Call) -> Verdict {
        let Call { collector, at, .. } = *call;
        let about = |words: &str| Err(format!("{collector}: a call at {at} {words}"));
        if at > self.paused_at && at + SLACK < self.paused.0 {
            return about("during a pause after a 429");
        }
        // A plain bucket.
        let (level, as_of) = self.bucket;
        let more = (at - as_of) as f64 / 1000.0 * BUDGET.requests_per_second;
        let level = (level + more).min(f64::from(BUDGET.burst)) - 1.0;
        // A timer is a millisecond early or late.
        if level < -0.05 {
            return about("beyond the budget");
        }
        self.bucket = (level, at);
        if level < 10.0 {
            self.short_until = self.short_until.max(at + 60_000);
        }
        if let Outcome::Limited(wait) = &call.outcome {
            self.limited(at, *wait);
        }
        let short_until = self.short_until;
        let Some(flight) = &mut self.state(collector).flight else {
            return about("that no refresh makes");
        };
        flight
            .called(call, flight.began < short_until)
            .or_else(|it| about(&it))
    }

    /// The API has said 429.
    fn limited(&mut self, at: u64, wait: Option<(Duration, Duration)>) {
        let (least, most) = wait.map_or((5_000, 5_000), |(least, most)| {
            let pause = |it: Duration| (it.as_millis() as u64).clamp(1_000, 3_600_000);
            (pause(least), pause(most))
        });
        self.paused_at = at;
        self.paused = (self.paused.0.max(at + least), self.paused.1.max(at + most));
        // Halved again and again, the rate takes its time to come back.
        self.short_until = self.short_until.max(self.paused.1 + 600_000);
    }

    /// The answer to a call has come, or the time for it is up.
    fn answered(&mut self, collector: Collector, at: u64, seen: &Seen) {
        let is_success = seen.finished.get(&collector).is_some_and(|it| it.0);
        let state = self.state(collector);
        let Some(flight) = &mut state.flight else {
            return;
        };
        let outcome = flight.outcome(is_success);
        match outcome {
            Outcome::Good(content) => self.succeeded(collector, at, content),
            Outcome::Final => self.failed(collector, (at, at)),
            Outcome::Passing(wait) => {
                let wait = wait.map(|it| (it, it));
                self.may_pass(collector, at, wait);
            }
            Outcome::Limited(wait) => self.may_pass(collector, at, wait),
        }
    }

    fn may_pass(&mut self, collector: Collector, at: u64, wait: Option<(Duration, Duration)>) {
        let state = self.state(collector);
        let retries = state.flight.as_mut().is_some_and(|it| it.retries(at, wait));
        if !retries {
            self.failed(collector, (at, at));
        }
    }

    fn succeeded(&mut self, collector: Collector, at: u64, content: Content) {
        let (set, credentials) = (self.set, self.credentials);
        let is_on = self.settings.ttls.contains_key(&collector);
        let state = self.state(collector);
        let Some(flight) = state.landed((at, at)) else {
            return;
        };
        if !is_on {
            return;
        }
        state.finished = Some(Finished {
            success: true,
            took: (at - flight.began, at - flight.began),
        });
        state.last_success = Some((at, set));
        state.entries = Some(content.entries());
        state.data = Some((flight.began, content));
        state.failures = 0;
        state.left_alone = (0, 0);
        state.is_of_others = flight.credentials != credentials;
    }

    /// From the third failure in a row on it is left alone: 10 s, then 20 s, up to 5 min.
    fn failed(&mut self, collector: Collector, at: (u64, u64)) {
        let Some(state) = self.noted(collector, at) else {
            return;
        };
        state.failures += 1;
        if state.failures >= 3 {
            let backoff = 10_000u64.saturating_mul(1 << (state.failures - 3).min(10));
            let backoff = backoff.min(300_000);
            state.left_alone = (at.0 + backoff, at.1 + backoff);
        }
    }

    /// No call was left in the budget. That says nothing of the endpoint; it is due again when there
    /// is one.
    fn held_up(&mut self, collector: Collector, at: (u64, u64)) {
        let paused = self.paused.1;
        let Some(state) = self.noted(collector, at) else {
            return;
        };
        state.failures = state.failures.max(1);
        state.left_alone = (at.0, paused.max(at.1) + 30_000);
    }

    /// A refresh has failed; none when that says nothing of how things are configured now.
    fn noted(&mut self, collector: Collector, at: (u64, u64)) -> Option<&mut State> {
        let credentials = self.credentials;
        let is_on = self.settings.ttls.contains_key(&collector);
        let state = self.state(collector);
        let flight = state.landed(at)?;
        if !is_on || flight.credentials != credentials {
            return None;
        }
        state.finished = Some(Finished {
            success: false,
            took: (at.0 - flight.began, at.1 - flight.began),
        });
        Some(state)
    }

    /// What should have been called by now has been.
    fn no_call_is_missing(&mut self, collector: Collector, seen: &Seen) -> Verdict {
        let short_until = self.short_until;
        let is_under_way = self.is_under_way(collector, seen);
        let took = seen.finished.get(&collector).map_or(0, |it| it.1);
        let now = seen.at;
        let state = self.state(collector);
        let Some(flight) = &mut state.flight else {
            return Ok(());
        };
        let (began, limit, ended_by) = (flight.began, flight.limit, flight.ended_by);
        let is_short = began < short_until;
        let is_known = state
            .finished
            .is_some_and(|it| it.took.0 <= took + SLACK && took <= it.took.1 + SLACK);
        match flight.phase {
            Phase::Asking { .. } => {}
            Phase::Begun { by, is_certain } => match is_under_way {
                // It was left alone: nothing is new.
                Some(false) if !is_certain && is_known => state.flight = None,
                Some(false) if is_short => self.held_up(collector, (began, now)),
                // It was suspended to beyond its limit before it could ask.
                Some(false) if by >= limit => self.failed(collector, (by, now)),
                Some(false) => return Err("it was due, and is not asked for".to_owned()),
                _ if now <= by + SLACK || is_short && now <= ended_by + SLACK => {}
                None if is_short => self.held_up(collector, (began, now)),
                None if by >= limit => self.failed(collector, (by, now)),
                _ => return Err("it was due, and waits for nothing".to_owned()),
            },
            Phase::Between {
                since,
                latest,
                is_certain,
                ..
            } => match is_under_way {
                Some(true) | None if now <= latest + SLACK => {}
                Some(true) | None if is_short && now <= ended_by + SLACK => {}
                Some(true) => return Err("it should have been tried again by now".to_owned()),
                None => self.failed(collector, (since, now)),
                // Either there was no time for another try, or no call.
                Some(false) if !is_certain && took.abs_diff(since - began) <= SLACK => {
                    self.failed(collector, (since, since));
                }
                Some(false) if !is_certain && !is_short => self.failed(collector, (since, now)),
                Some(false) if is_short => self.held_up(collector, (since, now)),
                Some(false) => return Err("it should have been tried again".to_owned()),
            },
        }
        Ok(())
    }

    /// How long a scrape may take that ended at `at`: until all that it waited for has ended, or until
    /// its deadline.
    pub fn waited(&self, waiting: &Waiting, at: u64) -> Verdict {
        let mut bounds = (waiting.since, waiting.since);
        let mut deadline = (waiting.deadline, waiting.deadline);
        for (collector, number) in &waiting.for_flights {
            let state = &self.collectors[collector];
            match state.last_flight {
                Some((last, ended)) if last == *number => {
                    bounds = (bounds.0.max(ended.0), bounds.1.max(ended.1));
                }
                // Perhaps there was none.
                _ if state.flight.is_none() => bounds.1 = bounds.1.max(at),
                _ => bounds = (u64::MAX, u64::MAX),
            }
        }
        deadline = (deadline.0.min(bounds.0), deadline.1.min(bounds.1));
        if at + SLACK < deadline.0 || at > deadline.1 + SLACK {
            return Err(format!(
                "the scrape that began at {} ended at {at} and not within {deadline:?}; it waited for {:?}",
                waiting.since, waiting.for_flights
            ));
        }
        Ok(())
    }

    /// Whether a scrape ended at its deadline just when a refresh did, so that either may have come
    /// first.
    pub fn is_in_doubt(&self, waiting: &Waiting, at: u64) -> bool {
        let ends_now = |state: &State| match (&state.flight, state.last_flight) {
            (Some(flight), _) if flight.ends() == Some(at) => true,
            (_, Some((_, (_, ended)))) => ended == at,
            _ => false,
        };
        at >= waiting.deadline && self.collectors.values().any(ends_now)
    }

    /// The data that may be shown: for `max_age` after its TTL ran out.
    pub fn visible(&self, collector: Collector, now: u64) -> Option<(u64, &Content)> {
        let ttl = *self.settings.ttls.get(&collector)?;
        let (began, content) = self.collectors[&collector].data.as_ref()?;
        let age = now - began;
        (age <= ttl + self.settings.max_age).then_some((age, content))
    }

    fn running(&self) -> Vec<Collector> {
        self.settings.ttls.keys().copied().collect()
    }

    fn state(&mut self, collector: Collector) -> &mut State {
        self.collectors.entry(collector).or_default()
    }
}

impl State {
    /// Its flight has ended.
    fn landed(&mut self, at: (u64, u64)) -> Option<Flight> {
        let flight = self.flight.take()?;
        self.last_flight = Some((flight.number, at));
        Some(flight)
    }
}
