//! Authentication: a static token, or OAuth client credentials exchanged for one.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Instant;
use crate::config::{Auth, SecretSource};

use super::wire::{Token, TokenDecoder};
use super::{Endpoint, Error, ErrorKind, Exchange};

/// A token is renewed this long before it expires, or after nine tenths of a short lifetime.
const RENEW_AHEAD: Duration = Duration::from_secs(300);
/// How long renewal backs off after a failure while the old token is still valid.
const RENEWAL_BACKOFF: Duration = Duration::from_secs(30);

/// Provides the token of each request. Clones share it.
#[derive(Clone, Debug)]
pub struct Authenticator(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Static(SecretSource),
    OAuth(Arc<OAuth>),
}

#[derive(Debug)]
struct OAuth {
    client_id: String,
    client_secret: SecretSource,
    /// The current token.
    cached: std::sync::Mutex<Option<CachedToken>>,
    /// Held while a token is fetched, so that all requests wait for one fetch.
    fetches: tokio::sync::Mutex<Fetches>,
}

#[derive(Debug, Default)]
struct Fetches {
    /// The error and the time of the last fetch, if it failed.
    failure: Option<(Error, Instant)>,
    issued: u64,
}

#[derive(Clone, Debug)]
struct CachedToken {
    bearer: Bearer,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
}

/// A token to be sent with one request.
#[derive(Clone, Debug)]
pub(super) struct Bearer {
    pub(super) secret: SecretString,
    /// The number of the token; none for a static one, which can't be renewed.
    number: Option<u64>,
}

impl Authenticator {
    /// An authenticator with the configured credentials.
    pub fn new(auth: &Auth) -> Self {
        Self(match auth {
            Auth::Token(source) => Kind::Static(source.clone()),
            Auth::ClientCredentials {
                client_id,
                client_secret,
            } => Kind::OAuth(Arc::new(OAuth {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                cached: std::sync::Mutex::default(),
                fetches: tokio::sync::Mutex::default(),
            })),
        })
    }

    /// The token to send now. Fetches one when there is none, and renews one in the background that is about
    /// to expire. `since` is when the request started to need one; `is_retry` says whether it is sent again.
    pub(super) async fn bearer(
        &self,
        exchange: &Arc<Exchange>,
        since: Instant,
        deadline: Instant,
        is_retry: bool,
    ) -> Result<Bearer, Error> {
        match &self.0 {
            Kind::Static(source) => Ok(Bearer {
                secret: source
                    .read()
                    .map_err(|error| failure(ErrorKind::Secret(error)))?,
                number: None,
            }),
            Kind::OAuth(oauth) => oauth.bearer(exchange, since, deadline, is_retry).await,
        }
    }

    /// Drops `bearer`, which the API did not accept, and returns whether another can be fetched. However many
    /// requests failed with the same token, it is renewed once.
    pub(super) fn invalidate(&self, bearer: &Bearer) -> bool {
        let (Kind::OAuth(oauth), Some(number)) = (&self.0, bearer.number) else {
            return false;
        };
        oauth
            .cached()
            .take_if(|cached| cached.bearer.number == Some(number));
        true
    }
}

impl OAuth {
    async fn bearer(
        self: &Arc<Self>,
        exchange: &Arc<Exchange>,
        since: Instant,
        deadline: Instant,
        is_retry: bool,
    ) -> Result<Bearer, Error> {
        if let Some(bearer) = self.valid_token(exchange) {
            return Ok(bearer);
        }
        let wait = deadline.since(exchange.clock.now());
        let Ok(mut fetches) = tokio::time::timeout(wait, self.fetches.lock()).await else {
            return Err(failure(ErrorKind::Timeout { after: wait }));
        };
        // Another request may have fetched it meanwhile.
        let now = exchange.clock.now();
        if let Some(cached) = self.cached().as_ref().filter(|it| it.is_valid(now)) {
            return Ok(cached.bearer.clone());
        }
        // A failure since then counts for this request too, whether it waited for that fetch or was just too
        // late to wait.
        if let Some((error, at)) = &fetches.failure
            && *at >= since
        {
            return Err(error.clone());
        }
        let is_token_retry = is_retry && fetches.failure.is_some();
        let bearer = self.fetch_and_cache(exchange, &mut fetches, deadline).await;
        if is_token_retry && bearer.as_ref().map_or_else(Error::was_sent, |_| true) {
            exchange.observer.retried(Endpoint::Token);
        }
        bearer
    }

