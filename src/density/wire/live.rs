//! The answers of the live endpoints: a value for each space or sensor.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex};

use foldhash::fast::RandomState;
use serde::Deserialize;

use crate::snapshot::{
    OtherStatuses, Readings, ReadingsBuilder, SensorHealth, SpaceCount, SpacePresence,
};

use super::super::rejection::{Reason, Rejections};
use super::field::Field;
use super::flat::{Fields, plain_object};
use super::json::{first_object, first_value};
use super::reader::Entries;
use super::{AnswerReader, Statuses};

/// What one endpoint says of one space or sensor.
pub(in super::super) trait Live: Send + 'static {
    /// What is kept of it.
    type Value: Copy + Send + Sync + 'static;
    /// The fields of an entry.
    type Fields<'a>: Deserialize<'a> + Fields<'a>;

    /// Where the last answer is.
    fn last(all: &LastAnswers) -> &Mutex<Arc<LastAnswer<Self::Value>>>;

    /// The field that holds the id, where the entry does not stand under it in a map.
    fn id<'f>(fields: &'f Self::Fields<'_>) -> &'f Field<'f>;

    /// What the fields say; nothing where they say that nothing is known.
    fn value(fields: &Self::Fields<'_>, statuses: &Statuses)
    -> Result<Option<Self::Value>, Reason>;

    /// What a bare truth value in a map says, where the endpoint may answer so.
    fn bare(_: bool) -> Option<Self::Value> {
        None
    }
}

/// The last answer of each live endpoint of one organization.
#[derive(Default)]
pub(in super::super) struct LastAnswers {
    pub(super) counts: Mutex<Arc<LastAnswer<SpaceCount>>>,
    pub(super) presences: Mutex<Arc<LastAnswer<SpacePresence>>>,
    pub(super) healths: Mutex<Arc<LastAnswer<SensorHealth>>>,
}

/// What an endpoint last said, and what the entries looked like in which it did: most of them come
/// again byte for byte, and are not read again then.
pub(in super::super) struct LastAnswer<V> {
    pub(in super::super) readings: Readings<V>,
    /// By row; none, or one of no length, where that is not known.
    looks: Arc<[Look]>,
    hasher: RandomState,
}

/// What the JSON of an entry looked like. Other JSON of that length with the same hash would be taken
/// for it: one in 2⁶⁴ is, and no one outside knows which.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    length: u32,
    hash: u64,
}

impl<V> Default for LastAnswer<V> {
    fn default() -> Self {
        Self {
            readings: Readings::default(),
            looks: Arc::new([]),
            hasher: RandomState::default(),
        }
    }
}

/// What one answer says.
pub(in super::super) struct LivePart<V> {
    pub(in super::super) part: ReadingsBuilder<V>,
    /// By row, of the entries that were read.
    looks: Vec<(u32, Look)>,
}

impl<V: Copy> LastAnswer<V> {
    /// What the answers to all batches say.
    pub(in super::super) fn put_together(
        &self,
        parts: Vec<LivePart<V>>,
        others: OtherStatuses,
    ) -> Self {
        // Rows of ids that the last answer did not have are numbered by each part for itself.
        let are_rows = parts.len() == 1 && self.readings.ids().is_empty();
        let mut looks = Vec::new();
        let mut found = Vec::with_capacity(parts.len());
        for LivePart {
            part,
            looks: of_part,
        } in parts
        {
            looks.extend(of_part);
            found.push(part);
        }
        let readings = ReadingsBuilder::merge(found, others);
        let rows = readings.values().len();
        let same_ids = Arc::ptr_eq(readings.ids(), self.readings.ids());
        let looks: Arc<[Look]> = if same_ids && looks.is_empty() {
            self.looks.clone()
        } else if same_ids || are_rows {
            let mut by_row: Arc<[Look]> = match self.looks.len() == rows {
                true => Arc::from(self.looks.as_ref()),
                false => vec![Look::default(); rows].into(),
            };
            // Of one row the first counts, as with its value. Nobody else has them yet.
            if let Some(by_row) = Arc::get_mut(&mut by_row) {
                for (row, look) in looks.into_iter().rev() {
                    if let Some(slot) = by_row.get_mut(row as usize) {
                        *slot = look;
                    }
                }
            }
            by_row
        } else {
            // The rows have moved.
            Arc::new([])
        };
        Self {
            readings,
            looks,
            hasher: self.hasher.clone(),
        }
    }
}

