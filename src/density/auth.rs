//! Who is asking: a static token, or OAuth client credentials exchanged for one.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Instant;
use crate::config::{Auth, SecretSource};

use super::wire::{Token, TokenReader};
use super::{Endpoint, Error, ErrorKind, Exchange};

/// A token is renewed this long before it ends, or after nine tenths of a short life.
const RENEW_AHEAD: Duration = Duration::from_secs(300);
/// How long renewing ahead rests after it failed: the old token still lasts.
const REST: Duration = Duration::from_secs(30);

/// Gives each request its token. Clones share it.
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
    /// The token that is sent now.
    held: std::sync::Mutex<Option<Held>>,
    /// Held while a token is fetched: whoever needs one waits for that one flight.
    flight: tokio::sync::Mutex<Flights>,
}

#[derive(Debug, Default)]
struct Flights {
    /// How the last flight failed, when it did, and when.
    failure: Option<(Error, Instant)>,
    issued: u64,
}

#[derive(Clone, Debug)]
struct Held {
    bearer: Bearer,
    renew_at: Option<Instant>,
    ends_at: Option<Instant>,
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
            } => Kind::OAuth(Arc::new(OAuth {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                held: std::sync::Mutex::default(),
                flight: tokio::sync::Mutex::default(),
            })),
        })
    }

    /// The token to send now. Fetches one when there is none, and renews one that is about to end
    /// behind the request's back. `since`: when the request began to want one; `again`: it is sent
    /// again.
    pub(super) async fn bearer(
        &self,
        exchange: &Arc<Exchange>,
        since: Instant,
        deadline: Instant,
        again: bool,
    ) -> Result<Bearer, Error> {
        match &self.0 {
            Kind::Static(source) => Ok(Bearer {
                secret: source
                    .read()
                    .map_err(|error| failure(ErrorKind::Secret(error)))?,
                number: None,
            }),
            Kind::OAuth(oauth) => oauth.bearer(exchange, since, deadline, again).await,
        }
    }

    /// The API did not accept `bearer`: whether another may be had. However many requests were turned
    /// away with the same token, it is renewed once.
    pub(super) fn not_accepted(&self, bearer: &Bearer) -> bool {
        let (Kind::OAuth(oauth), Some(number)) = (&self.0, bearer.number) else {
            return false;
        };
        oauth
            .held()
            .take_if(|held| held.bearer.number == Some(number));
        true
    }
}

impl OAuth {
    async fn bearer(
        self: &Arc<Self>,
        exchange: &Arc<Exchange>,
        since: Instant,
        deadline: Instant,
        again: bool,
    ) -> Result<Bearer, Error> {
        if let Some(bearer) = self.good_token(exchange) {
            return Ok(bearer);
        }
        let wait = deadline.since(exchange.clock.now());
        let Ok(mut flights) = tokio::time::timeout(wait, self.flight.lock()).await else {
            return Err(failure(ErrorKind::Timeout { after: wait }));
        };
        // Someone else may have fetched it meanwhile.
        let now = exchange.clock.now();
        if let Some(held) = self.held().as_ref().filter(|it| it.lasts(now)) {
            return Ok(held.bearer.clone());
        }
        // A failure since then is the answer to this request too, whether it waited for that flight
        // or came a moment too late to wait.
        if let Some((error, at)) = &flights.failure
            && *at >= since
        {
            return Err(error.clone());
        }
        let is_retry = again && flights.failure.is_some();
        let bearer = self.fly(exchange, &mut flights, deadline).await;
        if is_retry && bearer.as_ref().map_or_else(Error::was_sent, |_| true) {
            exchange.observer.retried(Endpoint::Token);
        }
        bearer
    }

    /// The token at hand, if it still lasts. One that is about to end is renewed behind its back: the
    /// token endpoint may hang, and the data must not wait for it.
    fn good_token(self: &Arc<Self>, exchange: &Arc<Exchange>) -> Option<Bearer> {
        let now = exchange.clock.now();
        let held = self.held().clone().filter(|it| it.lasts(now))?;
        if held.renew_at.is_some_and(|at| at <= now) {
            let (oauth, exchange) = (self.clone(), exchange.clone());
            tokio::spawn(async move { oauth.renew(&exchange).await });
        }
        Some(held.bearer)
    }

    /// Renews the token, unless somebody is at it, or was just now.
    async fn renew(&self, exchange: &Exchange) {
        let Ok(mut flights) = self.flight.try_lock() else {
            return;
        };
        let now = exchange.clock.now();
        let renewed = |it: &Held| it.renew_at.is_none_or(|at| now < at);
        let rests = |at: &Instant| now.since(*at) < REST;
        if self.held().as_ref().is_some_and(renewed)
            || flights.failure.as_ref().is_some_and(|(_, at)| rests(at))
        {
            return;
        }
        let deadline = now + exchange.timeout;
        if let Err(error) = self.fly(exchange, &mut flights, deadline).await {
            tracing::warn!(
                organization = %exchange.organization,
                %error,
                "renewing the token failed; the old one still lasts"
            );
        }
    }

    async fn fly(
        &self,
        exchange: &Exchange,
        flights: &mut Flights,
        deadline: Instant,
    ) -> Result<Bearer, Error> {
        let fetched = self.fetch(exchange, deadline).await;
        match fetched {
            Ok(token) => {
                flights.issued = flights.issued.saturating_add(1);
                flights.failure = None;
                let held = Held::new(token, flights.issued, exchange);
                let bearer = held.bearer.clone();
                *self.held() = Some(held);
                Ok(bearer)
            }
            Err(kind) => {
                let error = failure(kind);
                flights.failure = Some((error.clone(), exchange.clock.now()));
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
                TokenReader::default(),
            )
            .await
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        // Nothing panics while it is held.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
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
            ends_at: token.lifetime.map(|it| now + it),
        }
    }

    fn lasts(&self, now: Instant) -> bool {
        self.ends_at.is_none_or(|it| now < it)
    }
}

fn failure(kind: ErrorKind) -> Error {
    Error {
        endpoint: Endpoint::Token,
        kind,
    }
}
