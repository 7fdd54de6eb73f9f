//! Spaces: where they are, who is in them, how well that is known.

use crate::config::Collector;
use crate::exposition::{Fragment, Labels, Samples};
use crate::snapshot::{SpaceCount, SpacePresence, Status};

use super::places::{id, name, names};
use super::{StatusLabels, Subject};

pub(super) fn info(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    let tree = names(subject.snapshot);
    for (index, node) in subject.snapshot.inventory.kept_spaces() {
        let space = &node.space;
        let lifecycle = subject.snapshot.inventory.tree().lifecycle(node);
        let labels = Labels::new()
            .with("building", name(tree, node.building))
            .with("building_id", id(tree, node.building))
            .with("campus", name(tree, node.campus))
            .with("campus_id", id(tree, node.campus))
            .with("counting_mode", &space.counting_mode)
            .with("floor", name(tree, node.floor))
            .with("floor_id", id(tree, node.floor))
            .with("function", &space.function)
            .with("lifecycle", &lifecycle)
            .with("organization", subject.organization)
            .with("space", name(tree, Some(index)))
            .with("space_id", &space.id)
            .with("space_type", &space.space_type)
            .with("time_zone", &space.time_zone);
        samples.write(labels.fragment(), Fragment::EMPTY, 1.0);
    }
}

pub(super) fn label_info(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    for (_, node) in subject.snapshot.inventory.kept_spaces() {
        for label in &node.space.labels {
            let labels = Labels::new()
                .with("group", &label.group)
                .with("label", &label.name)
                .with("organization", subject.organization)
                .with("space_id", &node.space.id);
            samples.write(labels.fragment(), Fragment::EMPTY, 1.0);
        }
    }
}

pub(super) fn capacity(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    for (index, node) in subject.snapshot.inventory.kept_spaces() {
        if let Some(capacity) = node.space.capacity {
            samples.write(subject.labels.space(index), Fragment::EMPTY, capacity);
        }
    }
}

pub(super) fn occupancy(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    each_count(subject, |place, reading| {
        if let Some(count) = reading.count {
            samples.write(place, Fragment::EMPTY, count);
        }
    });
}

pub(super) fn occupancy_capped(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    each_count(subject, |place, reading| {
        if let Some(capped) = reading.capped {
            samples.write(place, Fragment::EMPTY, f64::from(capped));
        }
    });
}

pub(super) fn presence(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    each_presence(subject, |place, reading| {
        if let Some(presence) = reading.presence {
            samples.write(place, Fragment::EMPTY, f64::from(presence));
        }
    });
}

pub(super) fn count_health(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    let statuses = health_labels(Collector::CurrentCount);
    each_count(subject, |place, reading| {
        write_health(&statuses, samples, place, reading.health.as_ref());
    });
}

pub(super) fn presence_health(subject: &Subject<'_>, samples: &mut Samples<'_>) {
    let statuses = health_labels(Collector::Presence);
    each_presence(subject, |place, reading| {
        write_health(&statuses, samples, place, reading.health.as_ref());
    });
}

fn health_labels(collector: Collector) -> StatusLabels {
    StatusLabels::new(Labels::new().with("collector", collector.name()))
}

fn write_health(
    statuses: &StatusLabels,
    samples: &mut Samples<'_>,
    place: Fragment<'_>,
    health: Option<&Status>,
) {
    if let Some(health) = health {
        statuses.write(samples, place, health);
    }
}

fn each_count<'s>(subject: &Subject<'s>, write: impl FnMut(Fragment<'_>, &'s SpaceCount)) {
    if let Some(counts) = &subject.snapshot.current_count {
        let counts = &counts.data.0;
        subject
            .labels
            .each_space(subject.snapshot, counts, |it| &it.space_id, write);
    }
}

fn each_presence<'s>(subject: &Subject<'s>, write: impl FnMut(Fragment<'_>, &'s SpacePresence)) {
    if let Some(presences) = &subject.snapshot.presence {
        let presences = &presences.data.0;
        subject
            .labels
            .each_space(subject.snapshot, presences, |it| &it.space_id, write);
    }
}
