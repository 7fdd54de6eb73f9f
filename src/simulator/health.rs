//! How sensors fail and return by themselves: a pure function of the sensor and the time.
//!
//! Each sensor has cycles of one to four days, with a short window of every failure in each. The changes
//! of events are in `changes`.

use super::rng::{Rng, Topic};

/// The `health_status` of a sensor or a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Online and sending.
    Healthy,
    /// Online but not sending; of a space: some of its sensors are not healthy.
    Degraded,
    /// Not online; of a space: none of its sensors is.
    Offline,
    /// Not known.
    Unknown,
}

impl Health {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Healthy, Self::Degraded, Self::Offline, Self::Unknown];

    /// As the API writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }

    /// The health of a space from that of its sensors; none without sensors.
    pub(crate) fn of_space(sensors: impl Iterator<Item = Health>) -> Option<Health> {
        let mut all = None;
        for health in sensors {
            match all {
                None => all = Some(health),
                Some(same) if same == health => {}
                Some(_) => return Some(Self::Degraded),
            }
        }
        all
    }
}

/// A status and its beginning, in seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) health: Health,
    pub(crate) since: i64,
}

/// With at least so many sensors, one is always offline, one degraded and one unknown.
const MIN_FOR_PINNED: usize = 20;
const HOUR: i64 = 3600;

/// The windows of a cycle: the beginning of each, in thousandths of the cycle, and the status from there.
const WINDOWS: [(i64, Health); 6] = [
    (0, Health::Offline),
    (15, Health::Healthy),
    (400, Health::Degraded),
    (410, Health::Healthy),
    (700, Health::Unknown),
    (705, Health::Healthy),
];

/// The health of a portfolio's sensors without events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HealthModel {
    pub(crate) rng: Rng,
    pub(crate) sensors: usize,
    /// Whether all are always healthy.
    pub(crate) steady: bool,
    /// When the simulation began, in seconds since the Unix epoch.
    pub(crate) started: i64,
}

impl HealthModel {
    /// The health of sensor `index` at `at`.
    pub(crate) fn reading(self, index: u32, at: i64) -> Reading {
        let long_ago =
            self.started - HOUR - self.rng.below(Topic::Since, index.into(), 2_000_000) as i64;
        if self.steady {
            return Reading {
                health: Health::Healthy,
                since: long_ago,
            };
        }
        if let Some(health) = self.pinned(index) {
            return Reading {
                health,
                since: long_ago,
            };
        }
        let bits = self.rng.sample(Topic::Outage, index.into());
        let cycle = 24 * HOUR + (bits % (72 * HOUR as u64)) as i64;
        let phase = (bits >> 32) as i64;
        let start = at - (at + phase).rem_euclid(cycle);
        let mut reading = Reading {
            health: Health::Healthy,
            since: start,
        };
        for (begins, health) in WINDOWS {
            let since = start + begins * cycle / 1000;
            if since <= at {
                reading = Reading { health, since };
            }
        }
        reading
    }

    /// The health of the few sensors that never change, so that a portfolio of some size has one of each.
    fn pinned(self, index: u32) -> Option<Health> {
        if self.sensors < MIN_FOR_PINNED {
            return None;
        }
        let index = index as usize;
        match index {
            _ if index == self.sensors / 4 => Some(Health::Offline),
            _ if index == self.sensors / 2 => Some(Health::Degraded),
            _ if index == self.sensors / 4 * 3 => Some(Health::Unknown),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn model(sensors: usize, steady: bool) -> HealthModel {
        HealthModel {
            rng: Rng::new(3),
            sensors,
            steady,
            started: NOW - 60,
        }
    }

    #[test]
    fn a_few_in_a_hundred_are_down() {
        let model = model(20_000, false);
        let share = |health| {
            let count = (0..20_000)
                .filter(|&i| model.reading(i, NOW).health == health)
                .count();
            count as f64 / 200.0
        };
        assert!((1.0..2.0).contains(&share(Health::Offline)));
        assert!((0.7..1.4).contains(&share(Health::Degraded)));
        assert!((0.3..0.8).contains(&share(Health::Unknown)));
    }

    #[test]
    fn the_last_change_is_when_the_status_began() {
        let model = model(500, false);
        for index in 0..500 {
            let reading = model.reading(index, NOW);
            assert!(reading.since <= NOW);
            assert_eq!(model.reading(index, reading.since.max(NOW - HOUR)), reading);
            if model.pinned(index).is_none() {
                let before = model.reading(index, reading.since - 1);
                let merged = before.health == Health::Healthy && reading.health == Health::Healthy;
                assert!(before.health != reading.health || merged);
            }
        }
    }

    #[test]
    fn twenty_sensors_have_one_of_each_and_steady_ones_are_healthy() {
        for health in Health::ALL {
            assert!((0..20).any(|i| model(20, false).reading(i, NOW).health == health));
        }
        assert!((0..500).all(|i| model(500, true).reading(i, NOW).health == Health::Healthy));
    }

    #[test]
    fn a_space_is_as_its_sensors_are() {
        use Health::{Degraded, Healthy, Offline, Unknown};
        for (sensors, space) in [
            (vec![], None),
            (vec![Healthy, Healthy], Some(Healthy)),
            (vec![Offline, Offline], Some(Offline)),
            (vec![Healthy, Offline], Some(Degraded)),
            (vec![Offline, Unknown], Some(Degraded)),
            (vec![Degraded], Some(Degraded)),
            (vec![Unknown], Some(Unknown)),
        ] {
            assert_eq!(
                Health::of_space(sensors.iter().copied()),
                space,
                "{sensors:?}"
            );
        }
    }
}
