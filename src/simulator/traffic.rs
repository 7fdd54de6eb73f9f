//! What changes with every request: counters, the rate limit, tokens, faults that get used up.
//!
//! Locked for moments only: nothing here waits or writes an answer.

use std::time::Duration;

use super::calls::Calls;
use super::endpoint::EndpointName;
use super::fault::{Fault, FaultKind};
use super::limit::RateLimit;
use super::options::{Options, Wrapping};
use super::tokens::{Caller, Tokens};
use crate::clock::Instant;

/// A fault, and which tokens were there before it.
#[derive(Debug)]
struct Standing {
    fault: Fault,
    issued_before: u64,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) calls: Calls,
    pub(crate) limit: RateLimit,
    pub(crate) tokens: Tokens,
    pub(crate) wrapping: Wrapping,
    faults: Vec<Standing>,
}

/// What is in store for one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<FaultKind>,
}

impl Traffic {
    pub(crate) fn new(options: &Options, now: Instant) -> Self {
        let mut traffic = Self {
            calls: Calls::default(),
            limit: RateLimit::new(options.requests_per_second, options.burst, now),
            tokens: Tokens::default(),
            wrapping: options.wrapping,
            faults: Vec::new(),
        };
        for fault in &options.faults {
            traffic.inject(fault.clone());
        }
        traffic
    }

    pub(crate) fn inject(&mut self, fault: Fault) {
        self.faults.push(Standing {
            fault,
            issued_before: self.tokens.issued(),
        });
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|standing| &standing.fault)
    }

    /// Decides what happens to a request, and uses up the faults that do.
    pub(crate) fn fate(&mut self, endpoint: EndpointName, caller: Option<Caller>) -> Fate {
        let mut fate = Fate::default();
        for Standing {
            fault,
            issued_before,
        } in &mut self.faults
        {
            let elsewhere = fault.endpoint.is_some_and(|only| only != endpoint);
            let renewed = fault.kind == FaultKind::ExpiredToken
                && match caller {
                    Some(Caller::OAuth(number)) => number > *issued_before,
                    Some(Caller::Static) => false,
                    None => true,
                };
            if elsewhere || renewed || fault.remaining == Some(0) {
                continue;
            }
            match &fault.kind {
                FaultKind::Latency(delay) => fate.delay = fate.delay.saturating_add(*delay),
                _ if fate.fault.is_some() => continue,
                kind => fate.fault = Some(kind.clone()),
            }
            self.calls.hit(fault.kind.name());
            if let Some(remaining) = &mut fault.remaining {
                *remaining -= 1;
            }
        }
        self.faults
            .retain(|standing| standing.fault.remaining != Some(0));
        fate
    }
}
