//! Where each sensor is, from the ids that it names and the tree.

use crate::config::SpaceFilter;

use super::{Sensor, SensorList, SpaceTree, Symbol};

/// Where a sensor is at one level, such as the floor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Location {
    /// Neither the sensor nor the tree says.
    #[default]
    Unknown,
    /// In the space of the tree with this index.
    Space(u32),
    /// In a space that the tree does not list; its id is a symbol of the list of sensors.
    Unlisted(Symbol),
}

/// Where a sensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorLocation {
    /// The campus.
    pub campus: Location,
    /// The building.
    pub building: Location,
    /// The floor.
    pub floor: Location,
    /// None when any of its locations is live; else a symbol of the tree.
    pub lifecycle: Option<Symbol>,
    /// The index of its first space in tree order, by which sensors are sorted.
    pub first_space: Option<u32>,
}

impl From<Option<u32>> for Location {
    fn from(index: Option<u32>) -> Self {
        index.map_or(Location::Unknown, Location::Space)
    }
}

/// Finds sensors in the tree. Each id is looked up in the tree once, however many sensors name it.
pub(super) struct SensorLocator<'a> {
    sensors: &'a SensorList,
    tree: &'a SpaceTree,
    /// By symbol of the list of sensors: the index of the space with that id.
    spaces: Vec<Option<u32>>,
}

impl<'a> SensorLocator<'a> {
    pub(super) fn of(sensors: &'a SensorList, tree: &'a SpaceTree) -> Self {
        let texts = sensors.texts().iter();
        Self {
            sensors,
            tree,
            spaces: texts.map(|(_, id)| tree.find(id)).collect(),
        }
    }

    fn find(&self, id: Symbol) -> Option<u32> {
        self.spaces.get(id.index()).copied().flatten()
    }

    fn smallest(&self, ids: &[Symbol]) -> Location {
        // They are sorted.
        match ids.first() {
            Some(id) => self
                .find(*id)
                .map_or(Location::Unlisted(*id), Location::Space),
            None => Location::Unknown,
        }
    }

    /// The location of a sensor: that of its first space in tree order, else of its smallest floor id, else
    /// of its smallest building id, so that the order of an answer changes nothing.
    pub(super) fn locate(&self, sensor: &Sensor) -> SensorLocation {
        let tree = self.tree;
        let spaces = self.sensors.spaces(sensor).iter();
        let first_space = spaces.filter_map(|id| self.find(*id)).min();
        let (campus, building, floor) = match first_space.and_then(|it| tree.node(it)) {
            Some(node) => (node.campus.into(), node.building.into(), node.floor.into()),
            None => {
                let floor = self.smallest(self.sensors.floors(sensor));
                let above = match floor {
                    Location::Space(index) => tree.node(index),
                    _ => None,
                };
                let building = match above.and_then(|it| it.building) {
                    Some(index) => Location::Space(index),
                    None => self.smallest(self.sensors.buildings(sensor)),
                };
                // A floor may be on a campus without a building.
                let below_campus = match building {
                    Location::Space(index) => tree.node(index),
                    _ => above,
                };
                let campus = below_campus.and_then(|it| it.campus).into();
                (campus, building, floor)
            }
        };
        SensorLocation {
            campus,
            building,
            floor,
            lifecycle: self.lifecycle(sensor),
            first_space,
        }
    }

    /// Only the closest listed level counts: a floor in planning may be in a building that is live, and its
    /// sensors must not page anyone.
    fn lifecycle(&self, sensor: &Sensor) -> Option<Symbol> {
        let list = self.sensors;
        let levels = [
            list.spaces(sensor),
            list.floors(sensor),
            list.buildings(sensor),
        ];
        for ids in levels {
            let listed = ids.iter().filter_map(|id| self.find(*id));
            let mut first: Option<(u32, Option<Symbol>)> = None;
            for (index, node) in listed.filter_map(|it| Some((it, self.tree.node(it)?))) {
                // One live location is enough.
                let lifecycle = Some(self.tree.lifecycle(node)?);
                if first.is_none_or(|(before, _)| index < before) {
                    first = Some((index, lifecycle));
                }
            }
            if let Some((_, lifecycle)) = first {
                return lifecycle;
            }
        }
        None
    }

    /// Whether a sensor is kept: when any of its locations is. A location that is not listed is neither kept
    /// nor dropped; a sensor with no other is kept unless `filter` names what to include, or excludes it.
    pub(super) fn keeps(
        &self,
        sensor: &Sensor,
        kept_spaces: &[bool],
        filter: &SpaceFilter,
    ) -> bool {
        // Without a tree nothing can be filtered, and health must not depend on the tree.
        if self.tree.is_empty() {
            return true;
        }
        let list = self.sensors;
        let places = || {
            let floors = list.floors(sensor).iter().chain(list.buildings(sensor));
            list.spaces(sensor).iter().chain(floors)
        };
        let mut listed = places().filter_map(|id| self.find(*id)).peekable();
        if listed.peek().is_none() {
            let excluded = |id: &Symbol| filter.exclude.iter().any(|it| it == list.text(*id));
            return filter.include.is_empty() && !places().any(excluded);
        }
        listed.any(|index| kept_spaces.get(index as usize) == Some(&true))
    }
}
