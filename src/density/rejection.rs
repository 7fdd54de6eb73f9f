//! Entries of an answer that can't be read: why, and which.

/// Why an entry was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It is not an object.
    NotAnObject,
    /// It has no id (space id or serial number), or an empty one.
    MissingId,
    /// It lacks what it is there for.
    MissingField,
    /// A field is of another type than it should be.
    WrongType,
    /// A number is negative or too large to be one.
    InvalidNumber,
    /// A time is not RFC 3339.
    InvalidTimestamp,
    /// An entry before it has the same id.
    Duplicate,
    /// It has a field twice, or text that is not text.
    Malformed,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 8] = [
        Reason::NotAnObject,
        Reason::MissingId,
        Reason::MissingField,
        Reason::WrongType,
        Reason::InvalidNumber,
        Reason::InvalidTimestamp,
        Reason::Duplicate,
        Reason::Malformed,
    ];

    /// The value of the `reason` label.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::NotAnObject => "not_an_object",
            Reason::MissingId => "missing_id",
            Reason::MissingField => "missing_field",
            Reason::WrongType => "wrong_type",
            Reason::InvalidNumber => "invalid_number",
            Reason::InvalidTimestamp => "invalid_timestamp",
            Reason::Duplicate => "duplicate",
            Reason::Malformed => "malformed",
        }
    }
}

/// The entries of one answer that were dropped.
#[derive(Debug, Default)]
pub(super) struct Rejections {
    counts: [u64; Reason::ALL.len()],
    /// The first few with their ids, for the log.
    named: Vec<(Reason, String)>,
}

impl Rejections {
    /// An answer may be nothing but bad entries: only this many are named.
    const NAMED: usize = 1000;
    /// Ids are short; what is longer is not one, and is not repeated in a log.
    const LONGEST_ID: usize = 64;

    /// Counts an entry. `id` is its space id or serial number, where it has one.
    pub(super) fn add(&mut self, reason: Reason, id: Option<&str>) {
        if let Some(count) = self.counts.get_mut(reason as usize) {
            *count = count.saturating_add(1);
        }
        if self.named.len() < Self::NAMED {
            let id = id
                .filter(|it| it.len() <= Self::LONGEST_ID)
                .unwrap_or_default();
            self.named.push((reason, id.to_owned()));
        }
    }

    /// How many in all.
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many for each reason that occurred.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
    }

    /// The first few, with their ids.
    pub(super) fn named(&self) -> &[(Reason, String)] {
        &self.named
    }
}
