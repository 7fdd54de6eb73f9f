//! A string interner: many strings, each kept once, in one allocation.

use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// The index of a string in the [`Interner`] that returned it. It means nothing to any other interner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(u32);

impl Symbol {
    /// Strings are numbered from 0 in the order in which they were interned.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The symbol with that index.
    pub const fn from_index(number: u32) -> Self {
        Self(number)
    }
}

/// Interned strings. A portfolio has hundreds of thousands of ids and names; as `String`s they would cost an
/// allocation each, and as much memory again for the pointers.
#[derive(Clone, Default)]
pub struct Interner {
    text: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Interner {
    /// An interner without strings.
    pub fn new() -> Self {
        Self::default()
    }

    /// The symbol of `text`, which is interned if it was not.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let hash = self.hasher.hash_one(text);
        if let Some(known) = self.look_up(hash, text) {
            return known;
        }
        // The memory limit for answers is reached long before there are four billion strings.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let (texts, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.numbers
            .insert_unique(hash, number, |it| hasher.hash_one(nth(texts, ends, *it)));
        Symbol(number)
    }

    /// The symbol of `text`, if it is interned.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.look_up(self.hasher.hash_one(text), text)
    }

    fn look_up(&self, hash: u64, text: &str) -> Option<Symbol> {
        let same = |it: &u32| nth(&self.text, &self.ends, *it) == text;
        self.numbers.find(hash, same).copied().map(Symbol)
    }

    /// The string of `id`; empty for a symbol of another interner that is out of range.
    pub fn get(&self, id: Symbol) -> &str {
        nth(&self.text, &self.ends, id.0)
    }

    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no strings.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All strings in the order of their symbols.
    pub fn iter(&self) -> impl Iterator<Item = (Symbol, &str)> {
        (0..)
            .zip(&self.ends)
            .map(|(number, _)| (Symbol(number), nth(&self.text, &self.ends, number)))
    }

    /// Frees reserved memory that is not used.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        let (texts, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.numbers
            .shrink_to_fit(|it| hasher.hash_one(nth(texts, ends, *it)));
    }

    /// Bytes of memory that it holds.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn heap_size(&self) -> usize {
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

impl PartialEq for Interner {
    /// The same strings with the same symbols.
    fn eq(&self, other: &Self) -> bool {
        self.ends == other.ends && self.text == other.text
    }
}

impl fmt::Debug for Interner {
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
        fn each_string_has_one_symbol_and_comes_back_by_it(given in prop::collection::vec("[ab]{0,3}|.*", 0..40)) {
            let mut texts = Interner::new();
            let numbers: Vec<Symbol> = given.iter().map(|it| texts.intern(it)).collect();
            texts.shrink_to_fit();
            for (text, number) in given.iter().zip(&numbers) {
                prop_assert_eq!(texts.get(*number), text);
                prop_assert_eq!(texts.find(text), Some(*number));
            }
            let mut distinct = given.clone();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(texts.len(), distinct.len());
            prop_assert_eq!(texts.find("never interned, for it is too long"), None);
        }
    }

    #[test]
    fn an_unknown_symbol_is_an_empty_string() {
        assert_eq!(Interner::new().get(Symbol::from_index(3)), "");
    }
}
