//! `basic_auth_users`: who may ask, each with the hash of a password.
//!
//! No message holds a hash, and `Debug` shows names only.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bcrypt::HashParts;

use crate::yaml::error::quoted;
use crate::yaml::scalar::Scalar;
use crate::yaml::section::Section;

use super::raw;

/// Above it, one password takes a minute and more, so it is a slip of the finger.
const HIGHEST_COST: u32 = 18;
const LOWEST_COST: u32 = 4;

/// Names with their hashes.
#[derive(Default)]
pub(in crate::http) struct Users(BTreeMap<String, String>);

/// What a password is compared with.
pub(in crate::http) struct Work {
    /// A bcrypt hash.
    pub(in crate::http) hash: String,
    /// Whether there is such a user. Without one the hash is nobody's, and as costly as a user's.
    pub(in crate::http) user_exists: bool,
}

impl Users {
    /// Whether there are none, so that everyone may ask.
    pub(in crate::http) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the password of `name` is compared with. `number` is the same for the same name: users may
    /// differ in the cost of their hashes, and names that don't exist must not be recognizable by always having
    /// the same one.
    pub(in crate::http) fn work(&self, name: &str, number: u64) -> Work {
        if let Some(hash) = self.0.get(name) {
            return Work {
                hash: hash.clone(),
                user_exists: true,
            };
        }
        let index = number.checked_rem(self.0.len() as u64).unwrap_or(0);
        let index = usize::try_from(index).unwrap_or(0);
        let hash = self.0.values().nth(index);
        let cost = hash.and_then(|it| it.get(4..6)).unwrap_or("10");
        Work {
            // Salt and hash are all zero bits.
            hash: format!("$2b${cost}${}", ".".repeat(53)),
            user_exists: false,
        }
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Checks names and hashes.
pub(super) fn check(raw: &raw::Users, mut section: Section<'_>) -> Users {
    let mut users = Users::default();
    for (name, node) in raw {
        // A colon ends the name in what a client sends.
        if name.is_empty() || name.contains(':') || name.len() > 200 {
            let message =
                "has a name that no client can send; write 1 to 200 characters without a colon";
            section.refuse("", node.position, message);
        } else if node.value == Scalar::Null {
            // `{ 3f9c… }` is a name without a value: it may be a password or a hash.
            let message = "has a name without a hash; write what `htpasswd -nBC 10 NAME` prints";
            section.refuse("", node.position, message);
        } else if let Some(hash) = section.value(quoted(name).trim_matches('"'), node, hash) {
            users.0.insert(name.clone(), hash);
        }
    }
    users
}

fn hash(value: &Scalar) -> Result<String, String> {
    let Scalar::Text(text) = value else {
        return Err(NO_HASH.to_owned());
    };
    let cost = HashParts::from_str(text).map_err(|_| NO_HASH)?.get_cost();
    if !(LOWEST_COST..=HIGHEST_COST).contains(&cost) {
        return Err(format!(
            "has the cost {cost}; hash it again with one from {LOWEST_COST} to {HIGHEST_COST}"
        ));
    }
    Ok(text.clone())
}

const NO_HASH: &str =
    "is no bcrypt hash; write what `htpasswd -nBC 10 NAME` prints behind the colon";
