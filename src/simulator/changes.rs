//! The changes of events since the start, kept beside the portfolio, which never changes.
//!
//! A change is effective from its event on: at an earlier time the portfolio is as it was.

use std::collections::{HashMap, HashSet};

use super::event::{Change, Event, EventError, Target};
use super::health::{Health, HealthModel, Reading};
use super::portfolio::{Portfolio, SpaceIndex, SpaceKind};

/// How long a flapping sensor stays in each state, in seconds.
const FLAP: i64 = 60;

/// Everything that events have changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// The health that events forced on a sensor, and the time of the event in seconds since the Unix epoch.
    forced: HashMap<u32, (Change, i64)>,
    removed: HashSet<u32>,
    names: HashMap<SpaceIndex, String>,
    statuses: HashMap<SpaceIndex, String>,
}

impl Changes {
    /// Applies `event` at `at`; nothing changes on an error.
    pub(crate) fn apply(
        &mut self,
        event: Event,
        portfolio: &Portfolio,
        at: i64,
    ) -> Result<(), EventError> {
        match event {
            Event::Health { target, change } => {
                for sensor in sensors_of(&target, portfolio)? {
                    if change == Change::Auto {
                        self.forced.remove(&sensor);
                    } else {
                        self.forced.insert(sensor, (change, at));
                    }
                }
            }
            Event::Rename { space, name } => {
                self.names.insert(find_space(portfolio, &space)?, name);
            }
            Event::Lifecycle { space, status } => {
                self.statuses.insert(find_space(portfolio, &space)?, status);
            }
            Event::Remove { sensor } => {
                self.removed.insert(find_sensor(portfolio, &sensor)?);
            }
            Event::Restore { sensor } => {
                if !self.removed.remove(&find_sensor(portfolio, &sensor)?) {
                    return Err(EventError::NotRemoved(sensor));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn is_removed(&self, sensor: u32) -> bool {
        self.removed.contains(&sensor)
    }

    /// The new name of a space, if it has one.
    pub(crate) fn name(&self, space: SpaceIndex) -> Option<&str> {
        self.names.get(&space).map(String::as_str)
    }

    /// The new status of a space, if it has one.
    pub(crate) fn status(&self, space: SpaceIndex) -> Option<&str> {
        self.statuses.get(&space).map(String::as_str)
    }

    /// The health of a sensor at `at`, as events changed it.
    pub(crate) fn reading(&self, sensor: u32, at: i64, health_model: HealthModel) -> Reading {
        let by_itself = health_model.reading(sensor, at);
        let Some(&(change, since)) = self.forced.get(&sensor) else {
            return by_itself;
        };
        if at < since {
            return by_itself;
        }
        let health = match change {
            Change::Offline => Health::Offline,
            Change::Degraded => Health::Degraded,
            Change::Unknown => Health::Unknown,
            Change::Online if by_itself.since <= since => Health::Healthy,
            Change::Online | Change::Auto => return by_itself,
            Change::Flapping => {
                let turns = (at - since) / FLAP;
                return Reading {
                    health: if turns % 2 == 0 {
                        Health::Offline
                    } else {
                        Health::Healthy
                    },
                    since: since + turns * FLAP,
                };
            }
        };
        Reading { health, since }
    }
}

fn find_space(portfolio: &Portfolio, id: &str) -> Result<SpaceIndex, EventError> {
    portfolio
        .find_space(id)
        .ok_or_else(|| EventError::UnknownSpace(id.to_owned()))
}

fn find_sensor(portfolio: &Portfolio, serial: &str) -> Result<u32, EventError> {
    portfolio
        .find_sensor(serial)
        .ok_or_else(|| EventError::UnknownSensor(serial.to_owned()))
}

fn sensors_of(target: &Target, portfolio: &Portfolio) -> Result<Vec<u32>, EventError> {
    let (id, wanted) = match target {
        Target::All => return Ok((0..).zip(&portfolio.sensors).map(|(i, _)| i).collect()),
        Target::Sensor(serial) => return Ok(vec![find_sensor(portfolio, serial)?]),
        Target::Floor(id) => (id, Some(SpaceKind::Floor)),
        Target::Building(id) => (id, Some(SpaceKind::Building)),
        Target::Space(id) => (id, None),
    };
    let place = find_space(portfolio, id)?;
    let found = portfolio.space(place).kind;
    if let Some(wanted) = wanted.filter(|&wanted| wanted != found) {
        return Err(EventError::WrongType {
            id: id.clone(),
            found: found.name(),
            wanted: wanted.name(),
        });
    }
    let is_there = |sensor: u32| {
        let mut places = portfolio.location(portfolio.sensor(sensor));
        places.any(|at| portfolio.is_within(at, place))
    };
    let all = (0..).zip(&portfolio.sensors).map(|(i, _)| i);
    Ok(all.filter(|&sensor| is_there(sensor)).collect())
}
