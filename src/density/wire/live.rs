//! The answers of the live endpoints: a value for each space or sensor.

use std::sync::Arc;

use serde::Deserialize;

use crate::snapshot::{ReadingsPart, Texts};

use super::super::rejection::{Reason, Rejections};
use super::field::Field;
use super::reader::{Entries, first_object, first_value};
use super::{AnswerReader, Statuses};

/// What one endpoint says of one space or sensor.
pub(in super::super) trait Live: Send + 'static {
    /// What is kept of it.
    type Value: Send + 'static;
    /// The fields of an entry.
    type Fields<'a>: Deserialize<'a>;

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

/// The entries of an answer of `L`.
pub(in super::super) struct LiveEntries<L: Live> {
    known: Arc<Texts>,
    part: ReadingsPart<L::Value>,
    statuses: Statuses,
}

impl<L: Live> LiveEntries<L> {
    /// A reader of an answer that is expected to be about the ids `known`.
    pub(in super::super) fn reader(known: Arc<Texts>, statuses: Statuses) -> AnswerReader<Self> {
        AnswerReader::new(Self {
            part: ReadingsPart::new(known.clone()),
            known,
            statuses,
        })
    }

    fn take_value(&mut self, id: &str, value: L::Value, rejections: &mut Rejections) {
        if !self.part.push(id, value) {
            rejections.add(Reason::Duplicate, Some(id));
        }
    }
}

impl<L: Live> Entries for LiveEntries<L> {
    type Output = ReadingsPart<L::Value>;

    fn read(
        &mut self,
        key: Option<&str>,
        json: &[u8],
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize> {
        if let (Some(key), Some(b't' | b'f')) = (key, json.first()) {
            let (bare, length) = first_value::<bool>(json)?;
            match (L::bare(bare), key) {
                (None, _) => rejections.add(Reason::NotAnObject, Some(key)),
                (_, "") => rejections.add(Reason::MissingId, None),
                (Some(value), id) => self.take_value(id, value, rejections),
            }
            return Ok(length);
        }
        if let (Some(_), Some(b'n')) = (key, json.first()) {
            // Nothing is known of it.
            return first_value::<()>(json).map(|((), length)| length);
        }
        let (fields, length) = first_object::<L::Fields<'_>>(json)?;
        let id = match key {
            Some(key) => Ok(Some(key).filter(|it| !it.is_empty())),
            None => L::id(&fields).id(),
        };
        match (id, L::value(&fields, &self.statuses)) {
            (Err(reason), _) => rejections.add(reason, None),
            (Ok(None), _) => rejections.add(Reason::MissingId, None),
            (Ok(Some(id)), Err(reason)) => rejections.add(reason, Some(id)),
            (Ok(Some(id)), Ok(Some(value))) => self.take_value(id, value, rejections),
            (Ok(Some(_)), Ok(None)) => {}
        }
        Ok(length)
    }

    fn held_bytes(&self) -> usize {
        self.part.held_bytes()
    }

    fn take(&mut self) -> Self::Output {
        std::mem::replace(&mut self.part, ReadingsPart::new(self.known.clone()))
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Reading an answer that is there whole, for the tests of each endpoint.

    use crate::snapshot::Readings;

    use super::super::Reader;
    use super::*;

    /// What `text` says, and what of it was rejected.
    pub(in super::super) fn read<L: Live>(text: &str) -> (Readings<L::Value>, Rejections) {
        let statuses = Statuses::default();
        let mut reader = LiveEntries::<L>::reader(Arc::default(), statuses.clone());
        reader.push(text.as_bytes());
        let read = reader.finish().unwrap();
        let readings = ReadingsPart::put_together(vec![read.entries], statuses.names());
        (readings, read.rejections)
    }
}
