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
    values: Arc<[V]>,
    others: OtherStatuses,
}

impl<V> Default for Readings<V> {
    fn default() -> Self {
        Self {
            ids: Arc::default(),
            values: Arc::new([]),
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
        let same_values =
            || Arc::ptr_eq(&self.values, &other.values) || self.values == other.values;
        same_ids && self.others == other.others && same_values()
    }
}

/// What one answer says, before it is put together with those of other batches.
///
/// As long as an answer goes through the ids of the one before in their order, only the values that it
/// gives anew are noted.
#[derive(Debug)]
pub struct ReadingsPart<V> {
    /// The answer before.
    last: Readings<V>,
    /// Whether the values so far are those of the first rows of the last answer, each once and in order.
    in_order: bool,
    /// In order: the values of the last answer, those that were given anew in their places; nothing
    /// where none was.
    anew: Option<Arc<[V]>>,
    /// No longer in order: all values so far.
    found: Vec<(u32, V)>,
    /// The row that an answer in the same order as the one before would have next.
    expected: u32,
    /// Ids that the last answer did not have; they are numbered on behind those that it had.
    new: Texts,
    /// Once the rows do not rise any more: those that were found.
    seen: Option<HashSet<u32>>,
}

impl<V: Copy> ReadingsPart<V> {
    /// Nothing yet. The answer is expected to be much like `last`.
    pub fn new(last: Readings<V>) -> Self {
        Self {
            last,
            in_order: true,
            anew: None,
            found: Vec::new(),
            expected: 0,
            new: Texts::new(),
            seen: None,
        }
    }

    /// Adds the value of `id` and returns its row; nothing when it has a value already.
    pub fn push(&mut self, id: &str, value: V) -> Option<u32> {
        let row = self.row_of(id);
        self.push_row(row, value).then_some(row)
    }

