//! The readings of one live endpoint: a list of ids that seldom changes, and a value for each.
//!
//! An answer mostly lists the same spaces or sensors as the one before. It then shares the ids of that one,
//! so that nothing is looked up, joined or sorted again, and two answers are compared value by value.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Interner, OtherStatuses, SensorHealth, SpaceCount, SpacePresence, Symbol};

/// Counts by space id.
pub type Counts = Readings<SpaceCount>;
/// Presence by space id.
pub type Presences = Readings<SpacePresence>;
/// Health by serial number.
pub type SensorHealths = Readings<SensorHealth>;

/// The value of each id.
#[derive(Clone, Debug)]
pub struct Readings<V> {
    ids: Arc<Interner>,
    values: Arc<[V]>,
    other_statuses: OtherStatuses,
}

impl<V> Default for Readings<V> {
    fn default() -> Self {
        Self {
            ids: Arc::default(),
            values: Arc::new([]),
            other_statuses: Arc::new([]),
        }
    }
}

impl<V> Readings<V> {
    /// The ids, each once, with the indices of the values. The same allocation is the same list.
    pub fn ids(&self) -> &Arc<Interner> {
        &self.ids
    }

    /// The values.
    pub fn values(&self) -> &[V] {
        &self.values
    }

    /// The id and the value in `row`.
    pub fn row(&self, row: u32) -> Option<(&str, &V)> {
        let value = self.values.get(row as usize)?;
        Some((self.ids.get(Symbol::from_index(row)), value))
    }

    /// The names of undocumented statuses.
    pub fn other_statuses(&self) -> &OtherStatuses {
        &self.other_statuses
    }
}

impl<V: PartialEq> PartialEq for Readings<V> {
    fn eq(&self, other: &Self) -> bool {
        let same_ids = Arc::ptr_eq(&self.ids, &other.ids) || self.ids == other.ids;
        let same_values =
            || Arc::ptr_eq(&self.values, &other.values) || self.values == other.values;
        same_ids && self.other_statuses == other.other_statuses && same_values()
    }
}

/// The readings of one answer, before they are merged with those of other batches.
///
/// As long as an answer lists the ids of the one before in the same order, only values that differ are
/// stored.
#[derive(Debug)]
pub struct ReadingsBuilder<V> {
    /// The readings of the previous answer.
    previous: Readings<V>,
    /// Whether the values so far are those of the first rows of the previous answer, each once and in order.
    in_order: bool,
    /// While in order: a copy of the previous values with those that differ replaced; none when none does.
    changed: Option<Arc<[V]>>,
    /// No longer in order: every value so far with its row.
    values_by_row: Vec<(u32, V)>,
    /// The next row if the answer stays in the order of the previous one.
    expected: u32,
    /// Ids that the previous answer did not have; their rows follow those of the previous answer.
    new: Interner,
    /// The rows that have a value, once rows no longer ascend.
    seen: Option<HashSet<u32>>,
}

impl<V: Copy> ReadingsBuilder<V> {
    /// No readings yet. The answer is expected to be much like `previous`.
    pub fn new(previous: Readings<V>) -> Self {
        Self {
            previous,
            in_order: true,
            changed: None,
            values_by_row: Vec::new(),
            expected: 0,
            new: Interner::new(),
            seen: None,
        }
    }

    /// Adds the value of `id` and returns its row; none when the id has a value already.
    pub fn push(&mut self, id: &str, value: V) -> Option<u32> {
        let row = self.row_of(id);
        self.push_row(row, value).then_some(row)
    }

