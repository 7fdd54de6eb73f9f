//! The tables whose rows views write.

use std::ops::Range;

use crate::exposition::Samples;

/// What the rows of a view are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The spaces that are shown.
    Spaces,
    /// The sensors that are shown.
    Sensors,
    /// The readings of the current count.
    Counts,
    /// The readings of presence.
    Presences,
    /// The readings of the sensors' health.
    Healths,
}

/// Writes the samples of a range of rows.
pub type RowWriter<'s> = dyn Fn(Range<usize>, &mut Samples<'_>) + 's;
