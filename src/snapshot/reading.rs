//! What the live endpoints say: counts, presence, health.

use super::SharedStr;

/// The health of a sensor or of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Online and sending; of a space: all its sensors are.
    Healthy,
    /// Online and not sending; of a space: some of its sensors are not healthy.
    Degraded,
    /// Offline; of a space: all its sensors are.
    Offline,
    /// The status is not known.
    Unknown,
    /// An undocumented status: an index into the [`OtherStatuses`] of its readings.
    Other(u8),
}

/// The names of undocumented statuses, by number. An organization's list only grows.
pub type OtherStatuses = std::sync::Arc<[SharedStr]>;

impl Status {
    /// The documented ones.
    pub const DOCUMENTED: [Status; 4] = [
        Status::Healthy,
        Status::Degraded,
        Status::Offline,
        Status::Unknown,
    ];

    /// As the API writes it.
    pub fn name<'n>(&self, others: &'n [SharedStr]) -> &'n str {
        match self {
            Status::Healthy => "healthy",
            Status::Degraded => "degraded",
            Status::Offline => "offline",
            Status::Unknown => "unknown",
            Status::Other(number) => others.get(usize::from(*number)).map_or("", |it| it),
        }
    }

    /// The documented status of that name.
    pub fn documented(name: &str) -> Option<Status> {
        Self::DOCUMENTED.into_iter().find(|it| it.name(&[]) == name)
    }
}

/// How many people are in a space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceCount {
    /// People; finite and not negative; none when the API gives none.
    pub count: Option<f64>,
    /// Whether the count is a lower bound; none where the API does not say.
    pub capped: Option<bool>,
    /// The health of the space as this endpoint gives it.
    pub health: Option<Status>,
}

/// Whether anyone is in a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpacePresence {
    /// Whether anyone is there; none when the API gives none.
    pub presence: Option<bool>,
    /// The health of the space as this endpoint gives it.
    pub health: Option<Status>,
}

/// The health of a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorHealth {
    /// The current status.
    pub status: Status,
    /// Unix seconds since when; none when the API gives none.
    pub last_status_change: Option<f64>,
}
