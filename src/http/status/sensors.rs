//! An organization's sensors, counted in one pass over them.

use crate::snapshot::{Inventory, Listing, Location, Snapshot, SpaceTree, Status};

/// How many floors are shown.
pub(super) const MAX_FLOORS: usize = 10;
/// How many sensors that are offline are shown.
pub(super) const MAX_OFFLINE: usize = 50;

/// An organization's sensors, counted. Its size does not depend on how many there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SensorSummary {
    /// How many have each health; the documented ones first.
    pub(super) by_health: Vec<(String, u64)>,
    /// How many are listed without a health.
    pub(super) unreported: u64,
    /// The floors with the most sensors that are not healthy, the worst first.
    pub(super) floors: Vec<FloorFacts>,
    /// How many floors have one that is not healthy.
    pub(super) bad_floors: u64,
    /// How many sensors are not healthy, and nobody knows on which floor.
    pub(super) unplaced: u64,
    /// The sensors that went offline last, the last first.
    pub(super) offline: Vec<OfflineSensor>,
}

/// A floor, or a building of sensors without one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FloorFacts {
    pub(super) place: Place,
    pub(super) sensors: u64,
    pub(super) not_healthy: u64,
}

/// A sensor that is offline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OfflineSensor {
    pub(super) serial_number: String,
    pub(super) place: Place,
    /// Unix seconds.
    pub(super) since: Option<f64>,
}

/// Where something is: names, or ids where there are no names; empty where nobody says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) building: String,
    pub(super) floor: String,
    /// None: it is live.
    pub(super) lifecycle: Option<String>,
}

impl FloorFacts {
    /// Share times number: a floor of which most is gone stands before a single sensor that is, and that
    /// before one of many.
    pub(super) fn weight(&self) -> f64 {
        let (all, bad) = (self.sensors.max(1) as f64, self.not_healthy as f64);
        bad * bad / all
    }

    /// What is not in use stands behind what is.
    pub(super) fn worst_first(a: &Self, b: &Self) -> std::cmp::Ordering {
        let rank = |it: &Self| it.place.lifecycle.is_some();
        rank(a)
            .cmp(&rank(b))
            .then(b.weight().total_cmp(&a.weight()))
    }
}

impl OfflineSensor {
    /// One that nobody knows since when stands last.
    pub(super) fn newest_first(a: &Self, b: &Self) -> std::cmp::Ordering {
        let since = |it: &Self| it.since.unwrap_or(f64::NEG_INFINITY);
        since(b)
            .total_cmp(&since(a))
            .then_with(|| a.serial_number.cmp(&b.serial_number))
    }
}

impl SensorSummary {
    /// All sensors.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "How many sensors there are in memory."
    )]
    pub(super) fn sensors(&self) -> u64 {
        self.by_health.iter().map(|it| it.1).sum::<u64>() + self.unreported
    }

    /// How many are healthy.
    pub(super) fn healthy(&self) -> u64 {
        self.with_status(Status::Healthy)
    }

    /// How many are offline.
    pub(super) fn offline(&self) -> u64 {
        self.with_status(Status::Offline)
    }

    /// How many are listed without a health.
    pub(super) fn unreported(&self) -> u64 {
        self.unreported
    }

    /// How many are not healthy, and on no floor that is known.
    pub(super) fn unplaced(&self) -> u64 {
        self.unplaced
    }

    /// How many floors have one that is not healthy.
    pub(super) fn bad_floors(&self) -> u64 {
        self.bad_floors
    }

    /// How many have the health `status`.
    fn with_status(&self, status: Status) -> u64 {
        let name = status.name(&[]);
        let found = self.by_health.iter().find(|it| it.0 == name);
        found.map_or(0, |it| it.1)
    }

    /// Counts the sensors of `snapshot`, when their health may be shown. Takes a while where there are
    /// many.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "How many sensors there are in memory."
    )]
    pub(super) fn count(snapshot: &Snapshot) -> Option<Self> {
        let healths = &snapshot.sensor_health.as_ref()?.data;
        let places = PlaceNames::of(snapshot);
        let others = healths.other_statuses();
        let names = Status::DOCUMENTED.iter().map(|it| it.name(&[]));
        let names = names.chain(others.iter().map(AsRef::as_ref));
        let mut facts = Self {
            by_health: names.map(|it| (it.to_owned(), 0)).collect(),
            ..Self::default()
        };
        let mut floors = vec![(0u64, 0u64); places.inventory.tree().len()];
        let mut offline: Vec<(f64, u32)> = Vec::new();
        let mut listed = 0u64;
        for (row, (_, serial_number)) in (0..).zip(healths.ids().iter()) {
            let number = match places.inventory.sensor(serial_number) {
                Listing::Kept(number) => Some(number),
                Listing::Unlisted => None,
                Listing::Dropped => continue,
            };
            let Some((_, health)) = healths.row(row) else {
                continue;
            };
            listed += u64::from(number.is_some());
            let status = health.status.name(others);
            if let Some((_, count)) = facts.by_health.iter_mut().find(|it| it.0 == status) {
                *count += 1;
            }
            let bad = u64::from(health.status != Status::Healthy);
            let floor = number.and_then(|it| places.floor_of(it));
            match floor.and_then(|it| floors.get_mut(it as usize)) {
                Some((all, not_healthy)) => {
                    *all += 1;
                    *not_healthy += bad;
                }
                None => facts.unplaced += bad,
            }
            if health.status == Status::Offline {
                let since = health.last_status_change.unwrap_or(f64::NEG_INFINITY);
                offline.push((since, row));
            }
        }
        if snapshot.sensors.is_some() {
            let kept = places.inventory.kept_sensors().count() as u64;
            facts.unreported = kept.saturating_sub(listed);
        }
        facts
            .by_health
            .retain(|(name, count)| *count > 0 || Status::documented(name).is_some());
        facts.rank_floors(&places, &floors);
        offline.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let newest = offline.iter().take(MAX_OFFLINE);
        facts.offline = newest
            .filter_map(|(_, row)| {
                let (serial_number, health) = healths.row(*row)?;
                Some(OfflineSensor {
                    serial_number: serial_number.to_owned(),
                    place: places.place_of_sensor(serial_number),
                    since: health.last_status_change,
                })
            })
            .collect();
        Some(facts)
    }

    fn rank_floors(&mut self, places: &PlaceNames<'_>, floors: &[(u64, u64)]) {
        let counted = (0u32..).zip(floors).filter(|(_, (_, bad))| *bad > 0);
        let mut worst: Vec<(u32, FloorFacts)> = counted
            .map(|(index, (sensors, not_healthy))| {
                let lifecycle = places.lifecycle(index);
                let floor = FloorFacts {
                    place: Place {
                        lifecycle,
                        ..Place::default()
                    },
                    sensors: *sensors,
                    not_healthy: *not_healthy,
                };
                (index, floor)
            })
            .collect();
        self.bad_floors = worst.len() as u64;
        // Stable, so that equally bad ones stay in tree order.
        worst.sort_by(|a, b| FloorFacts::worst_first(&a.1, &b.1));
        worst.truncate(MAX_FLOORS);
        let named = worst.into_iter().map(|(index, mut floor)| {
            places.name(index, &mut floor.place);
            floor
        });
        self.floors = named.collect();
    }
}