/// The entries of an answer of `L`.
pub(in super::super) struct LiveEntries<L: Live> {
    last: Arc<LastAnswer<L::Value>>,
    part: ReadingsBuilder<L::Value>,
    looks: Vec<(u32, Look)>,
    statuses: Statuses,
}

impl<L: Live> LiveEntries<L> {
    /// A reader of an answer that is expected to be much like `last`.
    pub(in super::super) fn reader(
        last: Arc<LastAnswer<L::Value>>,
        statuses: Statuses,
    ) -> AnswerReader<Self> {
        AnswerReader::new(Self {
            looks: Vec::new(),
            part: ReadingsBuilder::new(last.readings.clone()),
            last,
            statuses,
        })
    }

    /// What `json` looks like as far as the entry went that stood in this place in the last answer, and
    /// whether it is that entry again.
    fn in_place(&self, key: Option<&str>, json: &str) -> Option<(Look, bool)> {
        let (row, id) = self.part.expected();
        let last = *self.last.looks.get(row as usize)?;
        let length = last.length as usize;
        let look = self.look(json.as_bytes().get(..length)?);
        let is_again = length > 0 && look.hash == last.hash && key.is_none_or(|key| key == id);
        Some((look, is_again))
    }

    fn look(&self, json: &[u8]) -> Look {
        Look {
            length: u32::try_from(json.len()).unwrap_or_default(),
            hash: self.last.hasher.hash_one(json),
        }
    }

    fn take_value(
        &mut self,
        id: &str,
        value: L::Value,
        json: &str,
        in_place: Option<Look>,
        rejections: &mut Rejections,
    ) {
        if let Some(row) = self.part.push(id, value) {
            // Where it is as long as what stood there, it has been looked at.
            let look = in_place
                .filter(|it| it.length as usize == json.len())
                .unwrap_or_else(|| self.look(json.as_bytes()));
            if self.looks.len() == self.looks.capacity() {
                // Fewer moves than if it doubled: where one entry has changed, others will have.
                self.looks.reserve(self.looks.len().saturating_mul(3));
            }
            self.looks.push((row, look));
        } else {
            rejections.add(Reason::Duplicate, Some(id));
        }
    }
}

