//! A space as the API describes it.

use super::Text;

/// The lifecycle of what is in use.
pub const LIVE: &str = "live";

/// A place at any level of the tree, from the whole portfolio to a desk. Text that the API does not
/// give is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// `spc_…`; never empty.
    pub id: Text,
    /// What people call it.
    pub name: Text,
    /// `portfolio`, `region`, `campus`, `building`, `floor`, `space`, or what the API newly says.
    pub space_type: Text,
    /// What it is used as: `meeting_room`, `desk`, …
    pub function: Text,
    /// What counts there: `oa`, `entry`, …
    pub counting_mode: Text,
    /// An IANA name.
    pub time_zone: Text,
    /// `live`, `planning` or another word, in lower case; empty counts as live.
    pub status: Text,
    /// How many people it is meant for.
    pub capacity: Option<f64>,
    /// The labels that people gave it; each pair once.
    pub labels: Box<[SpaceLabel]>,
}

impl Space {
    /// A space of which only the id is known.
    pub fn of_id(id: Text) -> Self {
        let none: Text = Text::from("");
        Self {
            id,
            name: none.clone(),
            space_type: none.clone(),
            function: none.clone(),
            counting_mode: none.clone(),
            time_zone: none.clone(),
            status: none,
            capacity: None,
            labels: Box::default(),
        }
    }

    /// Whether the space itself is in use.
    pub fn is_live(&self) -> bool {
        self.status.is_empty() || &*self.status == LIVE
    }
}

/// A label of Density's: a name in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpaceLabel {
    /// The group's name; empty where it has none.
    pub group: Text,
    /// The label's name.
    pub name: Text,
}
