//! The portfolio at one time, from which all responses and the truth are made, so that they agree.
//!
//! It is read-only, and can be had for any time in the past.

use super::changes::Changes;
use super::health::{Health, HealthModel, Reading};
use super::people::{STEADY_LOCAL, people};
use super::portfolio::{Mode, Portfolio, Sensor, Space, SpaceIndex, SpaceKind, city_at};
use super::rng::Topic;

/// A waffle sensor counts up to this many people.
pub(crate) const WAFFLE_CAP: u32 = 3;

/// The portfolio, what events changed, and the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot<'a> {
    pub(crate) portfolio: &'a Portfolio,
    pub(crate) changes: &'a Changes,
    pub(crate) health_model: HealthModel,
    /// The time, in seconds since the Unix epoch.
    pub(crate) at: i64,
}

impl<'a> Snapshot<'a> {
    /// The same portfolio at another time.
    pub(crate) fn at(self, at: i64) -> Self {
        Self { at, ..self }
    }

    /// Every sensor that was not removed.
    pub(crate) fn sensors(self) -> impl Iterator<Item = (u32, &'a Sensor)> {
        (0..)
            .zip(&self.portfolio.sensors)
            .filter(move |&(index, _)| !self.changes.is_removed(index))
    }

    /// Every space.
    pub(crate) fn spaces(self) -> impl Iterator<Item = (SpaceIndex, &'a Space)> {
        (0..).zip(&self.portfolio.spaces)
    }

    pub(crate) fn name(self, index: SpaceIndex) -> Option<&'a str> {
        let original = self.portfolio.space(index).name.as_deref();
        self.changes.name(index).or(original)
    }

    pub(crate) fn status(self, index: SpaceIndex) -> &'a str {
        let original = self.portfolio.space(index).status;
        self.changes.status(index).unwrap_or(original)
    }

    /// The health of a sensor.
    pub(crate) fn reading(self, sensor: u32) -> Reading {
        self.changes.reading(sensor, self.at, self.health_model)
    }

    fn readings(self, index: SpaceIndex) -> impl Iterator<Item = Reading> {
        let sensors = self.portfolio.space(index).sensors.iter().copied();
        sensors
            .filter(move |&sensor| !self.changes.is_removed(sensor))
            .map(move |sensor| self.reading(sensor))
    }

    /// The health of a space; none when no sensor measures it.
    pub(crate) fn health(self, index: SpaceIndex) -> Option<Health> {
        Health::of_space(self.readings(index).map(|reading| reading.health))
    }

    /// The share of a space's sensors that send.
    pub(crate) fn up_share(self, index: SpaceIndex) -> f64 {
        let (mut up, mut all) = (0_u32, 0_u32);
        for reading in self.readings(index) {
            all += 1;
            up += u32::from(reading.health == Health::Healthy);
        }
        f64::from(up) / f64::from(all.max(1))
    }

    /// The people who are in a space, measured or not.
    pub(crate) fn people(self, index: SpaceIndex) -> u32 {
        let space = self.portfolio.space(index);
        let local = if self.health_model.steady {
            STEADY_LOCAL
        } else {
            self.at + 60 * i64::from(city_at(space.city.into()).offset_minutes)
        };
        match space.room {
            Some(room) => people(self.portfolio.rng, index.into(), room, space.seats, local),
            None => space.children.iter().map(|&child| self.people(child)).sum(),
        }
    }

    /// The people whom the sensors of a space last saw: as of the time at which the last of
    /// them went offline.
    fn seen(self, index: SpaceIndex, health: Health) -> u32 {
        match self.readings(index).map(|reading| reading.since).max() {
            Some(since) if health == Health::Offline => self.at(since).people(index),
            _ => self.people(index),
        }
    }

    /// The current count of a space; none where people are not counted.
    pub(crate) fn count(self, index: SpaceIndex) -> Option<Count> {
        let mode = self
            .portfolio
            .space(index)
            .mode
            .filter(|mode| mode.counts())?;
        let health = self.health(index)?;
        let seen = self.seen(index, health);
        let capped = mode == Mode::Waffle;
        Some(Count {
            count: if capped { seen.min(WAFFLE_CAP) } else { seen },
            health,
            // At its cap the sensor can't distinguish three people from more.
            is_capped: capped.then_some(seen >= WAFFLE_CAP),
        })
    }

    /// Whether somebody is in a space; none where nothing is measured.
    pub(crate) fn presence(self, index: SpaceIndex) -> Option<Presence> {
        let health = self.health(index)?;
        // Presence is null in some of the spaces whose sensors are all offline.
        let is_null = self.portfolio.rng.below(Topic::Silence, index.into(), 4) == 0;
        let presence =
            (health != Health::Offline || !is_null).then(|| self.seen(index, health) > 0);
        Some(Presence { presence, health })
    }

    /// Whether a space has Open Area sensors.
    pub(crate) fn is_open_area(self, index: SpaceIndex) -> bool {
        let space = self.portfolio.space(index);
        space.mode == Some(Mode::Oa)
            && matches!(space.kind, SpaceKind::Space | SpaceKind::Floor)
            && self.health(index).is_some()
    }
}

/// A current count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) count: u32,
    pub(crate) health: Health,
    /// None where counts have no cap.
    pub(crate) is_capped: Option<bool>,
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presence {
    pub(crate) presence: Option<bool>,
    pub(crate) health: Health,
}