impl<L: Live> Entries for LiveEntries<L> {
    type Output = LivePart<L::Value>;

    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize> {
        let in_place = self.in_place(key, json);
        if let Some((look, true)) = in_place {
            if !self.part.push_unchanged() {
                let (_, id) = self.part.expected();
                rejections.add(Reason::Duplicate, Some(id));
            }
            return Ok(look.length as usize);
        }
        let in_place = in_place.map(|it| it.0);
        let entry = |length| json.get(..length).unwrap_or_default();
        if let (Some(key), Some(b't' | b'f')) = (key, json.bytes().next()) {
            let (bare, length) = first_value::<bool>(json)?;
            match (L::bare(bare), key) {
                (None, _) => rejections.add(Reason::NotAnObject, Some(key)),
                (_, "") => rejections.add(Reason::MissingId, None),
                (Some(value), id) => {
                    self.take_value(id, value, entry(length), in_place, rejections);
                }
            }
            return Ok(length);
        }
        if let (Some(_), Some(b'n')) = (key, json.bytes().next()) {
            // Nothing is known of it.
            return first_value::<()>(json).map(|((), length)| length);
        }
        let (fields, length) = match plain_object::<L::Fields<'_>>(json) {
            Some(plain) => plain,
            None => first_object(json)?,
        };
        let id = match key {
            Some(key) => Ok(Some(key).filter(|it| !it.is_empty())),
            None => L::id(&fields).id(),
        };
        match (id, L::value(&fields, &self.statuses)) {
            (Err(reason), _) => rejections.add(reason, None),
            (Ok(None), _) => rejections.add(Reason::MissingId, None),
            (Ok(Some(id)), Err(reason)) => rejections.add(reason, Some(id)),
            (Ok(Some(id)), Ok(Some(value))) => {
                self.take_value(id, value, entry(length), in_place, rejections);
            }
            (Ok(Some(_)), Ok(None)) => {}
        }
        Ok(length)
    }

    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    fn held_bytes(&self) -> usize {
        self.part.held_bytes() + self.looks.capacity() * size_of::<(u32, Look)>()
    }

    fn take(&mut self) -> Self::Output {
        let fresh = ReadingsBuilder::new(self.last.readings.clone());
        LivePart {
            part: std::mem::replace(&mut self.part, fresh),
            looks: std::mem::take(&mut self.looks),
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Reading an answer that is there whole, for the tests of each endpoint.

    use super::super::Reader;
    use super::*;

    /// What `text` says, and what of it was rejected.
    pub(in super::super) fn read<L: Live>(text: &str) -> (Readings<L::Value>, Rejections) {
        let statuses = Statuses::default();
        let mut reader = LiveEntries::<L>::reader(Arc::default(), statuses.clone());
        reader.push(text.as_bytes());
        let read = reader.finish().unwrap();
        let nothing = LastAnswer::default();
        let answer = nothing.put_together(vec![read.entries], statuses.names());
        (answer.readings, read.rejections)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::{CurrentCount, CurrentHealth, Reader};
    use super::*;

    fn after<L: Live>(
        last: &Arc<LastAnswer<L::Value>>,
        text: &str,
        statuses: &Statuses,
    ) -> Arc<LastAnswer<L::Value>> {
        let mut reader = LiveEntries::<L>::reader(last.clone(), statuses.clone());
        reader.push(text.as_bytes());
        let parts = vec![reader.finish().unwrap().entries];
        Arc::new(last.put_together(parts, statuses.names()))
    }

    fn shown<V: Copy + std::fmt::Debug>(answer: &LastAnswer<V>) -> BTreeMap<String, String> {
        (0..)
            .map_while(|row| answer.readings.row(row))
            .map(|(id, value)| (id.to_owned(), format!("{value:?}")))
            .collect()
    }

    #[test]
    fn an_entry_that_looks_as_before_is_not_read_again() {
        let statuses = Statuses::default();
        let text = r#"{"a": {"count": 1}, "b": {"count": 2}}"#;
        let nothing = Arc::new(LastAnswer::default());
        let first = after::<CurrentCount>(&nothing, text, &statuses);
        let Ok(mut first) = Arc::try_unwrap(first) else {
            panic!("nobody else has it");
        };
        // A value that can't be read from the entry: whoever reads it gets another.
        let value = SpaceCount {
            count: Some(99.0),
            capped: None,
            health: None,
        };
        let mut part = ReadingsBuilder::new(first.readings.clone());
        part.push("a", value);
        part.push("b", value);
        first.readings = ReadingsBuilder::merge(vec![part], statuses.names());
        let second = r#"{"a": {"count": 1}, "b": {"count": 3}}"#;
        let read = after::<CurrentCount>(&Arc::new(first), second, &statuses);
        assert_eq!(read.readings.values()[0].count, Some(99.0));
        assert_eq!(read.readings.values()[1].count, Some(3.0));
    }

    proptest! {
        /// Whatever came before, an answer is what it would be by itself.
        #[test]
        fn what_came_before_changes_nothing(
            answers in prop::collection::vec(
                prop::collection::vec((0..6u8, 0..3u8), 0..7), 1..5),
            as_list in any::<bool>(),
        ) {
            let statuses = Statuses::default();
            let (mut counts, mut healths) = (Arc::default(), Arc::default());
            for answer in &answers {
                let entries: Vec<String> = answer
                    .iter()
                    .map(|(id, value)| match as_list {
                        true => format!(r#"{{"space_id": "{id}", "count": {value}}}"#),
                        false => format!(r#""{id}": {{"count": {value}}}"#),
                    })
                    .collect();
                let text = match as_list {
                    true => format!("[{}]", entries.join(",")),
                    false => format!("{{{}}}", entries.join(",")),
                };
                counts = after::<CurrentCount>(&counts, &text, &statuses);
                let alone = after::<CurrentCount>(&Arc::default(), &text, &statuses);
                prop_assert_eq!(shown(&counts), shown(&alone));

                let healthy = ["healthy", "new", "newer"];
                let entries: Vec<String> = answer
                    .iter()
                    .map(|(id, value)| {
                        let status = healthy[usize::from(*value)];
                        format!(r#"{{"serial_number": "{id}", "health_status": "{status}"}}"#)
                    })
                    .collect();
                let text = format!(r#"{{"data": [{}]}}"#, entries.join(", "));
                healths = after::<CurrentHealth>(&healths, &text, &statuses);
                let alone = after::<CurrentHealth>(&Arc::default(), &text, &statuses);
                prop_assert_eq!(shown(&healths), shown(&alone));
            }
        }
    }
}