    /// Adds the value that the previous answer had in the expected row; false when that row has a value
    /// already, or there is no such row.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "It is less than how many values are in memory."
    )]
    pub fn push_unchanged(&mut self) -> bool {
        let row = self.expected;
        if self.in_order && (row as usize) < self.previous.values.len() {
            self.expected += 1;
            return true;
        }
        match self.previous.values.get(row as usize).copied() {
            Some(value) => self.push_row(row, value),
            None => false,
        }
    }

    /// The next row if the answer stays in the order of the previous one, and its id.
    pub fn expected(&self) -> (u32, &str) {
        let id = Symbol::from_index(self.expected);
        (self.expected, self.previous.ids.get(id))
    }

    fn push_row(&mut self, row: u32, value: V) -> bool {
        if self.in_order {
            let is_next = row == self.expected && (row as usize) < self.previous.values.len();
            if is_next && let Some(slot) = self.slot(row) {
                *slot = value;
                self.expected = row.saturating_add(1);
                return true;
            }
            self.store_all();
        }
        if row < self.expected && self.seen.is_none() {
            self.seen = Some(self.values_by_row.iter().map(|(row, _)| *row).collect());
        }
        if let Some(seen) = &mut self.seen
            && !seen.insert(row)
        {
            return false;
        }
        self.expected = row.saturating_add(1);
        self.values_by_row.push((row, value));
        true
    }

    /// The slot for the value of a row while the answer is in order.
    fn slot(&mut self, row: u32) -> Option<&mut V> {
        let previous = &self.previous.values;
        let changed = self
            .changed
            .get_or_insert_with(|| Arc::from(previous.as_ref()));
        // It is not shared yet.
        Arc::get_mut(changed)?.get_mut(row as usize)
    }

    /// Stores every value so far with its row.
    fn store_all(&mut self) {
        let values = self.changed.take();
        let values = values.as_ref().unwrap_or(&self.previous.values);
        self.values_by_row = Vec::with_capacity(values.len());
        let before = (0..self.expected).zip(values.iter().copied());
        self.values_by_row.extend(before);
        self.in_order = false;
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "How many ids are in memory."
    )]
    fn row_of(&mut self, id: &str) -> u32 {
        let known = &self.previous.ids;
        let expected = Symbol::from_index(self.expected);
        if expected.index() < known.len() && known.get(expected) == id {
            return self.expected;
        }
        let number = match known.find(id) {
            Some(row) => row.index(),
            None => known.len() + self.new.intern(id).index(),
        };
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        match self.in_order {
            true => self.expected as usize,
            false => self.values_by_row.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that it holds.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn heap_size(&self) -> usize {
        let seen = self.seen.as_ref().map_or(0, HashSet::capacity);
        self.new.heap_size()
            + self
                .changed
                .as_ref()
                .map_or(0, |it| size_of_val(it.as_ref()))
            + self.values_by_row.capacity() * size_of::<(u32, V)>()
            + seen * size_of::<u32>() * 2
    }

    /// Merges the readings of all batches. An id that is in two of them has the value of the first.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "How many ids are in memory."
    )]
    pub fn merge(mut parts: Vec<Self>, other_statuses: OtherStatuses) -> Readings<V> {
        if let [part] = parts.as_slice()
            && part.in_order
            && part.expected as usize == part.previous.values.len()
        {
            return part.with_previous_ids(other_statuses);
        }
        let Some(known) = parts.first().map(|it| it.previous.ids.clone()) else {
            return Readings {
                other_statuses,
                ..Readings::default()
            };
        };
        let mut new = Interner::new();
        let mut slots: Vec<Option<V>> = Vec::new();
        slots.resize_with(known.len(), || None);
        for part in &mut parts {
            if part.in_order {
                part.store_all();
            }
            for (row, value) in &part.values_by_row {
                let row = match (*row as usize).checked_sub(known.len()) {
                    None => *row as usize,
                    Some(number) => {
                        let id = part.new.get(Symbol::from_index(number as u32));
                        known.len() + new.intern(id).index()
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
            let mut ids = Interner::new();
            for (id, _) in all.zip(&slots).filter(|(_, slot)| slot.is_some()) {
                ids.intern(id);
            }
            ids.shrink_to_fit();
            Arc::new(ids)
        };
        Readings {
            ids,
            values: slots.into_iter().flatten().collect(),
            other_statuses,
        }
    }

    /// The ids of the previous answer with the current values.
    fn with_previous_ids(&self, other_statuses: OtherStatuses) -> Readings<V> {
        let values = self.changed.as_ref().unwrap_or(&self.previous.values);
        Readings {
            ids: self.previous.ids.clone(),
            values: values.clone(),
            other_statuses,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn readings(previous: &Readings<i32>, answers: &[&[(&str, i32)]]) -> Readings<i32> {
        let part = |answer: &&[(&str, i32)]| {
            let mut part = ReadingsBuilder::new(previous.clone());
            for (id, value) in *answer {
                // An unchanged value may be pushed either way.
                let (row, expected) = part.expected();
                let is_same = expected == *id && previous.values().get(row as usize) == Some(value);
                match is_same && value % 2 == 0 {
                    true => drop(part.push_unchanged()),
                    false => drop(part.push(id, *value)),
                }
            }
            part
        };
        ReadingsBuilder::merge(answers.iter().map(part).collect(), Arc::new([]))
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
        let mut part = ReadingsBuilder::new(Readings::default());
        let pushed = [("a", 1), ("b", 2), ("a", 3)].map(|(id, value)| part.push(id, value));
        assert_eq!(pushed, [Some(0), Some(1), None]);
        let batches = readings(&Readings::default(), &[&[("a", 1)], &[("b", 2), ("a", 3)]]);
        assert_eq!(shown(&batches), [("a", 1), ("b", 2)]);
    }

    proptest! {
        /// The previous answer never changes the readings of the next.
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
