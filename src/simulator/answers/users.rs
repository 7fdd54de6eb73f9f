//! The users of the organization: the one thing that the API lets change.
//!
//! The people are invented; the canary, if there is one, is among them.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{Answer, Problem, Shape, list, single, stamp};
use crate::simulator::endpoint::Route;

const PEOPLE: [&str; 5] = [
    "Ada Beispiel",
    "Bo Ejemplo",
    "Chidi Exemple",
    "Dana \"Dee\" Sample",
    "Eun-ji 예시",
];
const ROLES: [&str; 4] = ["owner", "admin", "read_only", "service"];

/// One user.
#[derive(Clone, Debug, Serialize)]
struct User {
    created_at: String,
    email: String,
    full_name: String,
    id: String,
    role: String,
    spaces: Vec<String>,
}

/// What a request says of a user.
#[derive(Debug, Deserialize)]
struct Wanted {
    email: Option<String>,
    full_name: Option<String>,
    role: Option<String>,
    spaces: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Deleted {
    code: u16,
    message: &'static str,
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
        for name in PEOPLE.into_iter().chain(canary) {
            let email = format!("user{}@example.com", users.created + 1);
            let role = ROLES.get(users.created % ROLES.len()).copied();
            users.add(
                name.to_owned(),
                email,
                role.unwrap_or("admin").to_owned(),
                Vec::new(),
                at,
            );
        }
        users
    }

    fn add(
        &mut self,
        full_name: String,
        email: String,
        role: String,
        spaces: Vec<String>,
        at: i64,
    ) -> User {
        self.created += 1;
        let user = User {
            created_at: stamp::utc(at),
            email,
            full_name,
            id: format!("usr_{:08}", self.created),
            role,
            spaces,
        };
        self.all.push(user.clone());
        user
    }

    /// Answers `/v3/users` and `/v3/users/{id}`.
    pub(crate) fn answer(
        &mut self,
        method: &Method,
        route: &Route,
        body: &[u8],
        at: i64,
    ) -> Result<Answer, Problem> {
        let Route::User(id) = route else {
            if method == Method::GET {
                return list(Shape::Bare, self.all.iter());
            }
            let wanted = read(body)?;
            let (Some(email), Some(full_name), Some(role)) =
                (wanted.email, wanted.full_name, wanted.role)
            else {
                return Err(Problem::new(400, "email, full_name and role are needed"));
            };
            return single(&self.add(
                full_name,
                email,
                role,
                wanted.spaces.unwrap_or_default(),
                at,
            ));
        };
        let found = self.all.iter().position(|user| user.id == *id);
        let missing = || Problem::new(404, "resource not found");
        if method == Method::DELETE {
            self.all.remove(found.ok_or_else(missing)?);
            return single(&Deleted {
                code: 200,
                message: "user deleted",
            });
        }
        let user = found
            .and_then(|at| self.all.get_mut(at))
            .ok_or_else(missing)?;
        if method == Method::PATCH {
            let wanted = read(body)?;
            user.full_name = wanted.full_name.unwrap_or_else(|| user.full_name.clone());
            user.role = wanted.role.unwrap_or_else(|| user.role.clone());
            user.spaces = wanted.spaces.unwrap_or_else(|| user.spaces.clone());
        }
        single(user)
    }
}

fn read(body: &[u8]) -> Result<Wanted, Problem> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|error| {
        Problem::new(400, format!("request data was missing or invalid: {error}"))
    })?;
    match &wanted.role {
        Some(role) if !ROLES.contains(&role.as_str()) => {
            Err(Problem::new(400, "role is not known"))
        }
        _ => Ok(wanted),
    }
}
