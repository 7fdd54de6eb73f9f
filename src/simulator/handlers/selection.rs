//! Which spaces and sensors a request selects: those that it names, or all.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::simulator::portfolio::SpaceIndex;
use crate::simulator::snapshot::Snapshot;

/// The body of requests about spaces.
#[derive(Debug, Default, Deserialize)]
pub(in crate::simulator) struct SpaceSelection {
    pub(super) space_ids: Option<Vec<String>>,
}

/// The body of requests about sensors.
#[derive(Debug, Default, Deserialize)]
pub(in crate::simulator) struct SensorSelection {
    pub(super) serial_numbers: Option<Vec<String>>,
    pub(super) space_ids: Option<Vec<String>>,
}

/// The spaces with these ids, in the portfolio's order, each once: all without ids (or with an empty
/// list), and none for an id that does not exist.
pub(super) fn selected_spaces<'a>(
    snapshot: Snapshot<'a>,
    ids: Option<&[String]>,
) -> Box<dyn Iterator<Item = SpaceIndex> + 'a> {
    match ids {
        Some(ids) if !ids.is_empty() => {
            let found = ids
                .iter()
                .filter_map(|id| snapshot.portfolio.find_space(id));
            Box::new(found.collect::<BTreeSet<_>>().into_iter())
        }
        _ => Box::new(snapshot.spaces().map(|(index, _)| index)),
    }
}

/// The sensors with these serial numbers that are in one of these spaces or measure it; an empty list
/// selects all, as no list does.
pub(super) fn selected_sensors<'a>(
    snapshot: Snapshot<'a>,
    serial_numbers: Option<&[String]>,
    space_ids: Option<&[String]>,
) -> Box<dyn Iterator<Item = u32> + 'a> {
    let sensors: Box<dyn Iterator<Item = u32> + 'a> = match serial_numbers {
        Some(serials) if !serials.is_empty() => {
            let found = serials
                .iter()
                .filter_map(|serial| snapshot.portfolio.find_sensor(serial));
            Box::new(found.collect::<BTreeSet<_>>().into_iter())
        }
        _ => Box::new(snapshot.sensors().map(|(index, _)| index)),
    };
    let sensors = sensors.filter(move |&sensor| !snapshot.changes.is_removed(sensor));
    let Some(ids) = space_ids.filter(|list| !list.is_empty()) else {
        return Box::new(sensors);
    };
    let spaces: BTreeSet<SpaceIndex> = selected_spaces(snapshot, Some(ids)).collect();
    Box::new(sensors.filter(move |&sensor| {
        let portfolio = snapshot.portfolio;
        let mut location = portfolio.location(portfolio.sensor(sensor));
        location.any(|space| spaces.contains(&space))
    }))
}
