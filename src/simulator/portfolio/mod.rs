//! The simulated portfolio: its spaces and sensors. It is built once from a seed, is compact, and never
//! changes afterwards: the changes of events are kept beside it, in `changes`.

mod cities;
mod id;
mod names;
mod place;
mod sensors;
mod tree;

use std::collections::HashMap;

pub(crate) use cities::city_at;
pub(crate) use id::{Serial, SpaceId};
pub(crate) use names::DEPARTMENTS;
pub(crate) use place::{Mode, Room, Sensor, Space, SpaceIndex, SpaceKind};

use super::options::Options;
use super::rng::Rng;

/// 1 January 2022, in seconds since the Unix epoch: no space and no sensor is older.
pub(crate) const FIRST_DAY: i64 = 1_640_995_200;

/// Every space and sensor. All indices come from this type and its lists never shrink, so that
/// [`Portfolio::space`] and [`Portfolio::sensor`] always find one.
#[derive(Debug)]
pub(crate) struct Portfolio {
    pub(crate) rng: Rng,
    pub(crate) spaces: Vec<Space>,
    pub(crate) sensors: Vec<Sensor>,
    space_by_id: HashMap<SpaceId, SpaceIndex>,
    sensor_by_serial: HashMap<Serial, u32>,
}

impl Portfolio {
    pub(crate) fn new(options: &Options) -> Self {
        let rng = Rng::new(options.seed);
        let mut spaces = tree::build(rng, options);
        let sensors = sensors::install(rng, options.sensors, &mut spaces);
        let space_by_id = (0..).zip(&spaces).map(|(i, space)| (space.id, i)).collect();
        let sensor_by_serial = (0..)
            .zip(&sensors)
            .map(|(i, sensor)| (sensor.serial, i))
            .collect();
        Self {
            rng,
            spaces,
            sensors,
            space_by_id,
            sensor_by_serial,
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "Spaces and sensors are numbered here, by their places in these lists."
    )]
    pub(crate) fn space(&self, index: SpaceIndex) -> &Space {
        &self.spaces[index as usize]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "Spaces and sensors are numbered here, by their places in these lists."
    )]
    pub(crate) fn sensor(&self, index: u32) -> &Sensor {
        &self.sensors[index as usize]
    }

    /// Finds a space by its id in text.
    pub(crate) fn find_space(&self, id: &str) -> Option<SpaceIndex> {
        self.space_by_id.get(&SpaceId::parse(id)?).copied()
    }

    /// Finds a sensor by its serial number in text.
    pub(crate) fn find_sensor(&self, serial: &str) -> Option<u32> {
        self.sensor_by_serial.get(&Serial::parse(serial)?).copied()
    }

    /// The nearest space of type `kind` at or above `index`.
    pub(crate) fn enclosing(&self, index: SpaceIndex, kind: SpaceKind) -> Option<SpaceIndex> {
        let mut at = Some(index);
        while let Some(index) = at {
            let space = self.space(index);
            if space.kind == kind {
                return Some(index);
            }
            at = space.parent;
        }
        None
    }

    /// Whether `index` is `ancestor` or a descendant of it.
    pub(crate) fn is_within(&self, index: SpaceIndex, ancestor: SpaceIndex) -> bool {
        let mut at = Some(index);
        while let Some(index) = at {
            if index == ancestor {
                return true;
            }
            at = self.space(index).parent;
        }
        false
    }

    /// The spaces that a sensor's `location` names: its building, its floor and its rooms.
    pub(crate) fn location(&self, sensor: &Sensor) -> impl Iterator<Item = SpaceIndex> {
        let building = sensor.floor.and_then(|floor| self.space(floor).parent);
        building
            .into_iter()
            .chain(sensor.floor)
            .chain(sensor.rooms.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::place::SensorKind;
    use super::*;

    fn portfolio(buildings: usize, sensors: usize, spaces: Option<usize>) -> Portfolio {
        Portfolio::new(&Options {
            buildings,
            sensors,
            spaces,
            ..Options::default()
        })
    }

    #[test]
    fn sizes_are_exact() {
        for (buildings, sensors, spaces) in [
            (1, 0, 0),
            (1, 1, 1),
            (3, 5, 4),
            (3, 50, 10),
            (1, 20, 100),
            (12, 2_000, 3_000),
            (40, 30_000, 30_000),
        ] {
            let built = portfolio(buildings, sensors, Some(spaces));
            assert_eq!(built.spaces.len(), spaces);
            assert_eq!(built.sensors.len(), sensors);
            let count = built
                .spaces
                .iter()
                .filter(|space| space.kind == SpaceKind::Building)
                .count();
            if spaces > 3 + 2 * buildings {
                assert_eq!(count, buildings, "of {spaces}");
            }
        }
    }

    #[test]
    fn campuses_share_the_buildings() {
        for (wanted, found) in [(None, 7), (Some(0), 1), (Some(2), 2), (Some(20), 7)] {
            let built = Portfolio::new(&Options {
                buildings: 7,
                campuses: wanted,
                ..Options::default()
            });
            let of = |kind| built.spaces.iter().filter(move |it| it.kind == kind);
            assert_eq!(of(SpaceKind::Campus).count(), found, "{wanted:?}");
            assert_eq!(of(SpaceKind::Building).count(), 7);
            for campus in of(SpaceKind::Campus) {
                let buildings = campus.children.len();
                assert!((7 / found..=7usize.div_ceil(found)).contains(&buildings));
            }
        }
    }

    #[test]
    fn ids_are_unique_and_every_space_is_a_child_of_its_parent() {
        let built = portfolio(12, 5_000, None);
        assert_eq!(built.space_by_id.len(), built.spaces.len());
        assert_eq!(built.sensor_by_serial.len(), built.sensors.len());
        let serials: HashSet<String> = built.sensors.iter().map(|s| s.serial.to_string()).collect();
        assert_eq!(serials.len(), 5_000);
        for (index, space) in (0..).zip(&built.spaces) {
            assert_eq!(built.find_space(&space.id.to_string()), Some(index));
            match space.parent {
                Some(parent) => assert!(built.space(parent).children.contains(&index)),
                None => assert_eq!(index, 0),
            }
        }
    }

    #[test]
    fn it_has_the_oddities_of_real_portfolios() {
        let built = portfolio(3, 60, None);
        let name = |text: &str| {
            built
                .spaces
                .iter()
                .any(|space| space.name.as_deref() == Some(text))
        };
        for awkward in names::AWKWARD {
            assert!(name(awkward), "{awkward:?}");
        }
        assert!(built.spaces.iter().any(|space| space.name.is_none()));
        assert!(built.spaces.iter().any(|space| space.status == "planning"));
        assert_eq!(
            1,
            built
                .spaces
                .iter()
                .filter(|s| s.status == "retired")
                .count()
        );
        let nested = |space: &&Space| {
            space.kind == SpaceKind::Space
                && space
                    .parent
                    .is_some_and(|p| built.space(p).kind == SpaceKind::Space)
        };
        assert!(built.spaces.iter().any(|space| nested(&space)));
        for kind in [SensorKind::Oa, SensorKind::Entry, SensorKind::Waffle] {
            assert!(built.sensors.iter().any(|sensor| sensor.kind == kind));
        }
        assert!(built.sensors.iter().any(|s| s.rooms == [None, None]));
        assert!(built.sensors.iter().any(|s| s.rooms[1].is_some()));
    }
}
