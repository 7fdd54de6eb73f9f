//! Spaces and sensors joined: where each sensor is, and what the filters keep.

use std::sync::Arc;

use crate::config::SpaceFilter;

use super::location::SensorLocator;
use super::{Location, Node, Sensor, SensorList, SensorLocation, SpaceTree};

/// Whether the inventory lists a space or sensor, and whether the filters keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Listed with this index and kept.
    Kept(u32),
    /// Listed, but filtered out.
    Dropped,
    /// Not listed. It is shown without its location, because the inventory may fail while live values do not.
    Unlisted,
}

/// The spaces and sensors that were last listed. It says what the filters keep even when its names have
/// expired, so that what was filtered out does not come back because the inventory fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    tree: Arc<SpaceTree>,
    kept_spaces: Vec<bool>,
    sensors: Arc<SensorList>,
    kept_sensors: Vec<bool>,
    locations: Vec<SensorLocation>,
    page_order: Vec<u32>,
    excluded: Vec<String>,
}

impl Inventory {
    /// Joins `sensors` to `tree` and applies `filter`. What was never fetched is empty.
    pub fn build(tree: Arc<SpaceTree>, sensors: Arc<SensorList>, filter: &SpaceFilter) -> Self {
        let kept_spaces = kept_spaces(&tree, filter);
        let locator = SensorLocator::of(&sensors, &tree);
        let all = sensors.as_slice();
        let locations: Vec<SensorLocation> = all.iter().map(|it| locator.locate(it)).collect();
        let keeps = |sensor| locator.keeps(sensor, &kept_spaces, filter);
        let kept_sensors = all.iter().map(keeps).collect();
        let mut page_order: Vec<u32> = (0..).take(locations.len()).collect();
        // A stable sort, so that sensors in one space stay in the order of their serial numbers.
        page_order.sort_by_key(|&number| {
            let location = locations.get(number as usize);
            location.map_or((u32::MAX, u32::MAX), |it| {
                let floor = match it.floor {
                    Location::Space(index) => index,
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
            locations,
            page_order,
            excluded: filter.exclude.clone(),
        }
    }

    /// The tree of spaces, including those that the filters drop, for they may give names.
    pub fn tree(&self) -> &Arc<SpaceTree> {
        &self.tree
    }

    /// The sensors, including those that the filters drop.
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

    /// The sensors that the filters keep with their indices, in the order of their locations.
    pub fn kept_sensors(&self) -> impl Iterator<Item = (u32, &Sensor, &SensorLocation)> {
        self.page_order.iter().filter_map(|&number| {
            let index = number as usize;
            let kept = *self.kept_sensors.get(index)?;
            kept.then_some((
                number,
                self.sensors.as_slice().get(index)?,
                self.locations.get(index)?,
            ))
        })
    }

    /// Where the sensor at index `number` is.
    pub fn sensor_location(&self, number: u32) -> Option<&SensorLocation> {
        self.locations.get(number as usize)
    }

    /// Whether the space with that id is listed and kept.
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

    /// Whether the sensor with that serial number is listed and kept.
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
        // A stub may lack its type, because that may be what could not be read.
        let is_unknown = node.space.is_stub && space_type.is_empty();
        filter.types.is_empty() || is_unknown || filter.types.iter().any(|it| it == space_type)
    };
    for (keep, (_, node)) in kept.iter_mut().zip(tree.iter()) {
        *keep &= is_of_types(node);
    }
    kept
}

#[cfg(test)]
mod any_filter;
#[cfg(test)]
mod tests;
