//! Many texts, each kept once, in one allocation.

use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// The number of a text in the [`Texts`] that gave it. It means nothing to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(u32);

impl TextId {
    /// Texts are numbered from 0 in the order in which they came.
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// The text of that number.
    pub const fn of_number(number: u32) -> Self {
        Self(number)
    }
}

/// Texts that are numbered, each once. A portfolio has hundreds of thousands of ids and names; one by
/// one they would cost an allocation each, and as much again for where it is.
#[derive(Clone, Default)]
pub struct Texts {
    text: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Texts {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of `text`, which is kept if it was not.
    pub fn intern(&mut self, text: &str) -> TextId {
        let hash = self.hasher.hash_one(text);
        if let Some(known) = self.look_up(hash, text) {
            return known;
        }
        // What holds the texts of an answer is bounded long before there are four billion of them.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let (texts, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.numbers
            .insert_unique(hash, number, |it| hasher.hash_one(nth(texts, ends, *it)));
        TextId(number)
    }

    /// The number of `text`, if it is kept.
    pub fn find(&self, text: &str) -> Option<TextId> {
        self.look_up(self.hasher.hash_one(text), text)
    }

    fn look_up(&self, hash: u64, text: &str) -> Option<TextId> {
        let same = |it: &u32| nth(&self.text, &self.ends, *it) == text;
        self.numbers.find(hash, same).copied().map(TextId)
    }

    /// The text of that number; empty for a number of others.
    pub fn get(&self, id: TextId) -> &str {
        nth(&self.text, &self.ends, id.0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (TextId, &str)> {
        (0..)
            .zip(&self.ends)
            .map(|(number, _)| (TextId(number), nth(&self.text, &self.ends, number)))
    }

    /// Gives back what was reserved and is not used.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        let (texts, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.numbers
            .shrink_to_fit(|it| hasher.hash_one(nth(texts, ends, *it)));
    }

    /// Bytes that they hold.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn held_bytes(&self) -> usize {
        self.text.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.numbers.allocation_size()
    }
}

fn nth<'t>(text: &'t str, ends: &[usize], number: u32) -> &'t str {
    let number = number as usize;
    let start = match number.checked_sub(1) {
        Some(before) => ends.get(before).copied().unwrap_or(usize::MAX),
        None => 0,
    };
    let end = ends.get(number).copied().unwrap_or(usize::MAX);
    text.get(start..end).unwrap_or_default()
}

impl PartialEq for Texts {
    /// The same texts under the same numbers.
    fn eq(&self, other: &Self) -> bool {
        self.ends == other.ends && self.text == other.text
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|it| it.1)).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_text_has_one_number_and_comes_back_by_it(given in prop::collection::vec("[ab]{0,3}|.*", 0..40)) {
            let mut texts = Texts::new();
            let numbers: Vec<TextId> = given.iter().map(|it| texts.intern(it)).collect();
            texts.shrink_to_fit();
            for (text, number) in given.iter().zip(&numbers) {
                prop_assert_eq!(texts.get(*number), text);
                prop_assert_eq!(texts.find(text), Some(*number));
            }
            let mut distinct = given.clone();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(texts.len(), distinct.len());
            prop_assert_eq!(texts.find("never given, for it is too long"), None);
        }
    }

    #[test]
    fn a_number_of_others_is_no_text() {
        assert_eq!(Texts::new().get(TextId::of_number(3)), "");
    }
}
