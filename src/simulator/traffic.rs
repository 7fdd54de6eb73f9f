//! The state that requests change: counters, the rate limit, tokens, faults that get used up.
//!
//! It is locked briefly: nothing here waits or writes a response.

use std::time::Duration;

use super::calls::Calls;
use super::endpoint::EndpointName;
use super::fault::{Fault, FaultKind};
use super::options::{Options, Wrapping};
use super::rate_limit::RateLimit;
use super::tokens::{Credentials, Tokens};
use crate::clock::Instant;

/// A fault, and how many tokens had been issued before it was injected.
#[derive(Debug)]
struct ActiveFault {
    fault: Fault,
    issued_before: u64,
}

/// The state that requests change.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) calls: Calls,
    pub(crate) rate_limit: RateLimit,
    pub(crate) tokens: Tokens,
    pub(crate) wrapping: Wrapping,
    faults: Vec<ActiveFault>,
}

/// The faults that apply to one request: delays, and at most one of another kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestFaults {
    pub(crate) delay: Duration,
    pub(crate) kind: Option<FaultKind>,
}

impl Traffic {
    pub(crate) fn new(options: &Options, now: Instant) -> Self {
        let mut traffic = Self {
            calls: Calls::default(),
            rate_limit: RateLimit::new(options.requests_per_second, options.burst, now),
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
        self.faults.push(ActiveFault {
            fault,
            issued_before: self.tokens.issued(),
        });
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|active| &active.fault)
    }

    /// Chooses the faults of a request, counts them, and uses up those that apply a few times only.
    pub(crate) fn faults_of_request(
        &mut self,
        endpoint: EndpointName,
        credentials: Option<Credentials>,
    ) -> RequestFaults {
        let mut faults = RequestFaults::default();
        for ActiveFault {
            fault,
            issued_before,
        } in &mut self.faults
        {
            let other_endpoint = fault.endpoint.is_some_and(|only| only != endpoint);
            let renewed = fault.kind == FaultKind::ExpiredToken
                && match credentials {
                    Some(Credentials::OAuth(number)) => number > *issued_before,
                    Some(Credentials::Static) => false,
                    None => true,
                };
            if other_endpoint || renewed || fault.remaining == Some(0) {
                continue;
            }
            match &fault.kind {
                FaultKind::Latency(delay) => faults.delay = faults.delay.saturating_add(*delay),
                _ if faults.kind.is_some() => continue,
                kind => faults.kind = Some(kind.clone()),
            }
            self.calls.faulty(fault.kind.name());
            if let Some(remaining) = &mut fault.remaining {
                *remaining -= 1;
            }
        }
        self.faults
            .retain(|active| active.fault.remaining != Some(0));
        faults
    }
}
