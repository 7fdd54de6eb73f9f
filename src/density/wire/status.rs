//! Health statuses: the documented ones, and a few others that are exposed by name.

use std::sync::{Arc, Mutex, PoisonError};

use crate::snapshot::{OtherStatuses, SharedStr, Status};

/// How many undocumented statuses are exposed by name, so that the API can't create unlimited series.
const MAX_OTHER: u8 = 8;
/// A longer text is not taken for a status.
const MAX_LENGTH: usize = 64;

/// The undocumented statuses of one organization, which all its endpoints share, so that they keep their
/// numbers from answer to answer.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Statuses(Arc<Mutex<Vec<SharedStr>>>);

impl Statuses {
    /// The status of that name; none for an empty name.
    pub(in super::super) fn read(&self, name: &str) -> Option<Status> {
        if name.is_empty() {
            return None;
        }
        if let Some(status) = Status::documented(name) {
            return Some(status);
        }
        let mut others = self.others();
        let known = (0..MAX_OTHER).zip(others.iter()).find(|it| **it.1 == *name);
        if let Some((number, _)) = known {
            return Some(Status::Other(number));
        }
        match u8::try_from(others.len()) {
            Ok(number) if number < MAX_OTHER && name.len() <= MAX_LENGTH => {
                others.push(SharedStr::from(name));
                Some(Status::Other(number))
            }
            // The number after those that are exposed by name.
            _ => Some(Status::Other(MAX_OTHER)),
        }
    }

    /// The names by number.
    pub(in super::super) fn names(&self) -> OtherStatuses {
        let others = self.others();
        let none = || SharedStr::from("");
        let named = others.iter().cloned().chain(std::iter::repeat_with(none));
        let named = named.take(usize::from(MAX_OTHER));
        named.chain([SharedStr::from("other")]).collect()
    }

    fn others(&self) -> std::sync::MutexGuard<'_, Vec<SharedStr>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_undocumented_statuses_are_passed_on_and_then_no_more() {
        let statuses = Statuses::default();
        let name = |name: &str| {
            let status = statuses.read(name)?;
            Some(status.name(&statuses.names()).to_owned())
        };
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
