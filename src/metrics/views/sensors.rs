//! Sensors: where they hang and how they are.

use crate::exposition::{Fragment, Labels, Samples};
use crate::snapshot::{Located, SensorHealth, SpaceTree};

use super::places::{id, listed, name, names};
use super::{StatusLabels, Subject};

pub(super) fn info(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    let inventory = &subject.snapshot.inventory;
    let names_of = names(subject.snapshot);
    for (_, sensor, place) in inventory.kept_sensors() {
        let labels = Labels::new()
            .with("building", name(names_of, listed(&place.building)))
            .with("building_id", id_of(inventory.tree(), &place.building))
            .with("campus", name(names_of, listed(&place.campus)))
            .with("campus_id", id_of(inventory.tree(), &place.campus))
            .with("firmware_version", &sensor.firmware_version)
            .with("floor", name(names_of, listed(&place.floor)))
            .with("floor_id", id_of(inventory.tree(), &place.floor))
            .with("hardware_type", &sensor.hardware_type)
            .with("lifecycle", &place.lifecycle)
            .with("organization", subject.organization)
            .with("sensor_type", &sensor.sensor_type)
            .with("serial_number", &sensor.serial_number);
        samples.write(labels.fragment(), Fragment::EMPTY, 1.0);
    }
}

/// The id of a place. Ids outlive the names: an alert is identified by them, and an outage of the spaces
/// alone must not give a sensor that is offline another identity.
fn id_of<'a>(tree: &'a SpaceTree, located: &'a Located) -> &'a str {
    match located {
        Located::Unlisted(id) => id,
        Located::At(index) => id(Some(tree), Some(*index)),
        Located::Nowhere => "",
    }
}

pub(super) fn space_info(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    for (_, sensor, _) in subject.snapshot.inventory.kept_sensors() {
        for space_id in &sensor.spaces {
            let labels = Labels::new()
                .with("organization", subject.organization)
                .with("serial_number", &sensor.serial_number)
                .with("space_id", space_id);
            samples.write(labels.fragment(), Fragment::EMPTY, 1.0);
        }
    }
}

pub(super) fn health(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    let statuses = StatusLabels::new(Labels::new());
    each_health(subject, |place, reading| {
        statuses.write(samples, place, &reading.status);
    });
}

pub(super) fn last_status_change(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    each_health(subject, |place, reading| {
        if let Some(time) = reading.last_status_change {
            samples.write(place, Fragment::EMPTY, time);
        }
    });
}

fn each_health<'s>(subject: &Subject<'s>, write: impl FnMut(Fragment<'_>, &'s SensorHealth)) {
    if let Some(healths) = &subject.snapshot.sensor_health {
        let healths = &healths.data.0;
        subject
            .labels
            .each_sensor(subject.snapshot, healths, |it| &it.serial_number, write);
    }
}
