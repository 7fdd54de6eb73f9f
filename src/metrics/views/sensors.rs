//! Sensors: where they are and their health.

use std::ops::Range;

use crate::exposition::{EscapedLabels, Labels};
use crate::snapshot::{Inventory, Location, Sensor, SensorHealth, SensorLocation};

use super::super::catalogue;
use super::names::{listed_space, space_id, space_name, visible_tree};
use super::status_lines::StatusLines;
use super::{RowWriter, ViewContext};

/// The sensor at `position` of the page and where it is.
fn sensor_at<'s>(
    context: &'s ViewContext<'s>,
    position: usize,
) -> Option<(&'s Sensor, &'s SensorLocation)> {
    let inventory = &context.snapshot.inventory;
    let number = *context.labels.kept_sensors.get(position)?;
    let sensor = inventory.sensors().as_slice().get(number as usize)?;
    Some((sensor, inventory.sensor_location(number)?))
}

pub(super) fn info<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let inventory = &context.snapshot.inventory;
    let (tree, sensors) = (inventory.tree(), inventory.sensors());
    let visible = visible_tree(context.snapshot);
    Box::new(move |range, samples| {
        for position in range {
            let own = context.labels.sensor_serial_number(position);
            if let Some(info) = &context.labels.info
                && info.write_sensor(samples, position, own)
            {
                continue;
            }
            let Some((sensor, location)) = sensor_at(context, position) else {
                continue;
            };
            let labels = [
                (
                    "building",
                    space_name(visible, listed_space(location.building)),
                ),
                ("building_id", id_of(inventory, location.building)),
                ("campus", space_name(visible, listed_space(location.campus))),
                ("campus_id", id_of(inventory, location.campus)),
                ("firmware_version", sensors.text(sensor.firmware_version)),
                ("floor", space_name(visible, listed_space(location.floor))),
                ("floor_id", id_of(inventory, location.floor)),
                ("hardware_type", sensors.text(sensor.hardware_type)),
                ("lifecycle", tree.lifecycle_name(location.lifecycle)),
                ("organization", &context.labels.organization),
                ("sensor_type", sensors.text(sensor.sensor_type)),
                ("serial_number", sensors.text(sensor.serial_number)),
            ];
            samples.write_pairs(labels, 1.0);
        }
    })
}

/// The id of a location. Ids outlive the names, because alerts are identified by them, and an outage of the
/// spaces collector alone must not give an offline sensor another identity.
fn id_of(inventory: &Inventory, located: Location) -> &str {
    match located {
        Location::Unlisted(id) => inventory.sensors().text(id),
        Location::Space(index) => space_id(Some(inventory.tree()), Some(index)),
        Location::Unknown => "",
    }
}

pub(super) fn space_info<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let sensors = context.snapshot.inventory.sensors();
    Box::new(move |range, samples| {
        for position in range {
            if let Some(info) = &context.labels.info {
                let own = context.labels.sensor_serial_number(position);
                info.write_sensor_spaces(samples, position, own);
                continue;
            }
            let Some((sensor, _)) = sensor_at(context, position) else {
                continue;
            };
            for space_id in sensors.spaces(sensor) {
                let labels = [
                    ("organization", context.labels.organization.as_str()),
                    ("serial_number", sensors.text(sensor.serial_number)),
                    ("space_id", sensors.text(*space_id)),
                ];
                samples.write_pairs(labels, 1.0);
            }
        }
    })
}

pub(super) fn health<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let healths = context.snapshot.sensor_health.as_ref();
    let others = healths.map(|it| it.data.other_statuses().as_ref());
    let others = others.unwrap_or_default();
    let lines = StatusLines::new(&catalogue::SENSOR_HEALTH_STATUS, &Labels::new(), others);
    Box::new(move |range, samples| {
        each_health(context, range, |labels, reading| {
            lines.write(samples, labels, reading.status);
        });
    })
}

pub(super) fn last_status_change<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    Box::new(move |range, samples| {
        each_health(context, range, |labels, reading| {
            if let Some(time) = reading.last_status_change {
                samples.write(labels, time);
            }
        });
    })
}

fn each_health<'s>(
    context: &'s ViewContext<'s>,
    range: Range<usize>,
    write: impl FnMut(EscapedLabels<'s>, &'s SensorHealth),
) {
    if let Some(healths) = &context.snapshot.sensor_health {
        let labels = context.labels;
        context
            .healths
            .each_sensor(labels, &healths.data, range, write);
    }
}
