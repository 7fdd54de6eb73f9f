//! A space as the API describes it, and the list of them before it is a tree.

use super::{TextId, Texts};

/// The lifecycle of what is in use.
pub const LIVE: &str = "live";

/// A space as an answer tells it. Text that the API does not give is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpaceEntry<'a> {
    /// `spc_…`; never empty.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// `portfolio`, `region`, `campus`, `building`, `floor`, `space`, or what the API newly says.
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
    /// Not all of it could be read: it holds its place in the tree for what is below it, and is not
    /// shown itself.
    pub is_stub: bool,
    /// It stands within another space, which may tell no more than its id.
    pub is_nested: bool,
}

/// A space, from the whole portfolio to a desk. Its texts are numbers of those of its list or tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// See [`SpaceEntry::id`]; so with the others.
    pub id: TextId,
    /// What people call it.
    pub name: TextId,
    /// At which level it is.
    pub space_type: TextId,
    /// What it is used as.
    pub function: TextId,
    /// What counts there.
    pub counting_mode: TextId,
    /// An IANA name.
    pub time_zone: TextId,
    /// Its own lifecycle.
    pub status: TextId,
    /// How many people it is meant for.
    pub capacity: Option<f64>,
    /// Where its labels begin among all labels.
    pub(super) labels_from: u32,
    /// Where they end.
    pub(super) labels_to: u32,
    /// See [`SpaceEntry::is_stub`].
    pub is_stub: bool,
}

/// A label of Density's: a name in a group, which is empty where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpaceLabel {
    /// The group's name.
    pub group: TextId,
    /// The label's name.
    pub name: TextId,
}

/// Whether a space was new to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It was not listed, or not as well.
    Taken,
    /// The list itself had it before: a mistake.
    Duplicate,
    /// It was known from within another space, or is told again within one.
    Known,
}

/// Spaces as answers list them, each once, with who claims whom as a child.
#[derive(Clone, Debug, Default)]
pub struct SpaceList {
    pub(super) texts: Texts,
    pub(super) spaces: Vec<Space>,
    pub(super) labels: Vec<SpaceLabel>,
    /// Parent and child, each of which may not be listed.
    pub(super) claims: Vec<(TextId, TextId)>,
    /// By the number of a text: the number of the space with that id.
    by_id: Vec<Option<u32>>,
    nested: Vec<bool>,
}

impl SpaceList {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a space. Of several with one id the first counts, but a whole one counts before a stub,
    /// and one that the list itself gives before one that stands within another space.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "The number of a text that is in memory."
    )]
    pub fn push(&mut self, entry: &SpaceEntry<'_>) -> Pushed {
        let id = self.texts.intern(entry.id);
        if self.by_id.len() <= id.number() {
            self.by_id.resize(id.number() + 1, None);
        }
        let known = self.by_id.get(id.number()).copied().flatten();
        let Some(number) = known.map(|it| it as usize) else {
            let number = u32::try_from(self.spaces.len()).ok();
            if let Some(slot) = self.by_id.get_mut(id.number()) {
                *slot = number;
            }
            let space = self.described(id, entry);
            self.spaces.push(space);
            self.nested.push(entry.is_nested);
            return Pushed::Taken;
        };
        let was_nested = self.nested.get(number).copied().unwrap_or(false);
        let was_stub = self.spaces.get(number).is_some_and(|it| it.is_stub);
        if (entry.is_stub, entry.is_nested) < (was_stub, was_nested) {
            let space = self.described(id, entry);
            if let (Some(old), Some(nested)) =
                (self.spaces.get_mut(number), self.nested.get_mut(number))
            {
                *old = space;
                *nested = entry.is_nested;
            }
            return Pushed::Taken;
        }
        if entry.is_nested || was_nested {
            Pushed::Known
        } else {
            Pushed::Duplicate
        }
    }

    /// Says that `child` is one level below `parent`.
    pub fn claim(&mut self, parent: &str, child: &str) {
        let claim = (self.texts.intern(parent), self.texts.intern(child));
        self.claims.push(claim);
    }

    /// The spaces in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Space> {
        self.spaces.iter()
    }

    /// A text of one of its spaces.
    pub fn text(&self, id: TextId) -> &str {
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

    /// Bytes that the list holds.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn held_bytes(&self) -> usize {
        self.texts.held_bytes()
            + self.spaces.capacity() * size_of::<Space>()
            + self.labels.capacity() * size_of::<SpaceLabel>()
            + self.claims.capacity() * size_of::<(TextId, TextId)>()
            + self.by_id.capacity() * size_of::<Option<u32>>()
            + self.nested.capacity()
    }

    fn described(&mut self, id: TextId, entry: &SpaceEntry<'_>) -> Space {
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
