//! The readings of one live endpoint: a list of ids that seldom changes, and a value for each.
//!
//! An answer mostly tells of the same spaces or sensors as the one before. Then it shares its ids with
//! it, so that nothing is looked up, joined or ordered again, and two answers are compared value by
//! value.

use std::collections::HashSet;
use std::sync::Arc;

use super::{OtherStatuses, TextId, Texts};

/// The value of each id.
#[derive(Clone, Debug)]
pub struct Readings<V> {
    ids: Arc<Texts>,
    values: Vec<V>,
    others: OtherStatuses,
}

impl<V> Default for Readings<V> {
    fn default() -> Self {
        Self {
            ids: Arc::default(),
            values: Vec::new(),
            others: Arc::new([]),
        }
    }
}

impl<V> Readings<V> {
    /// The ids, each once; their numbers are those of the values. The same allocation is the same list.
    pub fn ids(&self) -> &Arc<Texts> {
        &self.ids
    }

    /// The values.
    pub fn values(&self) -> &[V] {
        &self.values
    }

    /// The value of id number `row`, and the id.
    pub fn row(&self, row: u32) -> Option<(&str, &V)> {
        let value = self.values.get(row as usize)?;
        Some((self.ids.get(TextId::of_number(row)), value))
    }

    /// The names of undocumented statuses.
    pub fn others(&self) -> &OtherStatuses {
        &self.others
    }
}

impl<V: PartialEq> PartialEq for Readings<V> {
    fn eq(&self, other: &Self) -> bool {
        let same_ids = Arc::ptr_eq(&self.ids, &other.ids) || self.ids == other.ids;
        same_ids && self.others == other.others && self.values == other.values
    }
}

/// What one answer says, before it is put together with those of other batches.
#[derive(Debug)]
pub struct ReadingsPart<V> {
    /// The ids of the answer before.
    known: Arc<Texts>,
    /// Ids that are not among them; they are numbered on behind them.
    new: Texts,
    found: Vec<(u32, V)>,
    /// The row that an answer in the same order as the one before would have next.
    expected: u32,
    /// Once the rows do not rise any more: those that were found.
    seen: Option<HashSet<u32>>,
}

impl<V> ReadingsPart<V> {
    /// Nothing yet. The answer is expected to be much like the one before, whose ids are `known`.
    pub fn new(known: Arc<Texts>) -> Self {
        Self {
            known,
            new: Texts::new(),
            found: Vec::new(),
            expected: 0,
            seen: None,
        }
    }

    /// Adds the value of `id`; false when it has one already.
    pub fn push(&mut self, id: &str, value: V) -> bool {
        let row = self.row_of(id);
        if row < self.expected && self.seen.is_none() {
            self.seen = Some(self.found.iter().map(|(row, _)| *row).collect());
        }
        if let Some(seen) = &mut self.seen
            && !seen.insert(row)
        {
            return false;
        }
        self.expected = row.saturating_add(1);
        self.found.push((row, value));
        true
    }

