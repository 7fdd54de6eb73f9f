//! The collectors: one an endpoint of the Density API.

use std::fmt;
use std::ops::{Index, IndexMut};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// One kind of data that is fetched, cached and exported on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collector {
    /// The tree of spaces.
    Spaces,
    /// The sensors and where they hang.
    Sensors,
    /// How many people are in a space now.
    CurrentCount,
    /// Whether anyone is in a space now, with the health of the space.
    Presence,
    /// The health of each sensor.
    SensorHealth,
}

impl Collector {
    /// Every collector, in the order in which they are exported.
    pub const ALL: [Collector; 5] = [
        Collector::Spaces,
        Collector::Sensors,
        Collector::CurrentCount,
        Collector::Presence,
        Collector::SensorHealth,
    ];

    /// The name that the configuration, the metrics and `?collect[]=` use.
    pub const fn name(self) -> &'static str {
        match self {
            Collector::Spaces => "spaces",
            Collector::Sensors => "sensors",
            Collector::CurrentCount => "current_count",
            Collector::Presence => "presence",
            Collector::SensorHealth => "sensor_health",
        }
    }

    /// The collector of that name.
    pub fn from_name(name: &str) -> Option<Collector> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether it says where things are rather than how they are: the inventory gives the live
    /// collectors their names.
    pub const fn is_inventory(self) -> bool {
        matches!(self, Collector::Spaces | Collector::Sensors)
    }

    /// How old its data may be before a scrape asks for it again, where nothing else is configured.
    pub const fn default_ttl(self) -> Duration {
        match self {
            Collector::Spaces | Collector::Sensors => Duration::from_secs(15 * 60),
            Collector::CurrentCount | Collector::Presence => Duration::from_secs(10),
            Collector::SensorHealth => Duration::from_secs(30),
        }
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of collectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CollectorSet(u8);

impl CollectorSet {
    /// All of them.
    pub fn all() -> Self {
        Collector::ALL.into_iter().collect()
    }

    /// Whether `collector` is in the set.
    pub const fn contains(self, collector: Collector) -> bool {
        self.0 & (1 << collector as u8) != 0
    }

    /// This set and `collector`.
    #[must_use]
    pub const fn with(self, collector: Collector) -> Self {
        Self(self.0 | (1 << collector as u8))
    }

    /// The members, in the order of [`Collector::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Collector> {
        Collector::ALL
            .into_iter()
            .filter(move |it| self.contains(*it))
    }
}

impl FromIterator<Collector> for CollectorSet {
    fn from_iter<I: IntoIterator<Item = Collector>>(members: I) -> Self {
        members.into_iter().fold(Self::default(), Self::with)
    }
}

/// One of something for each collector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(bound = "T: Default + JsonSchema", extend("type" = ["object", "null"]))]
pub struct PerCollector<T> {
    /// The tree of spaces.
    spaces: T,
    /// The sensors and where they hang.
    sensors: T,
    /// How many people are in a space now.
    current_count: T,
    /// Whether anyone is in a space now, with the health of the space.
    presence: T,
    /// The health of each sensor.
    sensor_health: T,
}

impl<T> PerCollector<T> {
    /// What `make` makes for each.
    pub fn new(make: impl FnMut(Collector) -> T) -> Self {
        let [spaces, sensors, current_count, presence, sensor_health] = Collector::ALL.map(make);
        Self {
            spaces,
            sensors,
            current_count,
            presence,
            sensor_health,
        }
    }
}

impl<T> Index<Collector> for PerCollector<T> {
    type Output = T;

    fn index(&self, collector: Collector) -> &T {
        match collector {
            Collector::Spaces => &self.spaces,
            Collector::Sensors => &self.sensors,
            Collector::CurrentCount => &self.current_count,
            Collector::Presence => &self.presence,
            Collector::SensorHealth => &self.sensor_health,
        }
    }
}

impl<T> IndexMut<Collector> for PerCollector<T> {
    fn index_mut(&mut self, collector: Collector) -> &mut T {
        match collector {
            Collector::Spaces => &mut self.spaces,
            Collector::Sensors => &mut self.sensors,
            Collector::CurrentCount => &mut self.current_count,
            Collector::Presence => &mut self.presence,
            Collector::SensorHealth => &mut self.sensor_health,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_collector_has_its_own() {
        let mut names = PerCollector::new(Collector::name);
        for collector in Collector::ALL {
            assert_eq!(names[collector], collector.name());
            names[collector] = "changed";
            let changed = Collector::ALL.map(|it| names[it] == "changed");
            assert_eq!(changed.iter().filter(|it| **it).count(), 1);
            assert_eq!(names[collector], "changed");
            names[collector] = collector.name();
        }
    }
}
