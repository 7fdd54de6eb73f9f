//! The endpoints of the API. Every path is here and nowhere else, because some are not confirmed.

use std::fmt;

use http::Method;

use crate::config::Collector;

/// An endpoint of the Density API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Exchanges client credentials for a token.
    Token,
    /// All spaces.
    Spaces,
    /// All sensors.
    Sensors,
    /// People in spaces now.
    CurrentCount,
    /// Health-aware presence.
    Presence,
    /// The health of sensors now.
    SensorHealth,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Endpoint; 6] = [
        Endpoint::Token,
        Endpoint::Spaces,
        Endpoint::Sensors,
        Endpoint::CurrentCount,
        Endpoint::Presence,
        Endpoint::SensorHealth,
    ];

    /// The value of the `endpoint` label: the collector's name, or `token`.
    pub const fn name(self) -> &'static str {
        match self {
            Endpoint::Token => "token",
            Endpoint::Spaces => Collector::Spaces.name(),
            Endpoint::Sensors => Collector::Sensors.name(),
            Endpoint::CurrentCount => Collector::CurrentCount.name(),
            Endpoint::Presence => Collector::Presence.name(),
            Endpoint::SensorHealth => Collector::SensorHealth.name(),
        }
    }

    /// The path below the API's URL. `POST /v3/sensors` is by analogy with the documented request
    /// and not confirmed; the others are documented or were seen in use.
    pub const fn path(self) -> &'static str {
        match self {
            Endpoint::Token => "/v3/oauth/token",
            Endpoint::Spaces => "/v3/spaces",
            Endpoint::Sensors => "/v3/sensors",
            Endpoint::CurrentCount => "/v3/analytics/occupancy/current",
            Endpoint::Presence => "/v3/analytics/presence-health",
            Endpoint::SensorHealth => "/v3/sensors/health/current",
        }
    }

    /// The HTTP method. No request changes anything at Density.
    pub const fn method(self) -> Method {
        match self {
            Endpoint::Spaces => Method::GET,
            _ => Method::POST,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