/// Where sensors are, by name, as far as it may be shown.
struct PlaceNames<'s> {
    inventory: &'s Inventory,
    has_names: bool,
    has_places: bool,
}

impl<'s> PlaceNames<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        Self {
            inventory: &snapshot.inventory,
            has_names: snapshot.spaces.is_some(),
            has_places: snapshot.sensors.is_some(),
        }
    }

    fn tree(&self) -> &'s SpaceTree {
        self.inventory.tree()
    }

    /// The floor that sensor `number` is on; the building, when no floor is known.
    fn floor_of(&self, number: u32) -> Option<u32> {
        let place = self.inventory.sensor_location(number);
        let place = place.filter(|_| self.has_places)?;
        match (place.floor, place.building) {
            (Location::Space(index), _) | (Location::Unknown, Location::Space(index)) => {
                Some(index)
            }
            _ => None,
        }
    }

    fn lifecycle(&self, index: u32) -> Option<String> {
        let tree = self.tree();
        let lifecycle = tree.lifecycle(tree.node(index)?)?;
        Some(tree.text(lifecycle).to_owned()).filter(|_| self.has_names)
    }

    /// The name of the space at `index`, or its id.
    fn label(&self, index: u32) -> String {
        let tree = self.tree();
        let Some(node) = tree.node(index) else {
            return String::new();
        };
        let name = tree.text(node.space.name);
        match self.has_names && !name.trim().is_empty() {
            true => name.to_owned(),
            false => tree.text(node.space.id).to_owned(),
        }
    }

    fn name(&self, index: u32, place: &mut Place) {
        let node = self.tree().node(index);
        let label = |it: Option<u32>| it.map(|it| self.label(it)).unwrap_or_default();
        place.building = label(node.and_then(|it| it.building));
        place.floor = label(node.and_then(|it| it.floor));
    }

    fn located(&self, located: Location) -> String {
        match located {
            Location::Space(index) => self.label(index),
            Location::Unlisted(id) => self.inventory.sensors().text(id).to_owned(),
            Location::Unknown => String::new(),
        }
    }

    fn place_of_sensor(&self, serial_number: &str) -> Place {
        let place = match self.inventory.sensor(serial_number) {
            Listing::Kept(number) if self.has_places => self.inventory.sensor_location(number),
            _ => None,
        };
        place.map_or_else(Place::default, |it| Place {
            building: self.located(it.building),
            floor: self.located(it.floor),
            lifecycle: it
                .lifecycle
                .map(|it| self.tree().text(it).to_owned())
                .filter(|_| self.has_names),
        })
    }
}

#[cfg(test)]
mod tests;