    fn row_of(&mut self, id: &str) -> u32 {
        let expected = TextId::of_number(self.expected);
        if expected.number() < self.known.len() && self.known.get(expected) == id {
            return self.expected;
        }
        let number = match self.known.find(id) {
            Some(known) => known.number(),
            None => self.known.len() + self.new.intern(id).number(),
        };
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Bytes that it holds.
    pub fn held_bytes(&self) -> usize {
        let seen = self.seen.as_ref().map_or(0, HashSet::capacity);
        self.new.held_bytes()
            + self.found.capacity() * size_of::<(u32, V)>()
            + seen * size_of::<u32>() * 2
    }

    /// Puts the answers to all batches together. An id that two of them tell of has the value of the
    /// first.
    pub fn put_together(parts: Vec<Self>, others: OtherStatuses) -> Readings<V> {
        let Some(known) = parts.first().map(|it| it.known.clone()) else {
            return Readings {
                others,
                ..Readings::default()
            };
        };
        if let [part] = parts.as_slice()
            && part.is_the_same_list()
        {
            let found = parts.into_iter().flat_map(|it| it.found);
            let mut values = Vec::with_capacity(known.len());
            values.extend(found.map(|(_, value)| value));
            return Readings {
                ids: known,
                values,
                others,
            };
        }
        let mut new = Texts::new();
        let mut slots: Vec<Option<V>> = Vec::new();
        slots.resize_with(known.len(), || None);
        for part in parts {
            for (row, value) in part.found {
                let row = match (row as usize).checked_sub(known.len()) {
                    None => row as usize,
                    Some(number) => {
                        let id = part.new.get(TextId::of_number(number as u32));
                        known.len() + new.intern(id).number()
                    }
                };
                if slots.len() <= row {
                    slots.resize_with(row + 1, || None);
                }
                if let Some(slot @ None) = slots.get_mut(row) {
                    *slot = Some(value);
                }
            }
        }
        let ids = if new.is_empty() && slots.iter().all(Option::is_some) {
            known
        } else {
            let all = known.iter().chain(new.iter()).map(|(_, id)| id);
            let mut ids = Texts::new();
            for (id, _) in all.zip(&slots).filter(|(_, slot)| slot.is_some()) {
                ids.intern(id);
            }
            ids.shrink_to_fit();
            Arc::new(ids)
        };
        let mut values = Vec::with_capacity(ids.len());
        values.extend(slots.into_iter().flatten());
        Readings {
            ids,
            values,
            others,
        }
    }

    /// Whether it tells of the same ids as the answer before, in the same order.
    fn is_the_same_list(&self) -> bool {
        self.found.len() == self.known.len() && self.new.is_empty() && self.seen.is_none()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn readings(known: &Arc<Texts>, answers: &[&[(&str, i32)]]) -> Readings<i32> {
        let part = |answer: &&[(&str, i32)]| {
            let mut part = ReadingsPart::new(known.clone());
            for (id, value) in *answer {
                part.push(id, *value);
            }
            part
        };
        ReadingsPart::put_together(answers.iter().map(part).collect(), Arc::new([]))
    }

    fn shown(readings: &Readings<i32>) -> Vec<(&str, i32)> {
        (0..)
            .map_while(|row| readings.row(row))
            .map(|(id, value)| (id, *value))
            .collect()
    }

    #[test]
    fn an_answer_about_the_same_ids_shares_them_whatever_its_order() {
        let first = readings(&Arc::default(), &[&[("a", 1), ("b", 2), ("c", 3)]]);
        let second = readings(first.ids(), &[&[("c", 6), ("a", 4), ("b", 5)]]);
        assert!(Arc::ptr_eq(first.ids(), second.ids()));
        assert_eq!(shown(&second), [("a", 4), ("b", 5), ("c", 6)]);
        let third = readings(second.ids(), &[&[("a", 4), ("b", 5), ("c", 6)]]);
        assert!(Arc::ptr_eq(first.ids(), third.ids()));
        assert!(second == third && first != third);
    }

    #[test]
    fn what_is_gone_leaves_and_what_is_new_comes_last() {
        let first = readings(&Arc::default(), &[&[("a", 1), ("b", 2), ("c", 3)]]);
        let second = readings(first.ids(), &[&[("d", 4), ("a", 1), ("c", 3)]]);
        assert_eq!(shown(&second), [("a", 1), ("c", 3), ("d", 4)]);
    }

    #[test]
    fn of_one_id_the_first_value_counts() {
        let mut part = ReadingsPart::new(Arc::default());
        assert!(part.push("a", 1) && part.push("b", 2) && !part.push("a", 3));
        let batches = readings(&Arc::default(), &[&[("a", 1)], &[("b", 2), ("a", 3)]]);
        assert_eq!(shown(&batches), [("a", 1), ("b", 2)]);
    }

    proptest! {
        /// Whatever was known before, an answer is what it says.
        #[test]
        fn an_answer_is_what_it_says(
            before in prop::collection::vec("[a-e]", 0..8),
            batches in prop::collection::vec(prop::collection::vec(("[a-g]", 0..9i32), 0..8), 1..3),
        ) {
            let before: Vec<(&str, i32)> = before.iter().map(|it| (it.as_str(), 0)).collect();
            let known = readings(&Arc::default(), &[&before]);
            let answers: Vec<Vec<(&str, i32)>> = batches
                .iter()
                .map(|batch| batch.iter().map(|(id, value)| (id.as_str(), *value)).collect())
                .collect();
            let slices: Vec<&[(&str, i32)]> = answers.iter().map(Vec::as_slice).collect();
            let read = readings(known.ids(), &slices);
            let mut expected = std::collections::BTreeMap::new();
            for (id, value) in answers.iter().flatten() {
                expected.entry(*id).or_insert(*value);
            }
            let read: std::collections::BTreeMap<&str, i32> = shown(&read).into_iter().collect();
            prop_assert_eq!(read, expected);
        }
    }
}
