//! Checks passwords with bcrypt, which is slow on purpose, one after the other.
//!
//! A password that was accepted is recognized without bcrypt, by a keyed hash of it that is worth nothing
//! without the key. The key is made at start and written nowhere; the password itself is not kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::hmac;
use ring::rand::SystemRandom;
use secrecy::zeroize::Zeroizing;
use tokio::sync::Semaphore;

use crate::blocking_pool::BlockingPool;

use super::web_config::Users;

/// How many passwords may wait to be checked. Each takes about a tenth of a second.
const MAX_WAITING: usize = 64;

/// Checks passwords.
#[derive(Debug)]
pub(super) struct Passwords {
    /// None when the system gives no random numbers; then no password is recognized.
    key: Option<hmac::Key>,
    /// By user, the hash of what was accepted.
    accepted: Mutex<HashMap<String, hmac::Tag>>,
    pool: BlockingPool,
    waiting: Arc<Semaphore>,
}

/// The user name and password that a client sent.
pub(super) struct Credentials {
    user: String,
    password: Zeroizing<Vec<u8>>,
}

/// Whether a client is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Rejected,
    /// Too many passwords wait to be checked.
    Busy,
}

impl Credentials {
    /// Those of `Authorization: Basic`, if they can be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(AUTHORIZATION)?.as_bytes();
        let (scheme, rest) = value.split_at_checked(6)?;
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return None;
        }
        let text = Zeroizing::new(STANDARD.decode(rest.trim_ascii()).ok()?);
        let colon = text.iter().position(|it| *it == b':')?;
        let (user, password) = text.split_at_checked(colon)?;
        Some(Self {
            user: std::str::from_utf8(user).ok()?.to_owned(),
            password: Zeroizing::new(password.get(1..)?.to_vec()),
        })
    }
}

impl Passwords {
    pub(super) fn new() -> Arc<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok();
        Arc::new(Self {
            key,
            accepted: Mutex::default(),
            pool: BlockingPool::sequential(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
        })
    }

    /// Whether the password is that of one of `users`. Whether there is such a user can't be told from
    /// how long it takes.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Lengths of what is in memory."
    )]
    pub(super) async fn check(self: &Arc<Self>, users: &Users, given: Credentials) -> Verdict {
        let Credentials { user, password } = given;
        let work = users.work(&user, self.number_for(&user));
        // The hash has a fixed length, so with the name's length there is one way to read it.
        let mut identity = Zeroizing::new(Vec::with_capacity(user.len() + password.len() + 68));
        identity.extend_from_slice(&(user.len() as u64).to_be_bytes());
        identity.extend_from_slice(user.as_bytes());
        identity.extend_from_slice(work.hash.as_bytes());
        identity.extend_from_slice(&password);
        if work.user_exists && self.is_remembered(&user, &identity) {
            return Verdict::Accepted;
        }
        let Ok(permit) = self.waiting.clone().try_acquire_owned() else {
            return Verdict::Busy;
        };
        let passwords = self.clone();
        let checked = self.pool.run(move || {
            let _permit = permit;
            // Another scrape may have brought the same password while this one waited.
            if work.user_exists && passwords.is_remembered(&user, &identity) {
                return true;
            }
            let is_correct = bcrypt::verify(password.as_slice(), &work.hash).unwrap_or(false);
            let is_correct = is_correct && work.user_exists;
            if is_correct {
                passwords.remember(user, &identity);
            }
            is_correct
        });
        match checked.await {
            Ok(true) => Verdict::Accepted,
            Ok(false) => Verdict::Rejected,
            Err(_) => Verdict::Busy,
        }
    }

    /// A number that can't be predicted, always the same for the same name.
    fn number_for(&self, user: &str) -> u64 {
        let tag = self.key.as_ref().map(|it| hmac::sign(it, user.as_bytes()));
        let bytes = tag.as_ref().and_then(|it| it.as_ref().first_chunk());
        bytes.copied().map_or(0, u64::from_be_bytes)
    }

    fn is_remembered(&self, user: &str, identity: &[u8]) -> bool {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        match (&self.key, accepted.get(user)) {
            // Takes the same time wherever they differ.
            (Some(key), Some(tag)) => hmac::verify(key, identity, tag.as_ref()).is_ok(),
            _ => false,
        }
    }

    fn remember(&self, user: String, identity: &[u8]) {
        if let Some(key) = &self.key {
            let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            accepted.insert(user, hmac::sign(key, identity));
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn credentials_are_read_as_gos_standard_library_reads_them() {
        let read = |value: &str| {
            let value = HeaderValue::from_str(value).unwrap();
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
            Credentials::of(&headers).map(|it| (it.user, it.password.to_vec()))
        };
        let found = |user: &str, password: &str| Some((user.to_owned(), password.into()));
        assert_eq!(read("Basic YWxpY2U6c2VjcmV0"), found("alice", "secret"));
        assert_eq!(read("bAsIc YWxpY2U6YTpi"), found("alice", "a:b"));
        assert_eq!(read("Basic Og=="), found("", ""));
        for bad in [
            "",
            "Basic",
            "Basic ",
            "Basic YWxpY2U=",
            "Basic %",
            "Bearer YTpi",
            "Basic Og",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
