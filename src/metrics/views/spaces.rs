//! Spaces: where they are, who is in them, how well that is known.

use crate::config::Collector;
use crate::exposition::{EscapedLabels, Labels, LineSuffix};
use crate::snapshot::{SpaceCount, SpacePresence};

use super::super::catalogue;
use super::{StatusLines, Subject, Write};

/// What is written for a space that is shown.
fn each_kept<'s>(
    subject: &'s Subject<'s>,
    range: std::ops::Range<usize>,
    mut write: impl FnMut(u32, &'s crate::snapshot::Node),
) {
    let tree = subject.snapshot.inventory.tree();
    let kept = subject.labels.kept_spaces.get(range).unwrap_or_default();
    for index in kept {
        if let Some(node) = tree.node(*index) {
            write(*index, node);
        }
    }
}

pub(super) fn info<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    Box::new(move |range, samples| {
        let Some(info) = &subject.labels.info else {
            return;
        };
        each_kept(subject, range, |index, _| {
            info.write_space(samples, index, subject.labels.own_of_space(index));
        });
    })
}

pub(super) fn label_info<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    Box::new(move |range, samples| {
        let Some(info) = &subject.labels.info else {
            return;
        };
        each_kept(subject, range, |index, _| {
            info.write_space_labels(samples, index, subject.labels.id_of_space(index));
        });
    })
}

pub(super) fn capacity<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    Box::new(move |range, samples| {
        each_kept(subject, range, |index, node| {
            if let Some(capacity) = node.space.capacity {
                samples.write(subject.labels.space(index), capacity);
            }
        });
    })
}

pub(super) fn occupancy<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    Box::new(move |range, samples| {
        each_count(subject, range, |place, reading| {
            if let Some(count) = reading.count {
                samples.write(place, count);
            }
        });
    })
}

#[expect(clippy::indexing_slicing, reason = "A truth is 0 or 1.")]
pub(super) fn occupancy_capped<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let suffixes = truth();
    Box::new(move |range, samples| {
        each_count(subject, range, |place, reading| {
            if let Some(capped) = reading.capped {
                samples.write_suffixed(place, &suffixes[usize::from(capped)]);
            }
        });
    })
}

#[expect(clippy::indexing_slicing, reason = "A truth is 0 or 1.")]
pub(super) fn presence<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let suffixes = truth();
    Box::new(move |range, samples| {
        each_presence(subject, range, |place, reading| {
            if let Some(presence) = reading.presence {
                samples.write_suffixed(place, &suffixes[usize::from(presence)]);
            }
        });
    })
}

pub(super) fn count_health<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let counts = subject.snapshot.current_count.as_ref();
    let others = counts.map(|it| it.data.other_statuses().as_ref());
    let lines = health_lines(Collector::CurrentCount, others);
    Box::new(move |range, samples| {
        each_count(subject, range, |place, reading| {
            lines.write_where_known(samples, place, reading.health);
        });
    })
}

pub(super) fn presence_health<'s>(subject: &'s Subject<'s>) -> Box<Write<'s>> {
    let presences = subject.snapshot.presence.as_ref();
    let others = presences.map(|it| it.data.other_statuses().as_ref());
    let lines = health_lines(Collector::Presence, others);
    Box::new(move |range, samples| {
        each_presence(subject, range, |place, reading| {
            lines.write_where_known(samples, place, reading.health);
        });
    })
}

/// The suffixes of a value that is 0 or 1.
fn truth() -> [LineSuffix; 2] {
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
    subject: &'s Subject<'s>,
    range: std::ops::Range<usize>,
    write: impl FnMut(EscapedLabels<'s>, &'s SpaceCount),
) {
    if let Some(counts) = &subject.snapshot.current_count {
        let labels = subject.labels;
        subject
            .counts
            .each_space(labels, &counts.data, range, write);
    }
}

fn each_presence<'s>(
    subject: &'s Subject<'s>,
    range: std::ops::Range<usize>,
    write: impl FnMut(EscapedLabels<'s>, &'s SpacePresence),
) {
    if let Some(presences) = &subject.snapshot.presence {
        let labels = subject.labels;
        subject
            .presences
            .each_space(labels, &presences.data, range, write);
    }
}
