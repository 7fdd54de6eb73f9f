//! Entries of an answer that can't be decoded: why, and which.

/// Why an entry was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectionReason {
    /// It is not an object.
    NotAnObject,
    /// It has no id (space id or serial number), or an empty one.
    MissingId,
    /// It lacks its essential field.
    MissingField,
    /// A field is of another type than it should be.
    WrongType,
    /// A number is negative or too large to be one.
    InvalidNumber,
    /// A time is not RFC 3339.
    InvalidTimestamp,
    /// An entry before it has the same id.
    Duplicate,
    /// It has a duplicate field, or text that is not valid.
    Malformed,
}

impl RejectionReason {
    /// Every reason.
    pub const ALL: [RejectionReason; 8] = [
        RejectionReason::NotAnObject,
        RejectionReason::MissingId,
        RejectionReason::MissingField,
        RejectionReason::WrongType,
        RejectionReason::InvalidNumber,
        RejectionReason::InvalidTimestamp,
        RejectionReason::Duplicate,
        RejectionReason::Malformed,
    ];

    /// The value of the `reason` label.
    pub const fn name(self) -> &'static str {
        match self {
            RejectionReason::NotAnObject => "not_an_object",
            RejectionReason::MissingId => "missing_id",
            RejectionReason::MissingField => "missing_field",
            RejectionReason::WrongType => "wrong_type",
            RejectionReason::InvalidNumber => "invalid_number",
            RejectionReason::InvalidTimestamp => "invalid_timestamp",
            RejectionReason::Duplicate => "duplicate",
            RejectionReason::Malformed => "malformed",
        }
    }
}

/// The entries of one answer that were dropped.
#[derive(Debug, Default)]
pub(super) struct Rejections {
    counts: [u64; RejectionReason::ALL.len()],
    /// The first few with their ids, for the log.
    named: Vec<(RejectionReason, String)>,
}

impl Rejections {
    /// An answer may consist of bad entries only, so at most this many are named.
    const MAX_NAMED: usize = 1000;
    /// A longer text is not taken for an id, and is not repeated in the log.
    const MAX_ID_LENGTH: usize = 64;

    /// Counts an entry. `id` is its space id or serial number, if it has one.
    pub(super) fn add(&mut self, reason: RejectionReason, id: Option<&str>) {
        if let Some(count) = self.counts.get_mut(reason as usize) {
            *count = count.saturating_add(1);
        }
        if self.named.len() < Self::MAX_NAMED {
            let id = id
                .filter(|it| it.len() <= Self::MAX_ID_LENGTH)
                .unwrap_or_default();
            self.named.push((reason, id.to_owned()));
        }
    }

    /// How many in all.
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many for each reason that occurred.
    pub(super) fn counts(&self) -> impl Iterator<Item = (RejectionReason, u64)> {
        RejectionReason::ALL
            .into_iter()
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
    }

    /// The first few, with their ids.
    pub(super) fn named(&self) -> &[(RejectionReason, String)] {
        &self.named
    }
}
