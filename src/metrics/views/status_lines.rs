//! Sample lines of health statuses, which are the same for every space and sensor but for the labels.

use crate::exposition::{EscapedLabels, Labels, LinePrefix, LineSuffix, LineTemplate, Samples};
use crate::snapshot::{SharedStr, Status};

use super::super::catalogue::Family;

/// The lines of each health status.
pub(super) struct StatusLines {
    /// The lines of each documented status, where exactly one value is 1, and of any other, where none is.
    documented: [LineTemplate<4>; 5],
    others: Vec<LineSuffix>,
}

impl StatusLines {
    /// The lines of `family`, with the labels `before` the status.
    pub(super) fn new(family: &Family, before: &Labels, others: &[SharedStr]) -> Self {
        let suffix = |name: &str, value: f64| {
            LineSuffix::new(before.clone().with("status", name).escaped(), value)
        };
        let prefix = LinePrefix::new(family.name);
        let lines = |is: Option<Status>| {
            let suffixes = Status::DOCUMENTED.map(|status| {
                let value = f64::from(is == Some(status));
                suffix(status.name(&[]), value)
            });
            LineTemplate::new(&prefix, suffixes)
        };
        let [healthy, degraded, offline, unknown] = Status::DOCUMENTED.map(|it| lines(Some(it)));
        Self {
            documented: [healthy, degraded, offline, unknown, lines(None)],
            others: others.iter().map(|name| suffix(name, 1.0)).collect(),
        }
    }

    /// Writes one sample for each documented status, exactly one of them 1. An undocumented status has a
    /// sample of its own, and then all the others are 0.
    pub(super) fn write(
        &self,
        samples: &mut Samples<'_>,
        labels: EscapedLabels<'_>,
        health: Status,
    ) {
        let [healthy, degraded, offline, unknown, other] = &self.documented;
        let lines = match health {
            Status::Healthy => healthy,
            Status::Degraded => degraded,
            Status::Offline => offline,
            Status::Unknown => unknown,
            Status::Other(_) => other,
        };
        samples.write_lines(labels, lines);
        if let Status::Other(number) = health
            && let Some(suffix) = self.others.get(usize::from(number))
        {
            samples.write_suffixed(labels, suffix);
        }
    }

    /// Writes the samples when the health is known.
    pub(super) fn write_where_known(
        &self,
        samples: &mut Samples<'_>,
        labels: EscapedLabels<'_>,
        health: Option<Status>,
    ) {
        if let Some(health) = health {
            self.write(samples, labels, health);
        }
    }
}
