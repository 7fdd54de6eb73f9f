//! Tokens: the static one and the OAuth tokens that were issued.
//!
//! Tokens are made from a counter and a seed, which is good enough for a simulator and for nothing
//! else.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::options::Access;
use super::rng::{Rng, Topic};
use crate::clock::Instant;

/// The credentials of an accepted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// The static token.
    Static,
    /// An OAuth token, the n-th that was issued.
    OAuth(u64),
}

/// Why a request is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// There is no bearer token in an `Authorization` header.
    Missing,
    /// The token is wrong or expired.
    Invalid,
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
        let rng = Rng::new(seed);
        let token = format!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJzaW11bGF0ZWQifQ.{:016x}{:016x}",
            rng.sample(Topic::Serials, self.issued),
            self.issued,
        );
        let expires = now + access.token_lifetime;
        self.valid.insert(token.clone(), (self.issued, expires));
        token
    }

    /// Expires every token that was issued.
    pub(crate) fn expire_all(&mut self) {
        self.valid.clear();
    }

    /// Identifies the token of an `Authorization` header.
    pub(crate) fn identify(
        &self,
        header: Option<&str>,
        access: &Access,
        now: Instant,
    ) -> Result<Credentials, TokenError> {
        let (scheme, token) = header
            .and_then(|header| header.split_once(' '))
            .ok_or(TokenError::Missing)?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return Err(TokenError::Missing);
        }
        if let Some(right) = &access.token
            && right.expose_secret() == token
        {
            return Ok(Credentials::Static);
        }
        match self.valid.get(token) {
            Some(&(number, expires)) if expires > now => Ok(Credentials::OAuth(number)),
            _ => Err(TokenError::Invalid),
        }
    }
}
