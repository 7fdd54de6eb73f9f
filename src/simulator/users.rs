//! The users of the organization: the one thing that the API can change.
//!
//! The people are invented; the canary, if there is one, is among them.

use serde::Serialize;

use super::timestamp;

const NAMES: [&str; 5] = [
    "Ada Beispiel",
    "Bo Ejemplo",
    "Chidi Exemple",
    "Dana \"Dee\" Sample",
    "Eun-ji 예시",
];

/// The roles that a user can have.
pub(crate) const ROLES: [&str; 4] = ["owner", "admin", "read_only", "service"];

/// One user.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct User {
    created_at: String,
    email: String,
    pub(crate) full_name: String,
    id: String,
    pub(crate) role: String,
    pub(crate) spaces: Vec<String>,
}

/// All users.
#[derive(Debug)]
pub(crate) struct Users {
    all: Vec<User>,
    created: usize,
}

impl Users {
    pub(crate) fn new(canary: Option<&str>, at: i64) -> Self {
        let mut users = Self {
            all: Vec::new(),
            created: 0,
        };
        let names = NAMES.into_iter().chain(canary);
        for ((name, role), number) in names.zip(ROLES.into_iter().cycle()).zip(1..) {
            let email = format!("user{number}@example.com");
            users.create(email, name.to_owned(), role.to_owned(), Vec::new(), at);
        }
        users
    }

    /// Creates a user at `at`, in seconds since the Unix epoch.
    pub(crate) fn create(
        &mut self,
        email: String,
        full_name: String,
        role: String,
        spaces: Vec<String>,
        at: i64,
    ) -> User {
        self.created += 1;
        let user = User {
            created_at: timestamp::utc(at),
            email,
            full_name,
            id: format!("usr_{:08}", self.created),
            role,
            spaces,
        };
        self.all.push(user.clone());
        user
    }

    pub(crate) fn all(&self) -> &[User] {
        &self.all
    }

    pub(crate) fn find(&mut self, id: &str) -> Option<&mut User> {
        self.all.iter_mut().find(|user| user.id == id)
    }

    /// Whether there was such a user.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|user| user.id != id);
        self.all.len() < before
    }
}
