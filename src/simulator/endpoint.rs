//! Which paths the API has, which method each takes, and the names under which they are counted and
//! broken. Nothing here answers anything.

use std::fmt;
use std::str::FromStr;

use http::Method;

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
    /// What is about the past: `POST /v3/sensors/health`, `/v3/analytics/presence/short-term`,
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

/// One path and what is done there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Token,
    HelloWorld,
    Spaces,
    Sensors,
    SensorHealth,
    SensorHealthHistory,
    CurrentCount,
    Presence,
    PresenceHealth,
    ShortTerm,
    Analytics(Analysis),
    DataStatus,
    Users,
    User(String),
    Stream,
    Unknown,
}

/// Which numbers an analytics answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Analysis {
    Occupancy,
    TimeUsed,
    Utilization,
    All,
}

impl Route {
    /// What lies at `path`.
    pub(crate) fn at(path: &str) -> Self {
        match path {
            "/v3/oauth/token" => Self::Token,
            "/v3/hello-world" => Self::HelloWorld,
            "/v3/spaces" => Self::Spaces,
            "/v3/sensors" => Self::Sensors,
            "/v3/sensors/health/current" => Self::SensorHealth,
            "/v3/sensors/health" => Self::SensorHealthHistory,
            "/v3/analytics/occupancy/current" => Self::CurrentCount,
            "/v3/analytics/presence" => Self::Presence,
            "/v3/analytics/presence-health" => Self::PresenceHealth,
            "/v3/analytics/presence/short-term" => Self::ShortTerm,
            "/v3/analytics/occupancy" => Self::Analytics(Analysis::Occupancy),
            "/v3/analytics/time-used" => Self::Analytics(Analysis::TimeUsed),
            "/v3/analytics/utilization" => Self::Analytics(Analysis::Utilization),
            "/v3/analytics/metrics" => Self::Analytics(Analysis::All),
            "/v3/analytics/data-status" => Self::DataStatus,
            "/v3/users" => Self::Users,
            _ => match path.strip_prefix("/v3/users/") {
                Some(id) if !id.is_empty() && !id.contains('/') => Self::User(id.to_owned()),
                _ if path.starts_with("/v3/analytics/ws/") => Self::Stream,
                _ => Self::Unknown,
            },
        }
    }

    pub(crate) const fn endpoint(&self) -> EndpointName {
        match self {
            Self::Token => EndpointName::Token,
            Self::HelloWorld => EndpointName::HelloWorld,
            Self::Spaces => EndpointName::Spaces,
            Self::Sensors => EndpointName::Sensors,
            Self::SensorHealth => EndpointName::SensorHealth,
            Self::CurrentCount => EndpointName::CurrentCount,
            Self::Presence => EndpointName::PlainPresence,
            Self::PresenceHealth => EndpointName::Presence,
            Self::SensorHealthHistory | Self::ShortTerm | Self::Analytics(_) | Self::DataStatus => {
                EndpointName::History
            }
            Self::Users | Self::User(_) => EndpointName::Users,
            Self::Stream => EndpointName::Streams,
            Self::Unknown => EndpointName::Other,
        }
    }

    /// The methods that it takes, for `Allow`.
    pub(crate) const fn methods(&self) -> &'static [Method] {
        match self {
            Self::HelloWorld | Self::Spaces => &[Method::GET],
            Self::Users => &[Method::GET, Method::POST],
            Self::User(_) => &[Method::GET, Method::PATCH, Method::DELETE],
            _ => &[Method::POST],
        }
    }
}
