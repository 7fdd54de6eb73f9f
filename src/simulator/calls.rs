//! Counters of requests and responses.

use std::collections::BTreeMap;

use serde::Serialize;

use super::endpoint::EndpointName;

/// The requests under `/v3` since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Requests received, by endpoint, including those that were refused or faulty.
    pub by_endpoint: BTreeMap<EndpointName, u64>,
    /// Responses, by status. A request that hangs or is reset has none.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests that the rate limit refused with 429.
    pub over_limit: u64,
    /// Requests that a fault applied to, by its kind; two faults of one request both count.
    pub by_fault: BTreeMap<&'static str, u64>,
}

impl Calls {
    /// Requests of one endpoint.
    pub fn of(&self, endpoint: EndpointName) -> u64 {
        self.by_endpoint.get(&endpoint).copied().unwrap_or(0)
    }

    /// Responses with one status.
    pub fn with_status(&self, status: u16) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }

    /// Requests of all endpoints.
    pub fn total(&self) -> u64 {
        self.by_endpoint.values().sum()
    }

    pub(crate) fn received(&mut self, endpoint: EndpointName) {
        *self.by_endpoint.entry(endpoint).or_default() += 1;
    }

    pub(crate) fn limited(&mut self) {
        self.over_limit += 1;
    }

    pub(crate) fn faulty(&mut self, kind: &'static str) {
        *self.by_fault.entry(kind).or_default() += 1;
    }

    pub(crate) fn answered(&mut self, status: u16) {
        *self.by_status.entry(status).or_default() += 1;
    }
}