    /// Adds the value that the last answer had in the row that is expected next; false when that row
    /// has one already, or there is none.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "It is less than how many values are in memory."
    )]
    pub fn push_same(&mut self) -> bool {
        let row = self.expected;
        if self.in_order && (row as usize) < self.last.values.len() {
            self.expected += 1;
            return true;
        }
        match self.last.values.get(row as usize).copied() {
            Some(value) => self.push_row(row, value),
            None => false,
        }
    }

    /// The row that comes next if the answer is in the order of the one before, and its id.
    pub fn expected(&self) -> (u32, &str) {
        let id = TextId::of_number(self.expected);
        (self.expected, self.last.ids.get(id))
    }

    fn push_row(&mut self, row: u32, value: V) -> bool {
        if self.in_order {
            let is_next = row == self.expected && (row as usize) < self.last.values.len();
            if is_next && let Some(slot) = self.slot(row) {
                *slot = value;
                self.expected = row.saturating_add(1);
                return true;
            }
            self.leave_order();
        }
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

    /// Where the value of a row of the last answer is noted while the answer is in order.
    fn slot(&mut self, row: u32) -> Option<&mut V> {
        let last = &self.last.values;
        let anew = self.anew.get_or_insert_with(|| Arc::from(last.as_ref()));
        // Nobody else has it yet.
        Arc::get_mut(anew)?.get_mut(row as usize)
    }

    /// Notes all values so far.
    fn leave_order(&mut self) {
        let values = self.anew.take();
        let values = values.as_ref().unwrap_or(&self.last.values);
        self.found = Vec::with_capacity(values.len());
        let before = (0..self.expected).zip(values.iter().copied());
        self.found.extend(before);
        self.in_order = false;
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "How many ids are in memory."
    )]
    fn row_of(&mut self, id: &str) -> u32 {
        let known = &self.last.ids;
        let expected = TextId::of_number(self.expected);
        if expected.number() < known.len() && known.get(expected) == id {
            return self.expected;
        }
        let number = match known.find(id) {
            Some(row) => row.number(),
            None => known.len() + self.new.intern(id).number(),
        };
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        match self.in_order {
            true => self.expected as usize,
            false => self.found.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it holds.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn held_bytes(&self) -> usize {
        let seen = self.seen.as_ref().map_or(0, HashSet::capacity);
        self.new.held_bytes()
            + self.anew.as_ref().map_or(0, |it| size_of_val(it.as_ref()))
            + self.found.capacity() * size_of::<(u32, V)>()
            + seen * size_of::<u32>() * 2
    }

    /// Puts the answers to all batches together. An id that two of them tell of has the value of the
    /// first.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "How many ids are in memory."
    )]
    pub fn put_together(mut parts: Vec<Self>, others: OtherStatuses) -> Readings<V> {
        if let [part] = parts.as_slice()
            && part.in_order
            && part.expected as usize == part.last.values.len()
        {
            return part.with_the_same_ids(others);
        }
        let Some(known) = parts.first().map(|it| it.last.ids.clone()) else {
            return Readings {
                others,
                ..Readings::default()
            };
        };
        let mut new = Texts::new();
        let mut slots: Vec<Option<V>> = Vec::new();
        slots.resize_with(known.len(), || None);
        for part in &mut parts {
            if part.in_order {
                part.leave_order();
            }
            for (row, value) in &part.found {
                let row = match (*row as usize).checked_sub(known.len()) {
                    None => *row as usize,
                    Some(number) => {
                        let id = part.new.get(TextId::of_number(number as u32));
                        known.len() + new.intern(id).number()
                    }
                };
                if slots.len() <= row {
                    slots.resize_with(row + 1, || None);
                }
                if let Some(slot @ None) = slots.get_mut(row) {
                    *slot = Some(*value);
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
        Readings {
            ids,
            values: slots.into_iter().flatten().collect(),
            others,
        }
    }

    /// All ids of the last answer with their values, some of them anew.
    fn with_the_same_ids(&self, others: OtherStatuses) -> Readings<V> {
        let values = self.anew.as_ref().unwrap_or(&self.last.values);
        Readings {
            ids: self.last.ids.clone(),
            values: values.clone(),
            others,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn readings(last: &Readings<i32>, answers: &[&[(&str, i32)]]) -> Readings<i32> {
        let part = |answer: &&[(&str, i32)]| {
            let mut part = ReadingsPart::new(last.clone());
            for (id, value) in *answer {
                // What is known to be as before may be told so.
                let (row, expected) = part.expected();
                let is_same = expected == *id && last.values().get(row as usize) == Some(value);
                match is_same && value % 2 == 0 {
                    true => drop(part.push_same()),
                    false => drop(part.push(id, *value)),
                }
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
        let first = readings(&Readings::default(), &[&[("a", 1), ("b", 2), ("c", 3)]]);
        let second = readings(&first, &[&[("c", 6), ("a", 4), ("b", 5)]]);
        assert!(Arc::ptr_eq(first.ids(), second.ids()));
        assert_eq!(shown(&second), [("a", 4), ("b", 5), ("c", 6)]);
        let third = readings(&second, &[&[("a", 4), ("b", 5), ("c", 6)]]);
        assert!(Arc::ptr_eq(first.ids(), third.ids()));
        assert!(second == third && first != third);
        let fourth = readings(&third, &[&[("a", 4), ("b", 7), ("c", 6)]]);
        assert_eq!(shown(&fourth), [("a", 4), ("b", 7), ("c", 6)]);
    }

    #[test]
    fn what_is_gone_leaves_and_what_is_new_comes_last() {
        let first = readings(&Readings::default(), &[&[("a", 1), ("b", 2), ("c", 3)]]);
        let second = readings(&first, &[&[("d", 4), ("a", 1), ("c", 3)]]);
        assert_eq!(shown(&second), [("a", 1), ("c", 3), ("d", 4)]);
    }

    #[test]
    fn of_one_id_the_first_value_counts() {
        let mut part = ReadingsPart::new(Readings::default());
        let pushed = [("a", 1), ("b", 2), ("a", 3)].map(|(id, value)| part.push(id, value));
        assert_eq!(pushed, [Some(0), Some(1), None]);
        let batches = readings(&Readings::default(), &[&[("a", 1)], &[("b", 2), ("a", 3)]]);
        assert_eq!(shown(&batches), [("a", 1), ("b", 2)]);
    }

    proptest! {
        /// Whatever was known before, an answer is what it says.
        #[test]
        fn an_answer_is_what_it_says(
            before in prop::collection::vec("[a-e]", 0..8),
            batches in prop::collection::vec(prop::collection::vec(("[a-g]", 0..9i32), 0..8), 1..3),
        ) {
            let before: Vec<(&str, i32)> = before.iter().map(|it| (it.as_str(), 4)).collect();
            let known = readings(&Readings::default(), &[&before]);
            let answers: Vec<Vec<(&str, i32)>> = batches
                .iter()
                .map(|batch| batch.iter().map(|(id, value)| (id.as_str(), *value)).collect())
                .collect();
            let slices: Vec<&[(&str, i32)]> = answers.iter().map(Vec::as_slice).collect();
            let read = readings(&known, &slices);
            let mut expected = std::collections::BTreeMap::new();
            for (id, value) in answers.iter().flatten() {
                expected.entry(*id).or_insert(*value);
            }
            let read: std::collections::BTreeMap<&str, i32> = shown(&read).into_iter().collect();
            prop_assert_eq!(read, expected);
        }
    }
}
