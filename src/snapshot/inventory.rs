//! Spaces and sensors joined: where each sensor hangs, and what the filters keep.

use std::sync::Arc;

use crate::config::SpaceFilter;

use super::{Node, Sensor, SensorList, SpaceTree, TextId};

/// Where a thing is at one level (floor, say).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Located {
    /// Nobody says.
    #[default]
    Nowhere,
    /// At that space of the tree.
    At(u32),
    /// At a space of that id, which the tree does not list; the id is a text of the list of sensors.
    Unlisted(TextId),
}

/// Where a sensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorPlace {
    /// The campus.
    pub campus: Located,
    /// The building.
    pub building: Located,
    /// The floor.
    pub floor: Located,
    /// None when any of its places is live; else a text of the tree.
    pub lifecycle: Option<TextId>,
    /// The number of its first space in tree order, by which it is sorted.
    pub first_space: Option<u32>,
}

/// Whether the inventory lists a thing, and whether the filters keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Listed under that number and kept.
    Kept(u32),
    /// Listed, but filtered out.
    Dropped,
    /// Not listed: shown all the same, without its place, for the inventory may fail.
    Unlisted,
}

/// The spaces and sensors that were last listed. It answers what the filters keep even when it is too
/// old to give names, so that what was filtered out does not come back because the inventory fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    tree: Arc<SpaceTree>,
    kept_spaces: Vec<bool>,
    sensors: Arc<SensorList>,
    kept_sensors: Vec<bool>,
    places: Vec<SensorPlace>,
    in_place_order: Vec<u32>,
    excluded: Vec<String>,
}

impl Inventory {
    /// Joins `sensors` to `tree` under `filter`. What was never fetched is empty.
    pub fn build(tree: Arc<SpaceTree>, sensors: Arc<SensorList>, filter: &SpaceFilter) -> Self {
        let kept_spaces = kept_spaces(&tree, filter);
        let ground = Ground::of(&sensors, &tree);
        let all = sensors.as_slice();
        let places: Vec<SensorPlace> = all.iter().map(|it| ground.place(it)).collect();
        let keeps = |sensor| ground.keeps(sensor, &kept_spaces, filter);
        let kept_sensors = all.iter().map(keeps).collect();
        let mut in_place_order: Vec<u32> = (0..).take(places.len()).collect();
        // Stable, so that sensors in one space stay in the order of their serial numbers.
        in_place_order.sort_by_key(|&number| {
            let place = places.get(number as usize);
            place.map_or((u32::MAX, u32::MAX), |it| {
                let floor = match it.floor {
                    Located::At(index) => index,
                    _ => u32::MAX,
                };
                (it.first_space.unwrap_or(floor), floor)
            })
        });
        Self {
            tree,
            kept_spaces,
            sensors,
            kept_sensors,
            places,
            in_place_order,
            excluded: filter.exclude.clone(),
        }
    }

    /// The tree of spaces, those that the filters drop included: they may give names.
    pub fn tree(&self) -> &Arc<SpaceTree> {
        &self.tree
    }

    /// The sensors, those that the filters drop included.
    pub fn sensors(&self) -> &Arc<SensorList> {
        &self.sensors
    }

    /// The spaces that the filters keep, in tree order.
    pub fn kept_spaces(&self) -> impl Iterator<Item = (u32, &Node)> {
        self.tree
            .iter()
            .filter(|(index, node)| self.is_kept_space(*index) && !node.space.is_stub)
    }

    /// The ids of `filter` that the tree does not list, and so keep or drop nothing.
    pub fn unknown_ids<'f>(&self, filter: &'f SpaceFilter) -> Vec<&'f str> {
        let ids = filter.include.iter().chain(&filter.exclude);
        ids.map(String::as_str)
            .filter(|id| self.tree.find(id).is_none())
            .collect()
    }

    /// The sensors that the filters keep with their numbers, in the order of the places where they
    /// hang.
    pub fn kept_sensors(&self) -> impl Iterator<Item = (u32, &Sensor, &SensorPlace)> {
        self.in_place_order.iter().filter_map(|&number| {
            let index = number as usize;
            let kept = *self.kept_sensors.get(index)?;
            kept.then_some((
                number,
                self.sensors.as_slice().get(index)?,
                self.places.get(index)?,
            ))
        })
    }

    /// Where sensor `number` is.
    pub fn sensor_place(&self, number: u32) -> Option<&SensorPlace> {
        self.places.get(number as usize)
    }

    /// Whether the space of that id is listed and kept.
    pub fn space(&self, id: &str) -> Listing {
        let listed = self.tree.find(id);
        match listed.and_then(|index| Some((index, self.tree.node(index)?))) {
            Some((index, _)) if !self.is_kept_space(index) => Listing::Dropped,
            Some((_, node)) if node.space.is_stub => Listing::Unlisted,
            Some((index, _)) => Listing::Kept(index),
            None if self.excluded.iter().any(|it| it == id) => Listing::Dropped,
            None => Listing::Unlisted,
        }
    }

    /// Whether the sensor of that serial number is listed and kept.
    pub fn sensor(&self, serial_number: &str) -> Listing {
        let Some(index) = self.sensors.find(serial_number) else {
            return Listing::Unlisted;
        };
        match (self.kept_sensors.get(index), u32::try_from(index)) {
            (Some(true), Ok(number)) => Listing::Kept(number),
            _ => Listing::Dropped,
        }
    }

    fn is_kept_space(&self, index: u32) -> bool {
        self.kept_spaces
            .get(index as usize)
            .copied()
            .unwrap_or(false)
    }
}

