//! Health statuses: the documented ones, and the few others that are passed on.

use std::sync::{Arc, Mutex, PoisonError};

use crate::snapshot::{Status, Text};

/// How many undocumented statuses are passed on by name; the API could otherwise make series without
/// end.
const PASSED_ON: usize = 8;
/// No status is longer; what is, is not a status.
const LONGEST: usize = 64;

/// Remembers which undocumented statuses are passed on, so that they stay the same from answer to
/// answer. One organization's endpoints share it.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Statuses(Arc<Mutex<Vec<Text>>>);

impl Statuses {
    /// The status of that name; nothing for an empty one.
    pub(super) fn read(&self, name: &str) -> Option<Status> {
        if name.is_empty() {
            return None;
        }
        if let Some(status) = Status::documented(name) {
            return Some(status);
        }
        // Nothing panics while it is held.
        let mut others = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match others.iter().find(|it| &***it == name) {
            Some(known) => known.clone(),
            None if others.len() < PASSED_ON && name.len() <= LONGEST => {
                let name = Text::from(name);
                others.push(name.clone());
                name
            }
            None => Text::from("other"),
        };
        Some(Status::Other(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_undocumented_statuses_are_passed_on_and_then_no_more() {
        let statuses = Statuses::default();
        let name = |name: &str| statuses.read(name).map(|it| it.name().to_owned());
        assert_eq!(name("healthy").as_deref(), Some("healthy"));
        assert_eq!(name(""), None);
        assert_eq!(name(&"x".repeat(65)).as_deref(), Some("other"));
        for number in 0..8 {
            let new = format!("new{number}");
            assert_eq!(name(&new).as_ref(), Some(&new));
        }
        assert_eq!(name("new8").as_deref(), Some("other"));
        assert_eq!(name("new0").as_deref(), Some("new0"));
    }
}
