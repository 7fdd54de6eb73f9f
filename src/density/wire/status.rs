//! Health statuses: the documented ones, and the few others that are passed on.

use std::sync::{Arc, Mutex, PoisonError};

use crate::snapshot::{OtherStatuses, SharedStr, Status};

/// How many undocumented statuses are passed on by name; the API could otherwise make series without
/// end.
const PASSED_ON: u8 = 8;
/// No status is longer; what is, is not a status.
const LONGEST: usize = 64;

/// Remembers which undocumented statuses are passed on, so that they stay the same from answer to
/// answer. One organization's endpoints share it.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Statuses(Arc<Mutex<Vec<SharedStr>>>);

impl Statuses {
    /// The status of that name; nothing for an empty one.
    pub(in super::super) fn read(&self, name: &str) -> Option<Status> {
        if name.is_empty() {
            return None;
        }
        if let Some(status) = Status::documented(name) {
            return Some(status);
        }
        let mut others = self.others();
        let known = (0..PASSED_ON).zip(others.iter()).find(|it| **it.1 == *name);
        if let Some((number, _)) = known {
            return Some(Status::Other(number));
        }
        match u8::try_from(others.len()) {
            Ok(number) if number < PASSED_ON && name.len() <= LONGEST => {
                others.push(SharedStr::from(name));
                Some(Status::Other(number))
            }
            // The name that stands behind all that are passed on.
            _ => Some(Status::Other(PASSED_ON)),
        }
    }

    /// The names by number.
    pub(in super::super) fn names(&self) -> OtherStatuses {
        let others = self.others();
        let none = || SharedStr::from("");
        let named = others.iter().cloned().chain(std::iter::repeat_with(none));
        let named = named.take(usize::from(PASSED_ON));
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