/// Which spaces the filter keeps. An id that the tree does not have keeps or drops nothing.
fn kept_spaces(tree: &SpaceTree, filter: &SpaceFilter) -> Vec<bool> {
    let mut kept = vec![filter.include.is_empty(); tree.len()];
    let mut mark = |ids: &[String], keep: bool| {
        for id in ids {
            let Some((start, node)) = tree.find(id).and_then(|it| Some((it, tree.node(it)?)))
            else {
                continue;
            };
            if let Some(below) = kept.get_mut(start as usize..node.end as usize) {
                below.fill(keep);
            }
        }
    };
    mark(&filter.include, true);
    mark(&filter.exclude, false);
    let is_of_types = |node: &Node| {
        let space_type = tree.text(node.space.space_type);
        // The type may be what could not be read of it.
        let is_unknown = node.space.is_stub && space_type.is_empty();
        filter.types.is_empty() || is_unknown || filter.types.iter().any(|it| it == space_type)
    };
    for (keep, (_, node)) in kept.iter_mut().zip(tree.iter()) {
        *keep &= is_of_types(node);
    }
    kept
}

/// What sensors hang in: the tree, and which of its spaces the texts of the list of sensors name.
struct Ground<'a> {
    sensors: &'a SensorList,
    tree: &'a SpaceTree,
    /// By the number of a text: the number of the space with that id.
    spaces: Vec<Option<u32>>,
}

impl<'a> Ground<'a> {
    /// Each text is looked up once, however many sensors name it.
    fn of(sensors: &'a SensorList, tree: &'a SpaceTree) -> Self {
        let texts = sensors.texts().iter();
        Self {
            sensors,
            tree,
            spaces: texts.map(|(_, id)| tree.find(id)).collect(),
        }
    }

    fn find(&self, id: TextId) -> Option<u32> {
        self.spaces.get(id.number()).copied().flatten()
    }

    fn smallest(&self, ids: &[TextId]) -> Located {
        // They are in order.
        match ids.first() {
            Some(id) => self.find(*id).map_or(Located::Unlisted(*id), Located::At),
            None => Located::Nowhere,
        }
    }

    /// The place of a sensor: that of its first space in tree order, else its smallest floor id, else
    /// its smallest building id, so that the order of an answer changes nothing.
    fn place(&self, sensor: &Sensor) -> SensorPlace {
        let tree = self.tree;
        let spaces = self.sensors.spaces(sensor).iter();
        let first_space = spaces.filter_map(|id| self.find(*id)).min();
        let (campus, building, floor) = match first_space.and_then(|it| tree.node(it)) {
            Some(node) => (node.campus.into(), node.building.into(), node.floor.into()),
            None => {
                let floor = self.smallest(self.sensors.floors(sensor));
                let above = match floor {
                    Located::At(index) => tree.node(index),
                    _ => None,
                };
                let building = match above.and_then(|it| it.building) {
                    Some(index) => Located::At(index),
                    None => self.smallest(self.sensors.buildings(sensor)),
                };
                // A floor may stand on a campus without a building.
                let below_campus = match building {
                    Located::At(index) => tree.node(index),
                    _ => above,
                };
                let campus = below_campus.and_then(|it| it.campus).into();
                (campus, building, floor)
            }
        };
        SensorPlace {
            campus,
            building,
            floor,
            lifecycle: self.lifecycle(sensor),
            first_space,
        }
    }

    /// Only the closest level that is listed counts: a floor in planning stands in a building that is
    /// live, and its sensors must not page anyone for that.
    fn lifecycle(&self, sensor: &Sensor) -> Option<TextId> {
        let list = self.sensors;
        let levels = [
            list.spaces(sensor),
            list.floors(sensor),
            list.buildings(sensor),
        ];
        for ids in levels {
            let listed = ids.iter().filter_map(|id| self.find(*id));
            let mut first: Option<(u32, Option<TextId>)> = None;
            for (index, node) in listed.filter_map(|it| Some((it, self.tree.node(it)?))) {
                // One that is live is enough.
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

    /// Whether a sensor is kept: when any of its places is. A place that is not listed is neither kept
    /// nor dropped; a sensor with no other is kept where everything is that is not taken out.
    fn keeps(&self, sensor: &Sensor, kept_spaces: &[bool], filter: &SpaceFilter) -> bool {
        // Without a tree nothing can be told apart, and health must not depend on the tree.
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
            let excluded = |id: &TextId| filter.exclude.iter().any(|it| it == list.text(*id));
            return filter.include.is_empty() && !places().any(excluded);
        }
        listed.any(|index| kept_spaces.get(index as usize) == Some(&true))
    }
}

impl From<Option<u32>> for Located {
    fn from(index: Option<u32>) -> Self {
        index.map_or(Located::Nowhere, Located::At)
    }
}

#[cfg(test)]
mod any_filter;
#[cfg(test)]
mod tests;
