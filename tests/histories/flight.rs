//! One refresh, as the contract has it: which calls it may make, and when.

use std::time::Duration;

use crate::api::{Call, Outcome};
use crate::settings::Settings;

/// Timers have a resolution of a millisecond, and a wait that is cut by chance is rounded.
pub const SLACK: u64 = 3;

/// A refresh under way.
#[derive(Clone, Debug)]
pub struct Flight {
    pub number: u64,
    pub began: u64,
    /// Nothing is done after this.
    pub limit: u64,
    /// It has ended by then: later than the limit when the machine was suspended, for what it waits
    /// for is not told until then.
    pub ended_by: u64,
    pub credentials: u32,
    pub phase: Phase,
    timeout: u64,
    /// Calls that may still be made.
    left: u32,
    made: u32,
}

/// What a refresh does now.
#[derive(Clone, Debug)]
pub enum Phase {
    /// It has asked for nothing yet, and will by then. Not certain: perhaps there is no refresh at all.
    Begun { by: u64, is_certain: bool },
    /// A call is under way.
    Asking {
        ends: u64,
        outcome: Outcome,
        /// The answer comes when the time for it is up: perhaps just in time.
        is_close: bool,
    },
    /// A call has failed in a way that may pass.
    Between {
        since: u64,
        earliest: u64,
        latest: u64,
        /// There is time for another one, however long it waits.
        is_certain: bool,
    },
}

impl Flight {
    pub fn new(
        number: u64,
        began: u64,
        settings: &Settings,
        credentials: u32,
        is_certain: bool,
    ) -> Self {
        Self {
            number,
            began,
            limit: began + settings.limit(),
            ended_by: began + settings.limit(),
            credentials,
            phase: Phase::Begun {
                by: began,
                is_certain,
            },
            timeout: settings.timeout,
            left: settings.retries + 1,
            made: 0,
        }
    }

    /// The machine was suspended for `time` until `now`: timers did not run. Whoever waits to ask again
    /// looks at the clock every second.
    pub fn suspended(&mut self, time: u64, now: u64) {
        self.ended_by += time;
        match &mut self.phase {
            Phase::Begun { by, .. } => *by += time,
            Phase::Asking { ends, .. } => *ends += time,
            Phase::Between {
                latest, is_certain, ..
            } => {
                *latest = (*latest).max(now + 1_000).min(*latest + time);
                // It may be too late for it by then.
                *is_certain &= *latest + SLACK < self.limit;
            }
        }
    }

    /// It makes a call; what is wrong with that. When the budget is short, a call may be late.
    pub fn called(&mut self, call: &Call, is_short: bool) -> Result<(), String> {
        let at = call.at;
        let (earliest, latest) = match self.phase {
            Phase::Begun { by, .. } => (self.began, by),
            Phase::Between {
                earliest, latest, ..
            } => (earliest, latest),
            Phase::Asking { .. } => return Err("while another is under way".to_owned()),
        };
        let latest = match is_short {
            true => self.limit,
            false => latest,
        };
        if at + SLACK < earliest || at > latest + SLACK {
            return Err(format!("and not within {earliest} and {latest}"));
        }
        if at >= self.limit {
            return Err(format!("after the refresh's limit, {}", self.limit));
        }
        self.left = self.left.checked_sub(1).ok_or("one too many")?;
        self.made += 1;
        let longest = self.timeout.min(self.limit - at);
        let takes = call.takes.unwrap_or(u64::MAX);
        let is_in_time = takes <= longest;
        self.phase = Phase::Asking {
            ends: at + takes.min(longest),
            outcome: match is_in_time {
                true => call.outcome.clone(),
                false => Outcome::Passing(None),
            },
            is_close: takes.abs_diff(longest) <= SLACK,
        };
        if let Phase::Asking {
            outcome, is_close, ..
        } = &mut self.phase
            && *is_close
        {
            outcome.clone_from(&call.outcome);
        }
        Ok(())
    }

    /// When the call ends that is under way.
    pub fn ends(&self) -> Option<u64> {
        match self.phase {
            Phase::Asking { ends, .. } => Some(ends),
            _ => None,
        }
    }

    /// What the call came to that was under way.
    pub fn outcome(&self, is_success: bool) -> Outcome {
        match &self.phase {
            Phase::Asking { is_close: true, .. } if !is_success => Outcome::Passing(None),
            Phase::Asking { outcome, .. } => outcome.clone(),
            _ => Outcome::Final,
        }
    }

    /// A call has failed in a way that may pass: whether there may be another one. It waits for
    /// 250 ms and up to twice as long, then for twice that, and as long as the answer says.
    pub fn retries(&mut self, at: u64, asked: Option<(Duration, Duration)>) -> bool {
        let (least, most) = asked.unwrap_or_default();
        let usual = 250 << (self.made - 1);
        let earliest = at + usual.max(least.as_millis() as u64);
        let latest = at + (2 * usual).max(most.as_millis() as u64);
        if self.left == 0 || earliest >= self.limit {
            return false;
        }
        self.phase = Phase::Between {
            since: at,
            earliest,
            latest,
            is_certain: latest + SLACK < self.limit,
        };
        true
    }
}
