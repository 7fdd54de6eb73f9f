//! A space as the API describes it, and the list of them before it is a tree.

use super::{Interner, Symbol};

/// The lifecycle of a space that is in use.
pub const LIVE: &str = "live";

/// A space as it is in an answer. Text that the API does not give is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpaceEntry<'a> {
    /// `spc_…`; never empty.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// `portfolio`, `region`, `campus`, `building`, `floor`, `space`, or a type that is newer than this.
    pub space_type: &'a str,
    /// What it is used as: `meeting_room`, `desk`, …
    pub function: &'a str,
    /// What counts there: `oa`, `entry`, …
    pub counting_mode: &'a str,
    /// An IANA name.
    pub time_zone: &'a str,
    /// `live`, `planning` or another word, in lower case; empty counts as live.
    pub status: &'a str,
    /// How many people it is meant for.
    pub capacity: Option<f64>,
    /// The labels that people gave it, as group and name; each pair once.
    pub labels: &'a [(&'a str, &'a str)],
    /// It could not be read as a whole: it stays in the tree for the spaces below it and is not shown
    /// itself.
    pub is_stub: bool,
    /// It is nested in another space, which may give no more than its id.
    pub is_nested: bool,
}

/// A space, from the whole portfolio to a desk. Its texts are symbols of its list or tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// See [`SpaceEntry::id`], as for the other fields.
    pub id: Symbol,
    /// What people call it.
    pub name: Symbol,
    /// The type of space.
    pub space_type: Symbol,
    /// What it is used as.
    pub function: Symbol,
    /// What counts there.
    pub counting_mode: Symbol,
    /// An IANA name.
    pub time_zone: Symbol,
    /// Its own lifecycle.
    pub status: Symbol,
    /// How many people it is meant for.
    pub capacity: Option<f64>,
    /// The start of its labels within the labels of all spaces.
    pub(super) labels_from: u32,
    /// The end of its labels.
    pub(super) labels_to: u32,
    /// See [`SpaceEntry::is_stub`].
    pub is_stub: bool,
}

/// A label of Density's: a name in a group, which is empty where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpaceLabel {
    /// The group's name.
    pub group: Symbol,
    /// The label's name.
    pub name: Symbol,
}

/// What [`SpaceList::push`] did with a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// It was added, or replaced a less complete entry.
    Added,
    /// The list already had it at the top level, which is an error of the answer.
    Duplicate,
    /// One of the two is nested in another space, which is no error.
    AlsoNested,
}

/// Spaces as answers list them, each once, with with the children that each space names.
#[derive(Clone, Debug, Default)]
pub struct SpaceList {
    pub(super) texts: Interner,
    pub(super) spaces: Vec<Space>,
    pub(super) labels: Vec<SpaceLabel>,
    /// Parent and child, each of which may not be listed.
    pub(super) children: Vec<(Symbol, Symbol)>,
    /// By symbol: the index of the space with that id.
    by_id: Vec<Option<u32>>,
    nested: Vec<bool>,
}

impl SpaceList {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a space. Of several with one id the first is kept, but a complete one is preferred to a stub, and
    /// one at the top level to a nested one.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "The number of a text that is in memory."
    )]
    pub fn push(&mut self, entry: &SpaceEntry<'_>) -> PushOutcome {
        let id = self.texts.intern(entry.id);
        if self.by_id.len() <= id.index() {
            self.by_id.resize(id.index() + 1, None);
        }
        let known = self.by_id.get(id.index()).copied().flatten();
        let Some(number) = known.map(|it| it as usize) else {
            let number = u32::try_from(self.spaces.len()).ok();
            if let Some(slot) = self.by_id.get_mut(id.index()) {
                *slot = number;
            }
            let space = self.intern_space(id, entry);
            self.spaces.push(space);
            self.nested.push(entry.is_nested);
            return PushOutcome::Added;
        };
        let was_nested = self.nested.get(number).copied().unwrap_or(false);
        let was_stub = self.spaces.get(number).is_some_and(|it| it.is_stub);
        if (entry.is_stub, entry.is_nested) < (was_stub, was_nested) {
            let space = self.intern_space(id, entry);
            if let (Some(old), Some(nested)) =
                (self.spaces.get_mut(number), self.nested.get_mut(number))
            {
                *old = space;
                *nested = entry.is_nested;
            }
            return PushOutcome::Added;
        }
        if entry.is_nested || was_nested {
            PushOutcome::AlsoNested
        } else {
            PushOutcome::Duplicate
        }
    }

    /// Adds `child` as a child of `parent`.
    pub fn add_child(&mut self, parent: &str, child: &str) {
        let edge = (self.texts.intern(parent), self.texts.intern(child));
        self.children.push(edge);
    }

    /// The spaces in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Space> {
        self.spaces.iter()
    }

    /// A text of one of its spaces.
    pub fn text(&self, id: Symbol) -> &str {
        self.texts.get(id)
    }

    /// The labels of one of its spaces.
    pub fn labels(&self, space: &Space) -> &[SpaceLabel] {
        labels_of(&self.labels, space)
    }

    /// How many of them were read whole.
    pub fn whole(&self) -> usize {
        self.spaces.iter().filter(|it| !it.is_stub).count()
    }

    /// Bytes of memory that it holds.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn heap_size(&self) -> usize {
        self.texts.heap_size()
            + self.spaces.capacity() * size_of::<Space>()
            + self.labels.capacity() * size_of::<SpaceLabel>()
            + self.children.capacity() * size_of::<(Symbol, Symbol)>()
            + self.by_id.capacity() * size_of::<Option<u32>>()
            + self.nested.capacity()
    }

    fn intern_space(&mut self, id: Symbol, entry: &SpaceEntry<'_>) -> Space {
        let labels_from = self.labels.len() as u32;
        for (group, name) in entry.labels {
            let label = SpaceLabel {
                group: self.texts.intern(group),
                name: self.texts.intern(name),
            };
            self.labels.push(label);
        }
        Space {
            id,
            name: self.texts.intern(entry.name),
            space_type: self.texts.intern(entry.space_type),
            function: self.texts.intern(entry.function),
            counting_mode: self.texts.intern(entry.counting_mode),
            time_zone: self.texts.intern(entry.time_zone),
            status: self.texts.intern(entry.status),
            capacity: entry.capacity,
            labels_from,
            labels_to: self.labels.len() as u32,
            is_stub: entry.is_stub,
        }
    }
}

/// The labels of `space` among all `labels`.
pub(super) fn labels_of<'l>(labels: &'l [SpaceLabel], space: &Space) -> &'l [SpaceLabel] {
    labels
        .get(space.labels_from as usize..space.labels_to as usize)
        .unwrap_or_default()
}
