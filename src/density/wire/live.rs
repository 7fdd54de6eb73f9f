//! Answers of the live endpoints: a value for each space or sensor.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex};

use foldhash::fast::RandomState;
use serde::Deserialize;

use crate::snapshot::{
    OtherStatuses, Readings, ReadingsBuilder, SensorHealth, SpaceCount, SpacePresence,
};

use super::super::rejection::{RejectionReason, Rejections};
use super::decoder::Entries;
use super::field::Field;
use super::json::{first_object, first_value};
use super::plain::{Fields, plain_object};
use super::{AnswerDecoder, Statuses};

/// A live endpoint: how its entries are decoded.
pub(in super::super) trait LiveEndpoint: Send + 'static {
    /// The value of one space or sensor.
    type Value: Copy + Send + Sync + 'static;
    /// The fields of an entry.
    type Fields<'a>: Deserialize<'a> + Fields<'a>;

    /// The slot of its last answer.
    fn last(all: &LastAnswers) -> &Mutex<Arc<LastAnswer<Self::Value>>>;

    /// The field with the id, for an entry that is not in a map with ids as keys.
    fn id<'f>(fields: &'f Self::Fields<'_>) -> &'f Field<'f>;

    /// The value of the fields; none when nothing is known.
    fn value(
        fields: &Self::Fields<'_>,
        statuses: &Statuses,
    ) -> Result<Option<Self::Value>, RejectionReason>;

    /// The value of a plain boolean in a map, for an endpoint that may answer with one.
    fn from_bool(_: bool) -> Option<Self::Value> {
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

/// The last answer of an endpoint with a fingerprint of each entry: most entries come again byte for byte,
/// and are then not decoded again.
pub(in super::super) struct LastAnswer<V> {
    pub(in super::super) readings: Readings<V>,
    /// By row; none, or one of length 0, when it is not known.
    fingerprints: Arc<[Fingerprint]>,
    hasher: RandomState,
}

/// The length and hash of the JSON of an entry. Other JSON with the same fingerprint would be taken for it:
/// the chance is one in 2⁶⁴, and the hasher's seed is secret.
#[derive(Clone, Copy, Debug, Default)]
struct Fingerprint {
    length: u32,
    hash: u64,
}

impl<V> Default for LastAnswer<V> {
    fn default() -> Self {
        Self {
            readings: Readings::default(),
            fingerprints: Arc::new([]),
            hasher: RandomState::default(),
        }
    }
}

/// The decoded entries of one answer.
pub(in super::super) struct LiveBatch<V> {
    pub(in super::super) part: ReadingsBuilder<V>,
    /// By row, for the entries that were decoded.
    fingerprints: Vec<(u32, Fingerprint)>,
}

impl<V: Copy> LastAnswer<V> {
    /// Merges the answers to all batches.
    pub(in super::super) fn merge(&self, parts: Vec<LiveBatch<V>>, others: OtherStatuses) -> Self {
        // Each batch numbers the rows of ids that the last answer did not have separately.
        let are_rows = parts.len() == 1 && self.readings.ids().is_empty();
        let mut fingerprints = Vec::new();
        let mut found = Vec::with_capacity(parts.len());
        for LiveBatch {
            part,
            fingerprints: of_part,
        } in parts
        {
            fingerprints.extend(of_part);
            found.push(part);
        }
        let readings = ReadingsBuilder::merge(found, others);
        let rows = readings.values().len();
        let same_ids = Arc::ptr_eq(readings.ids(), self.readings.ids());
        let fingerprints: Arc<[Fingerprint]> = if same_ids && fingerprints.is_empty() {
            self.fingerprints.clone()
        } else if same_ids || are_rows {
            let mut by_row: Arc<[Fingerprint]> = match self.fingerprints.len() == rows {
                true => Arc::from(self.fingerprints.as_ref()),
                false => vec![Fingerprint::default(); rows].into(),
            };
            // The first of a row counts, as with its value. They are not shared yet.
            if let Some(by_row) = Arc::get_mut(&mut by_row) {
                for (row, fingerprint) in fingerprints.into_iter().rev() {
                    if let Some(slot) = by_row.get_mut(row as usize) {
                        *slot = fingerprint;
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
            fingerprints,
            hasher: self.hasher.clone(),
        }
    }
}

/// The entries of an answer of `L`.
pub(in super::super) struct LiveEntries<L: LiveEndpoint> {
    last: Arc<LastAnswer<L::Value>>,
    part: ReadingsBuilder<L::Value>,
    fingerprints: Vec<(u32, Fingerprint)>,
    statuses: Statuses,
}

impl<L: LiveEndpoint> LiveEntries<L> {
    /// A decoder of an answer that is expected to be much like `last`.
    pub(in super::super) fn decoder(
        last: Arc<LastAnswer<L::Value>>,
        statuses: Statuses,
    ) -> AnswerDecoder<Self> {
        AnswerDecoder::new(Self {
            fingerprints: Vec::new(),
            part: ReadingsBuilder::new(last.readings.clone()),
            last,
            statuses,
        })
    }

    /// The fingerprint of `json` up to the length of the entry in this position of the last answer, and
    /// whether it is that entry again.
    fn in_place(&self, key: Option<&str>, json: &str) -> Option<(Fingerprint, bool)> {
        let (row, id) = self.part.expected();
        let last = *self.last.fingerprints.get(row as usize)?;
        let length = last.length as usize;
        let fingerprint = self.fingerprint(json.as_bytes().get(..length)?);
        let is_again =
            length > 0 && fingerprint.hash == last.hash && key.is_none_or(|key| key == id);
        Some((fingerprint, is_again))
    }

    fn fingerprint(&self, json: &[u8]) -> Fingerprint {
        Fingerprint {
            length: u32::try_from(json.len()).unwrap_or_default(),
            hash: self.last.hasher.hash_one(json),
        }
    }

    fn take_value(
        &mut self,
        id: &str,
        value: L::Value,
        json: &str,
        in_place: Option<Fingerprint>,
        rejections: &mut Rejections,
    ) {
        if let Some(row) = self.part.push(id, value) {
            // When it is as long as the entry before, its fingerprint is known already.
            let fingerprint = in_place
                .filter(|it| it.length as usize == json.len())
                .unwrap_or_else(|| self.fingerprint(json.as_bytes()));
            if self.fingerprints.len() == self.fingerprints.capacity() {
                // Fewer reallocations than if it doubled: when one entry has changed, others usually have.
                self.fingerprints
                    .reserve(self.fingerprints.len().saturating_mul(3));
            }
            self.fingerprints.push((row, fingerprint));
        } else {
            rejections.add(RejectionReason::Duplicate, Some(id));
        }
    }
}

impl<L: LiveEndpoint> Entries for LiveEntries<L> {
    type Output = LiveBatch<L::Value>;

    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize> {
        let in_place = self.in_place(key, json);
        if let Some((fingerprint, true)) = in_place {
            if !self.part.push_unchanged() {
                let (_, id) = self.part.expected();
                rejections.add(RejectionReason::Duplicate, Some(id));
            }
            return Ok(fingerprint.length as usize);
        }
        let in_place = in_place.map(|it| it.0);
        let entry = |length| json.get(..length).unwrap_or_default();
        if let (Some(key), Some(b't' | b'f')) = (key, json.bytes().next()) {
            let (value, length) = first_value::<bool>(json)?;
            match (L::from_bool(value), key) {
                (None, _) => rejections.add(RejectionReason::NotAnObject, Some(key)),
                (_, "") => rejections.add(RejectionReason::MissingId, None),
                (Some(value), id) => {
                    self.take_value(id, value, entry(length), in_place, rejections);
                }
            }
            return Ok(length);
        }
        if let (Some(_), Some(b'n')) = (key, json.bytes().next()) {
            // Nothing is known about it.
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
            (Ok(None), _) => rejections.add(RejectionReason::MissingId, None),
            (Ok(Some(id)), Err(reason)) => rejections.add(reason, Some(id)),
            (Ok(Some(id)), Ok(Some(value))) => {
                self.take_value(id, value, entry(length), in_place, rejections);
            }
            (Ok(Some(_)), Ok(None)) => {}
        }
        Ok(length)
    }

    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    fn heap_size(&self) -> usize {
        self.part.heap_size() + self.fingerprints.capacity() * size_of::<(u32, Fingerprint)>()
    }

    fn take(&mut self) -> Self::Output {
        let fresh = ReadingsBuilder::new(self.last.readings.clone());
        LiveBatch {
            part: std::mem::replace(&mut self.part, fresh),
            fingerprints: std::mem::take(&mut self.fingerprints),
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Decodes a complete answer, for the tests of each endpoint.

    use super::super::Decoder;
    use super::*;

    /// The readings of `text`, and its rejected entries.
    pub(in super::super) fn read<L: LiveEndpoint>(text: &str) -> (Readings<L::Value>, Rejections) {
        let statuses = Statuses::default();
        let mut decoder = LiveEntries::<L>::decoder(Arc::default(), statuses.clone());
        decoder.push(text.as_bytes());
        let read = decoder.finish().unwrap();
        let nothing = LastAnswer::default();
        let answer = nothing.merge(vec![read.entries], statuses.names());
        (answer.readings, read.rejections)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::{CurrentCount, CurrentHealth, Decoder};
    use super::*;

    fn after<L: LiveEndpoint>(
        last: &Arc<LastAnswer<L::Value>>,
        text: &str,
        statuses: &Statuses,
    ) -> Arc<LastAnswer<L::Value>> {
        let mut decoder = LiveEntries::<L>::decoder(last.clone(), statuses.clone());
        decoder.push(text.as_bytes());
        let parts = vec![decoder.finish().unwrap().entries];
        Arc::new(last.merge(parts, statuses.names()))
    }

    fn shown<V: Copy + std::fmt::Debug>(answer: &LastAnswer<V>) -> BTreeMap<String, String> {
        (0..)
            .map_while(|row| answer.readings.row(row))
            .map(|(id, value)| (id.to_owned(), format!("{value:?}")))
            .collect()
    }

    #[test]
    fn an_entry_with_the_same_fingerprint_is_not_decoded_again() {
        let statuses = Statuses::default();
        let text = r#"{"a": {"count": 1}, "b": {"count": 2}}"#;
        let nothing = Arc::new(LastAnswer::default());
        let first = after::<CurrentCount>(&nothing, text, &statuses);
        let Ok(mut first) = Arc::try_unwrap(first) else {
            panic!("nobody else has it");
        };
        // A value that decoding the entry would not give.
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
        /// The previous answer never changes the next one.
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
