//! Events that change the portfolio, and their syntax: one event a line.
//!
//! Nothing here knows which spaces and sensors exist.

use std::fmt;
use std::str::FromStr;

/// A change that is effective until another event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The sensors of a place change their health.
    Health {
        /// Which sensors.
        target: Target,
        /// How it changes.
        change: Change,
    },
    /// A space gets another name.
    Rename {
        /// The id of the space.
        space: String,
        /// The new name; it may be empty.
        name: String,
    },
    /// A space gets another `status`, such as `planning`, `live` or `retired`.
    Lifecycle {
        /// The id of the space.
        space: String,
        /// The new status.
        status: String,
    },
    /// A sensor is removed.
    Remove {
        /// Its serial number.
        sensor: String,
    },
    /// A sensor that was removed is added again.
    Restore {
        /// Its serial number.
        sensor: String,
    },
}

/// The sensors whose health changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every sensor.
    All,
    /// One sensor, by serial number.
    Sensor(String),
    /// The sensors on a floor, by the floor's id.
    Floor(String),
    /// The sensors in a building, by the building's id.
    Building(String),
    /// The sensors in any space and all spaces below it, by its id.
    Space(String),
}

/// How the health of a sensor changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It goes offline.
    Offline,
    /// It is healthy until it would next change by itself.
    Online,
    /// It is online and stops sending.
    Degraded,
    /// Its certificate is lost.
    Unknown,
    /// It goes offline and comes back every minute.
    Flapping,
    /// It changes by itself again.
    Auto,
}

impl Change {
    const ALL: [Self; 6] = [
        Self::Offline,
        Self::Online,
        Self::Degraded,
        Self::Unknown,
        Self::Flapping,
        Self::Auto,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Online => "online",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
            Self::Flapping => "flapping",
            Self::Auto => "auto",
        }
    }
}

/// An event that can't be parsed or applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The text is not an event.
    #[error("{0:?} is no event: expected {EXPECTED}")]
    Syntax(String),
    /// There is no such space.
    #[error("there is no space {0:?}")]
    UnknownSpace(String),
    /// There is no such sensor.
    #[error("there is no sensor {0:?}")]
    UnknownSensor(String),
    /// The space is of another type.
    #[error("space {id:?} is a {found}, not a {wanted}")]
    WrongType {
        /// The id of the space.
        id: String,
        /// Its type.
        found: &'static str,
        /// The type in the event.
        wanted: &'static str,
    },
    /// The sensor was not removed.
    #[error("sensor {0:?} was not removed")]
    NotRemoved(String),
}

const EXPECTED: &str = "\"offline|online|degraded|unknown|flapping|auto all\" or \"… sensor SERIAL\", \
     \"… floor|building|space ID\"; \"rename ID NAME\"; \"lifecycle ID STATUS\"; \
     \"remove|restore sensor SERIAL\"";

impl FromStr for Event {
    type Err = EventError;

    /// Reads one line, such as `offline floor spc_…` or `rename spc_… New name`.
    fn from_str(text: &str) -> Result<Self, EventError> {
        let wrong = || EventError::Syntax(text.to_owned());
        let (verb, rest) = word(text.trim_start());
        let (what, name) = word(rest);
        let id = || {
            Some(name.trim())
                .filter(|id| is_one_word(id))
                .map(str::to_owned)
        };
        if let Some(change) = Change::ALL.into_iter().find(|change| change.name() == verb) {
            let target = match what {
                "all" if name.trim().is_empty() => Target::All,
                "sensor" => Target::Sensor(id().ok_or_else(wrong)?),
                "floor" => Target::Floor(id().ok_or_else(wrong)?),
                "building" => Target::Building(id().ok_or_else(wrong)?),
                "space" => Target::Space(id().ok_or_else(wrong)?),
                _ => return Err(wrong()),
            };
            return Ok(Self::Health { target, change });
        }
        match (verb, what) {
            ("rename", space) if !space.is_empty() => Ok(Self::Rename {
                space: space.to_owned(),
                name: name.to_owned(),
            }),
            ("lifecycle", space) => Ok(Self::Lifecycle {
                space: space.to_owned(),
                status: id().ok_or_else(wrong)?,
            }),
            ("remove", "sensor") => Ok(Self::Remove {
                sensor: id().ok_or_else(wrong)?,
            }),
            ("restore", "sensor") => Ok(Self::Restore {
                sensor: id().ok_or_else(wrong)?,
            }),
            _ => Err(wrong()),
        }
    }
}

/// The first word, and the rest after one blank.
fn word(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

fn is_one_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Health { target, change } => {
                let verb = change.name();
                match target {
                    Target::All => write!(f, "{verb} all"),
                    Target::Sensor(id) => write!(f, "{verb} sensor {id}"),
                    Target::Floor(id) => write!(f, "{verb} floor {id}"),
                    Target::Building(id) => write!(f, "{verb} building {id}"),
                    Target::Space(id) => write!(f, "{verb} space {id}"),
                }
            }
            Self::Rename { space, name } => write!(f, "rename {space} {name}"),
            Self::Lifecycle { space, status } => write!(f, "lifecycle {space} {status}"),
            Self::Remove { sensor } => write!(f, "remove sensor {sensor}"),
            Self::Restore { sensor } => write!(f, "restore sensor {sensor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_parsed_as_they_are_written() {
        for text in [
            "offline all",
            "online sensor A1B6Z10",
            "degraded floor spc_1",
            "unknown building spc_1",
            "flapping space spc_1",
            "auto all",
            "rename spc_1 New \"name\"  with blanks ",
            "rename spc_1 ",
            "lifecycle spc_1 planning",
            "remove sensor A1B6Z10",
            "restore sensor A1B6Z10",
        ] {
            let event: Event = text.parse().unwrap();
            assert_eq!(event.to_string(), text);
        }
    }

    #[test]
    fn invalid_events_are_errors() {
        for text in [
            "",
            "explode all",
            "offline",
            "offline all now",
            "offline sensor",
            "offline sensor A B",
            "offline roof spc_1",
            "rename",
            "lifecycle spc_1",
            "remove A1B6Z10",
        ] {
            let error = text.parse::<Event>().unwrap_err();
            assert_eq!(error, EventError::Syntax(text.to_owned()));
            assert!(error.to_string().contains("rename ID NAME"), "{error}");
        }
    }
}
