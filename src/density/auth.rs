//! Who is asking: a static token, or OAuth client credentials exchanged for one.

use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::clock::Moment;
use crate::config::{Auth, SecretSource};

use super::wire::{Token, read_token};
use super::{Endpoint, Error, ErrorKind, Exchange};

/// A token is renewed this long before it ends, or after nine tenths of a short life.
const RENEW_AHEAD: Duration = Duration::from_secs(300);

/// Gives each request its token.
#[derive(Debug)]
pub struct Authenticator(Kind);

#[derive(Debug)]
enum Kind {
    Static(SecretSource),
    OAuth(OAuth),
}

#[derive(Debug)]
struct OAuth {
    client_id: String,
    client_secret: SecretSource,
    /// Held while a token is fetched: whoever asks meanwhile waits for that one flight.
    state: Mutex<State>,
    /// Counts flights that have ended, so that whoever waited for one knows that it has failed.
    ended: std::sync::atomic::AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Held>,
    /// How the last flight failed, when it did.
    failure: Option<Error>,
    issued: u64,
}

#[derive(Clone, Debug)]
struct Held {
    secret: SecretString,
    number: u64,
    renew_at: Option<Moment>,
    ends_at: Option<Moment>,
}

/// A token to be sent with one request.
#[derive(Clone, Debug)]
pub(super) struct Bearer {
    pub(super) secret: SecretString,
    /// Which token it is; none of a static one, which can't be renewed.
    number: Option<u64>,
}

impl Authenticator {
    /// As configured.
    pub fn new(auth: &Auth) -> Self {
        Self(match auth {
            Auth::Token(source) => Kind::Static(source.clone()),
            Auth::ClientCredentials {
                client_id,
                client_secret,
            } => Kind::OAuth(OAuth {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                state: Mutex::default(),
                ended: std::sync::atomic::AtomicU64::new(0),
            }),
        })
    }

    /// The token to send now. Fetches one when there is none or it is about to end.
    /// `again`: the request that it is for is sent again.
    pub(super) async fn bearer(
        &self,
        exchange: &Exchange,
        limit: Moment,
        again: bool,
    ) -> Result<Bearer, Error> {
        match &self.0 {
            Kind::Static(source) => Ok(Bearer {
                secret: source.read().map_err(|error| Error {
                    endpoint: Endpoint::Token,
                    kind: ErrorKind::Secret(error),
                })?,
                number: None,
            }),
            Kind::OAuth(oauth) => oauth.bearer(exchange, limit, again).await,
        }
    }

    /// The API did not accept `bearer`: whether another may be had. However many requests were turned
    /// away with the same token, it is renewed once.
    pub(super) async fn not_accepted(&self, bearer: &Bearer) -> bool {
        let (Kind::OAuth(oauth), Some(number)) = (&self.0, bearer.number) else {
            return false;
        };
        let mut state = oauth.state.lock().await;
        state.token.take_if(|held| held.number == number);
        true
    }
}

impl OAuth {
    async fn bearer(
        &self,
        exchange: &Exchange,
        limit: Moment,
        again: bool,
    ) -> Result<Bearer, Error> {
        use std::sync::atomic::Ordering::{Acquire, Release};

        let ended_before = self.ended.load(Acquire);
        let wait = limit.since(exchange.clock.now());
        let Ok(mut state) = tokio::time::timeout(wait, self.state.lock()).await else {
            return Err(failure(ErrorKind::Timeout { after: wait }));
        };
        let now = exchange.clock.now();
        if let Some(held) = &state.token
            && held.renew_at.is_none_or(|at| now < at)
        {
            return Ok(held.bearer());
        }
        // Who waited for a flight that failed shares its failure rather than trying again.
        if self.ended.load(Acquire) != ended_before
            && let Some(error) = &state.failure
        {
            return match state.token.as_ref().filter(|held| held.lasts(now)) {
                Some(held) => Ok(held.bearer()),
                None => Err(error.clone()),
            };
        }
        if again && state.failure.is_some() {
            exchange.observer.retried(Endpoint::Token);
        }
        let fetched = self.fetch(exchange, limit).await;
        self.ended.fetch_add(1, Release);
        match fetched {
            Ok(token) => {
                state.issued += 1;
                let held = Held::new(token, state.issued, exchange);
                let bearer = held.bearer();
                state.token = Some(held);
                state.failure = None;
                Ok(bearer)
            }
            Err(kind) => {
                let error = failure(kind);
                state.failure = Some(error.clone());
                // Renewing ahead leaves time to try again: the old token is still good.
                match state
                    .token
                    .as_ref()
                    .filter(|held| held.lasts(exchange.clock.now()))
                {
                    Some(held) => {
                        tracing::warn!(%error, "renewing the token failed; the old one still lasts");
                        Ok(held.bearer())
                    }
                    None => Err(error),
                }
            }
        }
    }

    async fn fetch(&self, exchange: &Exchange, limit: Moment) -> Result<Token, ErrorKind> {
        let secret = self.client_secret.read().map_err(ErrorKind::Secret)?;
        let body = serde_json::json!({
            "client_id": self.client_id,
            "client_secret": secret.expose_secret(),
            "grant_type": "client_credentials",
        });
        let body = Bytes::from(body.to_string());
        exchange
            .send(Endpoint::Token, None, Some(body), limit, |bytes| {
                read_token(bytes)
            })
            .await
    }
}

impl Held {
    fn new(token: Token, number: u64, exchange: &Exchange) -> Self {
        let now = exchange.clock.now();
        let expiry = token
            .lifetime
            .and_then(|it| exchange.clock.wall().checked_add(it));
        exchange.observer.token_issued(expiry);
        Self {
            secret: token.secret,
            number,
            renew_at: token
                .lifetime
                .map(|it| now + it.saturating_sub(RENEW_AHEAD.min(it / 10))),
            ends_at: token.lifetime.map(|it| now + it),
        }
    }

    fn lasts(&self, now: Moment) -> bool {
        self.ends_at.is_none_or(|it| now < it)
    }

    fn bearer(&self) -> Bearer {
        Bearer {
            secret: self.secret.clone(),
            number: Some(self.number),
        }
    }
}

fn failure(kind: ErrorKind) -> Error {
    Error {
        endpoint: Endpoint::Token,
        kind,
    }
}
