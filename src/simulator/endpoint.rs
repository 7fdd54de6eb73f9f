//! The names of endpoints in faults and counters, and the routes of each.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, MatchedPath};
use http::request::Parts;

/// The name of an endpoint, or of a few that belong together, for faults and counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointName {
    /// `POST /v3/oauth/token`
    Token,
    /// `GET /v3/hello-world`
    HelloWorld,
    /// `GET /v3/spaces`
    Spaces,
    /// `POST /v3/sensors`
    Sensors,
    /// `POST /v3/sensors/health/current`
    SensorHealth,
    /// `POST /v3/analytics/occupancy/current`
    CurrentCount,
    /// `POST /v3/analytics/presence-health`
    Presence,
    /// `POST /v3/analytics/presence`
    PlainPresence,
    /// The endpoints about the past: `POST /v3/sensors/health`, `/v3/analytics/presence/short-term`,
    /// `/v3/analytics/occupancy`, `time-used`, `utilization`, `metrics`, `data-status`
    History,
    /// `/v3/users` and `/v3/users/{id}`
    Users,
    /// `POST /v3/analytics/ws/…`: streams are not simulated.
    Streams,
    /// Everything else.
    Other,
}

impl EndpointName {
    /// Every name.
    pub const ALL: [Self; 12] = [
        Self::Token,
        Self::HelloWorld,
        Self::Spaces,
        Self::Sensors,
        Self::SensorHealth,
        Self::CurrentCount,
        Self::Presence,
        Self::PlainPresence,
        Self::History,
        Self::Users,
        Self::Streams,
        Self::Other,
    ];

    /// The name, as it is written in faults and counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::HelloWorld => "hello_world",
            Self::Spaces => "spaces",
            Self::Sensors => "sensors",
            Self::SensorHealth => "sensor_health",
            Self::CurrentCount => "current_count",
            Self::Presence => "presence",
            Self::PlainPresence => "plain_presence",
            Self::History => "history",
            Self::Users => "users",
            Self::Streams => "streams",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for EndpointName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for EndpointName {
    type Err = String;

    /// Reads a name as [`EndpointName::name`] writes it.
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|name| name.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown endpoint {text:?}: expected * or one of {names}")
        })
    }
}

impl EndpointName {
    /// The endpoint of a route of the router.
    fn of_route(route: &str) -> Self {
        match route {
            "/v3/oauth/token" => Self::Token,
            "/v3/hello-world" => Self::HelloWorld,
            "/v3/spaces" => Self::Spaces,
            "/v3/sensors" => Self::Sensors,
            "/v3/sensors/health/current" => Self::SensorHealth,
            "/v3/analytics/occupancy/current" => Self::CurrentCount,
            "/v3/analytics/presence-health" => Self::Presence,
            "/v3/analytics/presence" => Self::PlainPresence,
            "/v3/sensors/health"
            | "/v3/analytics/presence/short-term"
            | "/v3/analytics/occupancy"
            | "/v3/analytics/time-used"
            | "/v3/analytics/utilization"
            | "/v3/analytics/metrics"
            | "/v3/analytics/data-status" => Self::History,
            "/v3/users" | "/v3/users/{id}" => Self::Users,
            "/v3/analytics/ws/{*stream}" => Self::Streams,
            _ => Self::Other,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EndpointName {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let route = parts.extensions.get::<MatchedPath>();
        Ok(route.map_or(Self::Other, |it| Self::of_route(it.as_str())))
    }
}
