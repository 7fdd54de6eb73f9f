//! Sensors: where they hang and how they are.

use std::ops::Range;

use crate::exposition::{Fragment, Labels};
use crate::snapshot::{Inventory, Located, Sensor, SensorHealth, SensorPlace};

use super::places::{id, listed, name, names};
use super::{StatusEndings, Subject, Write};

/// Calls `write` for each sensor that is shown in `range`.
fn each_kept<'s>(
    subject: &'s Subject<'s>,
    range: Range<usize>,
    mut write: impl FnMut(&'s Sensor, &'s SensorPlace),
) {
    let inventory = &subject.snapshot.inventory;
    let kept = subject.labels.kept_sensors.get(range).unwrap_or_default();
    for number in kept {
        let sensor = inventory.sensors().as_slice().get(*number as usize);
        if let (Some(sensor), Some(place)) = (sensor, inventory.sensor_place(*number)) {
            write(sensor, place);
        }
    }
}

pub(super) fn info<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let inventory = &subject.snapshot.inventory;
    let (tree, sensors) = (inventory.tree(), inventory.sensors());
    let shown = names(subject.snapshot);
    Box::new(move |range, samples| {
        each_kept(subject, range, |sensor, place| {
            let labels = [
                ("building", name(shown, listed(place.building))),
                ("building_id", id_of(inventory, place.building)),
                ("campus", name(shown, listed(place.campus))),
                ("campus_id", id_of(inventory, place.campus)),
                ("firmware_version", sensors.text(sensor.firmware_version)),
                ("floor", name(shown, listed(place.floor))),
                ("floor_id", id_of(inventory, place.floor)),
                ("hardware_type", sensors.text(sensor.hardware_type)),
                ("lifecycle", tree.lifecycle_name(place.lifecycle)),
                ("organization", &subject.labels.organization),
                ("sensor_type", sensors.text(sensor.sensor_type)),
                ("serial_number", sensors.text(sensor.serial_number)),
            ];
            samples.labelled(labels, 1.0);
        });
    })
}

/// The id of a place. Ids outlive the names: an alert is identified by them, and an outage of the spaces
/// alone must not give a sensor that is offline another identity.
fn id_of(inventory: &Inventory, located: Located) -> &str {
    match located {
        Located::Unlisted(id) => inventory.sensors().text(id),
        Located::At(index) => id(Some(inventory.tree()), Some(index)),
        Located::Nowhere => "",
    }
}

pub(super) fn space_info<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let sensors = subject.snapshot.inventory.sensors();
    Box::new(move |range, samples| {
        each_kept(subject, range, |sensor, _| {
            for space_id in sensors.spaces(sensor) {
                let labels = [
                    ("organization", subject.labels.organization.as_str()),
                    ("serial_number", sensors.text(sensor.serial_number)),
                    ("space_id", sensors.text(*space_id)),
                ];
                samples.labelled(labels, 1.0);
            }
        });
    })
}

pub(super) fn health<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let healths = subject.snapshot.sensor_health.as_ref();
    let others = healths.map(|it| it.data.others().as_ref());
    let endings = StatusEndings::new(&Labels::new(), others.unwrap_or_default());
    Box::new(move |range, samples| {
        each_health(subject, range, |place, reading| {
            endings.write(samples, place, reading.status);
        });
    })
}

pub(super) fn last_status_change<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    Box::new(move |range, samples| {
        each_health(subject, range, |place, reading| {
            if let Some(time) = reading.last_status_change {
                samples.write(place, time);
            }
        });
    })
}

fn each_health<'s>(
    subject: &'s Subject<'s>,
    range: Range<usize>,
    write: impl FnMut(Fragment<'s>, &'s SensorHealth),
) {
    if let Some(healths) = &subject.snapshot.sensor_health {
        let labels = subject.labels;
        subject
            .healths
            .each_sensor(labels, &healths.data, range, write);
    }
}
