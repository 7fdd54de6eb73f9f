//! Spaces: where they are, how many people are in them, and their health.

use crate::config::Collector;
use crate::exposition::{EscapedLabels, Labels, LineSuffix};
use crate::snapshot::{SpaceCount, SpacePresence};

use super::super::catalogue;
use super::status_lines::StatusLines;
use super::{RowWriter, ViewContext};

/// Calls `write` for each shown space in `range`.
fn each_kept<'s>(
    context: &'s ViewContext<'s>,
    range: std::ops::Range<usize>,
    mut write: impl FnMut(u32, &'s crate::snapshot::Node),
) {
    let tree = context.snapshot.inventory.tree();
    let kept = context.labels.kept_spaces.get(range).unwrap_or_default();
    for index in kept {
        if let Some(node) = tree.node(*index) {
            write(*index, node);
        }
    }
}

pub(super) fn info<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    Box::new(move |range, samples| {
        let Some(info) = &context.labels.info else {
            return;
        };
        each_kept(context, range, |index, _| {
            info.write_space(samples, index, context.labels.space_name_and_id(index));
        });
    })
}

pub(super) fn label_info<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    Box::new(move |range, samples| {
        let Some(info) = &context.labels.info else {
            return;
        };
        each_kept(context, range, |index, _| {
            info.write_space_labels(samples, index, context.labels.space_id(index));
        });
    })
}

pub(super) fn capacity<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    Box::new(move |range, samples| {
        each_kept(context, range, |index, node| {
            if let Some(capacity) = node.space.capacity {
                samples.write(context.labels.space(index), capacity);
            }
        });
    })
}

pub(super) fn occupancy<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    Box::new(move |range, samples| {
        each_count(context, range, |labels, reading| {
            if let Some(count) = reading.count {
                samples.write(labels, count);
            }
        });
    })
}

#[expect(clippy::indexing_slicing, reason = "A boolean is 0 or 1.")]
pub(super) fn occupancy_capped<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let suffixes = boolean_suffixes();
    Box::new(move |range, samples| {
        each_count(context, range, |labels, reading| {
            if let Some(capped) = reading.capped {
                samples.write_suffixed(labels, &suffixes[usize::from(capped)]);
            }
        });
    })
}

#[expect(clippy::indexing_slicing, reason = "A boolean is 0 or 1.")]
pub(super) fn presence<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let suffixes = boolean_suffixes();
    Box::new(move |range, samples| {
        each_presence(context, range, |labels, reading| {
            if let Some(presence) = reading.presence {
                samples.write_suffixed(labels, &suffixes[usize::from(presence)]);
            }
        });
    })
}

pub(super) fn count_health<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let counts = context.snapshot.current_count.as_ref();
    let others = counts.map(|it| it.data.other_statuses().as_ref());
    let lines = health_lines(Collector::CurrentCount, others);
    Box::new(move |range, samples| {
        each_count(context, range, |labels, reading| {
            lines.write_where_known(samples, labels, reading.health);
        });
    })
}

pub(super) fn presence_health<'s>(context: &'s ViewContext<'s>) -> Box<RowWriter<'s>> {
    let presences = context.snapshot.presence.as_ref();
    let others = presences.map(|it| it.data.other_statuses().as_ref());
    let lines = health_lines(Collector::Presence, others);
    Box::new(move |range, samples| {
        each_presence(context, range, |labels, reading| {
            lines.write_where_known(samples, labels, reading.health);
        });
    })
}

/// The suffixes of the values 0 and 1.
fn boolean_suffixes() -> [LineSuffix; 2] {
    [0.0, 1.0].map(|value| LineSuffix::new(EscapedLabels::EMPTY, value))
}

fn health_lines(
    collector: Collector,
    others: Option<&[crate::snapshot::SharedStr]>,
) -> StatusLines {
    let before = Labels::new().with("collector", collector.name());
    StatusLines::new(
        &catalogue::SPACE_HEALTH,
        &before,
        others.unwrap_or_default(),
    )
}

fn each_count<'s>(
    context: &'s ViewContext<'s>,
    range: std::ops::Range<usize>,
    write: impl FnMut(EscapedLabels<'s>, &'s SpaceCount),
) {
    if let Some(counts) = &context.snapshot.current_count {
        let labels = context.labels;
        context
            .counts
            .each_space(labels, &counts.data, range, write);
    }
}

fn each_presence<'s>(
    context: &'s ViewContext<'s>,
    range: std::ops::Range<usize>,
    write: impl FnMut(EscapedLabels<'s>, &'s SpacePresence),
) {
    if let Some(presences) = &context.snapshot.presence {
        let labels = context.labels;
        context
            .presences
            .each_space(labels, &presences.data, range, write);
    }
}
