//! The state of the simulated portfolio in numbers, for comparison with metrics.
//!
//! It is counted from the same snapshot as the responses, and from nothing else.

use std::collections::BTreeMap;

use serde::Serialize;

use super::health::Health;
use super::snapshot::Snapshot;

/// The portfolio in numbers, at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The time, in seconds since the Unix epoch.
    pub at: i64,
    /// Spaces of all types.
    pub spaces: usize,
    /// Spaces by `space_type`.
    pub spaces_by_type: BTreeMap<&'static str, usize>,
    /// Spaces by their own `status`.
    pub spaces_by_status: BTreeMap<String, usize>,
    /// Sensors that are listed.
    pub sensors: usize,
    /// Sensors by `sensor_type`.
    pub sensors_by_type: BTreeMap<&'static str, usize>,
    /// Sensors by `health_status`; every status is there.
    pub sensors_by_health: BTreeMap<&'static str, usize>,
    /// Spaces that have a current count.
    pub spaces_with_count: usize,
    /// The sum of all current counts.
    pub people_counted: u64,
    /// Spaces whose current count is at its cap.
    pub spaces_capped: usize,
    /// Spaces that the presence endpoints have an entry for.
    pub spaces_measured: usize,
    /// Of these: somebody is there.
    pub presence_true: usize,
    /// Of these: nobody is there.
    pub presence_false: usize,
    /// Of these: not known.
    pub presence_null: usize,
    /// Of these: by `space_health_status`; every status is there.
    pub spaces_by_health: BTreeMap<&'static str, usize>,
}

impl Truth {
    pub(crate) fn of(snapshot: Snapshot<'_>) -> Self {
        let no_health = || Health::ALL.map(|health| (health.name(), 0)).into();
        let mut truth = Self {
            at: snapshot.at,
            spaces: 0,
            spaces_by_type: BTreeMap::new(),
            spaces_by_status: BTreeMap::new(),
            sensors: 0,
            sensors_by_type: BTreeMap::new(),
            sensors_by_health: no_health(),
            spaces_with_count: 0,
            people_counted: 0,
            spaces_capped: 0,
            spaces_measured: 0,
            presence_true: 0,
            presence_false: 0,
            presence_null: 0,
            spaces_by_health: no_health(),
        };
        for (index, space) in snapshot.spaces() {
            truth.spaces += 1;
            *truth.spaces_by_type.entry(space.kind.name()).or_default() += 1;
            let status = snapshot.status(index).to_owned();
            *truth.spaces_by_status.entry(status).or_default() += 1;
            if let Some(count) = snapshot.count(index) {
                truth.spaces_with_count += 1;
                truth.people_counted += u64::from(count.count);
                truth.spaces_capped += usize::from(count.is_capped == Some(true));
            }
            if let Some(presence) = snapshot.presence(index) {
                truth.spaces_measured += 1;
                *truth
                    .spaces_by_health
                    .entry(presence.health.name())
                    .or_default() += 1;
                match presence.presence {
                    Some(true) => truth.presence_true += 1,
                    Some(false) => truth.presence_false += 1,
                    None => truth.presence_null += 1,
                }
            }
        }
        for (index, sensor) in snapshot.sensors() {
            truth.sensors += 1;
            *truth.sensors_by_type.entry(sensor.kind.name()).or_default() += 1;
            let health = snapshot.reading(index).health;
            *truth.sensors_by_health.entry(health.name()).or_default() += 1;
        }
        truth
    }

    /// Sensors with one health.
    pub fn sensors_with(&self, health: Health) -> usize {
        self.sensors_by_health
            .get(health.name())
            .copied()
            .unwrap_or(0)
    }
}