    /// The cached token, if it is valid. One that is about to expire is renewed in the background, because
    /// the token endpoint may hang and requests must not wait for it.
    fn valid_token(self: &Arc<Self>, exchange: &Arc<Exchange>) -> Option<Bearer> {
        let now = exchange.clock.now();
        let cached = self.cached().clone().filter(|it| it.is_valid(now))?;
        if cached.renew_at.is_some_and(|at| at <= now) {
            let (oauth, exchange) = (self.clone(), exchange.clone());
            tokio::spawn(async move { oauth.renew(&exchange).await });
        }
        Some(cached.bearer)
    }

    /// Renews the token, unless it is being renewed or has just been.
    async fn renew(&self, exchange: &Exchange) {
        let Ok(mut fetches) = self.fetches.try_lock() else {
            return;
        };
        let now = exchange.clock.now();
        let renewed = |it: &CachedToken| it.renew_at.is_none_or(|at| now < at);
        let backs_off = |at: &Instant| now.since(*at) < RENEWAL_BACKOFF;
        if self.cached().as_ref().is_some_and(renewed)
            || fetches
                .failure
                .as_ref()
                .is_some_and(|(_, at)| backs_off(at))
        {
            return;
        }
        let deadline = now + exchange.timeout;
        if let Err(error) = self.fetch_and_cache(exchange, &mut fetches, deadline).await {
            tracing::warn!(
                organization = %exchange.organization,
                %error,
                "renewing the token failed; the old one still lasts"
            );
        }
    }

    async fn fetch_and_cache(
        &self,
        exchange: &Exchange,
        fetches: &mut Fetches,
        deadline: Instant,
    ) -> Result<Bearer, Error> {
        let fetched = self.fetch(exchange, deadline).await;
        match fetched {
            Ok(token) => {
                fetches.issued = fetches.issued.saturating_add(1);
                fetches.failure = None;
                let cached = CachedToken::new(token, fetches.issued, exchange);
                let bearer = cached.bearer.clone();
                *self.cached() = Some(cached);
                Ok(bearer)
            }
            Err(kind) => {
                let error = failure(kind);
                fetches.failure = Some((error.clone(), exchange.clock.now()));
                Err(error)
            }
        }
    }

    async fn fetch(&self, exchange: &Exchange, deadline: Instant) -> Result<Token, ErrorKind> {
        let secret = self.client_secret.read().map_err(ErrorKind::Secret)?;
        let body = serde_json::json!({
            "client_id": self.client_id,
            "client_secret": secret.expose_secret(),
            "grant_type": "client_credentials",
        });
        let body = Bytes::from(body.to_string());
        exchange
            .send(
                Endpoint::Token,
                None,
                Some(body),
                deadline,
                TokenDecoder::default(),
            )
            .await
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, Option<CachedToken>> {
        // Nothing panics while it is held.
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedToken {
    #[expect(clippy::arithmetic_side_effects, reason = "It is divided by ten.")]
    fn new(token: Token, number: u64, exchange: &Exchange) -> Self {
        let now = exchange.clock.now();
        let expiry = token
            .lifetime
            .and_then(|it| exchange.clock.wall().checked_add(it));
        exchange.observer.token_issued(expiry);
        Self {
            bearer: Bearer {
                secret: token.secret,
                number: Some(number),
            },
            renew_at: token
                .lifetime
                .map(|it| now + it.saturating_sub(RENEW_AHEAD.min(it / 10))),
            expires_at: token.lifetime.map(|it| now + it),
        }
    }

    fn is_valid(&self, now: Instant) -> bool {
        self.expires_at.is_none_or(|it| now < it)
    }
}

fn failure(kind: ErrorKind) -> Error {
    Error {
        endpoint: Endpoint::Token,
        kind,
    }
}
