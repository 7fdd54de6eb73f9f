//! Who may ask: the static token and the OAuth tokens that were issued.
//!
//! Tokens are made from a counter and a seed, which is good enough for a simulator and for nothing
//! else.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::dice::{Dice, Topic};
use super::options::Access;
use crate::clock::Instant;

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody with the static token.
    Static,
    /// Somebody with an OAuth token, the n-th that was issued.
    OAuth(u64),
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no proper `Authorization` header: 403.
    NoCredentials,
    /// The token is wrong or expired: 401.
    BadToken,
}

/// The tokens that are accepted.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: u64,
    valid: HashMap<String, (u64, Instant)>,
}

impl Tokens {
    /// How many were issued so far.
    pub(crate) const fn issued(&self) -> u64 {
        self.issued
    }

    /// Issues a new token.
    pub(crate) fn issue(&mut self, access: &Access, seed: u64, now: Instant) -> String {
        self.valid.retain(|_, (_, expires)| *expires > now);
        self.issued += 1;
        // It looks like a JWT, whose parts begin like this.
        let dice = Dice::new(seed);
        let token = format!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJzaW11bGF0ZWQifQ.{:016x}{:016x}",
            dice.roll(Topic::Serials, self.issued),
            self.issued,
        );
        let expires = now + access.token_lifetime;
        self.valid.insert(token.clone(), (self.issued, expires));
        token
    }

    /// From now on no issued token is accepted.
    pub(crate) fn expire_all(&mut self) {
        self.valid.clear();
    }

    /// Whose request it is that has this `Authorization` header.
    pub(crate) fn identify(
        &self,
        header: Option<&str>,
        access: &Access,
        now: Instant,
    ) -> Result<Caller, Refusal> {
        let (scheme, token) = header
            .and_then(|header| header.split_once(' '))
            .ok_or(Refusal::NoCredentials)?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return Err(Refusal::NoCredentials);
        }
        if let Some(right) = &access.token
            && right.expose_secret() == token
        {
            return Ok(Caller::Static);
        }
        match self.valid.get(token) {
            Some(&(number, expires)) if expires > now => Ok(Caller::OAuth(number)),
            _ => Err(Refusal::BadToken),
        }
    }
}
