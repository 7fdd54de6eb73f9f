//! Sensors: where they hang and how they are.

use std::ops::Range;

use crate::exposition::{EscapedLabels, Labels};
use crate::snapshot::{Inventory, Location, Sensor, SensorHealth, SensorLocation};

use super::super::catalogue;
use super::places::{id, listed, name, names};
use super::{StatusLines, Subject, Write};

/// The sensor at `position` of the page and where it is.
fn sensor_at<'s>(
    subject: &'s Subject<'s>,
    position: usize,
) -> Option<(&'s Sensor, &'s SensorLocation)> {
    let inventory = &subject.snapshot.inventory;
    let number = *subject.labels.kept_sensors.get(position)?;
    let sensor = inventory.sensors().as_slice().get(number as usize)?;
    Some((sensor, inventory.sensor_location(number)?))
}

pub(super) fn info<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let inventory = &subject.snapshot.inventory;
    let (tree, sensors) = (inventory.tree(), inventory.sensors());
    let shown = names(subject.snapshot);
    Box::new(move |range, samples| {
        for position in range {
            let own = subject.labels.own_of_sensor(position);
            if let Some(info) = &subject.labels.info
                && info.write_sensor(samples, position, own)
            {
                continue;
            }
            let Some((sensor, place)) = sensor_at(subject, position) else {
                continue;
            };
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
            samples.write_pairs(labels, 1.0);
        }
    })
}

/// The id of a place. Ids outlive the names: an alert is identified by them, and an outage of the spaces
/// alone must not give a sensor that is offline another identity.
fn id_of(inventory: &Inventory, located: Location) -> &str {
    match located {
        Location::Unlisted(id) => inventory.sensors().text(id),
        Location::Space(index) => id(Some(inventory.tree()), Some(index)),
        Location::Unknown => "",
    }
}

pub(super) fn space_info<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let sensors = subject.snapshot.inventory.sensors();
    Box::new(move |range, samples| {
        for position in range {
            if let Some(info) = &subject.labels.info {
                let own = subject.labels.own_of_sensor(position);
                info.write_sensor_spaces(samples, position, own);
                continue;
            }
            let Some((sensor, _)) = sensor_at(subject, position) else {
                continue;
            };
            for space_id in sensors.spaces(sensor) {
                let labels = [
                    ("organization", subject.labels.organization.as_str()),
                    ("serial_number", sensors.text(sensor.serial_number)),
                    ("space_id", sensors.text(*space_id)),
                ];
                samples.write_pairs(labels, 1.0);
            }
        }
    })
}

pub(super) fn health<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let healths = subject.snapshot.sensor_health.as_ref();
    let others = healths.map(|it| it.data.other_statuses().as_ref());
    let others = others.unwrap_or_default();
    let lines = StatusLines::new(&catalogue::SENSOR_HEALTH_STATUS, &Labels::new(), others);
    Box::new(move |range, samples| {
        each_health(subject, range, |place, reading| {
            lines.write(samples, place, reading.status);
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
    write: impl FnMut(EscapedLabels<'s>, &'s SensorHealth),
) {
    if let Some(healths) = &subject.snapshot.sensor_health {
        let labels = subject.labels;
        subject
            .healths
            .each_sensor(labels, &healths.data, range, write);
    }
}
