//! A Density API that runs anywhere: the same routes and shapes, a living building, faults on demand.
//!
//! Used by `demo`, `simulate`, tests and benchmarks. It must never be used by `serve`, and uses
//! nothing of the exporter but the clock: it writes its own JSON, so that it is a fair test of the
//! client. What is read from what:
//!
//! - `portfolio`: the places and sensors, made once from a seed. `people` and `health`: what happens
//!   there by itself, as pure functions of time. `changes`: what events did. `world`: all of it at
//!   one moment; the answers and the truth are read from there.
//! - `answers`: one function an endpoint. `traffic`: counters, rate limit, tokens and faults.
//!   `sabotage`: what faults do to answers. `server`: sockets. `control`: `/simulator/…`.

mod answers;
mod calls;
mod changes;
mod control;
mod dice;
mod endpoint;
mod event;
mod fault;
mod health;
mod limit;
mod malformed;
mod options;
mod people;
mod portfolio;
mod reply;
mod sabotage;
mod server;
mod syntax;
mod tokens;
mod traffic;
mod truth;
mod world;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, header};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

pub use calls::Calls;
pub use endpoint::EndpointName;
pub use event::{Change, Event, EventError, Target};
pub use fault::{Fault, FaultKind};
pub use health::Health;
pub use malformed::{MalformedEntry, PERSON, Verdict, malformed_count, malformed_entries};
pub use options::{
    Access, Client, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TOKEN, ExpiresIn, Nesting,
    Options, Wrapping,
};
pub use syntax::FaultError;
pub use truth::Truth;

use answers::{Answer, Book, Problem, Users};
use changes::Changes;
use endpoint::Route;
use health::Living;
use portfolio::Portfolio;
use reply::Reply;
use tokens::{Caller, Refusal};
use traffic::{Fate, Traffic};
use world::World;

use crate::clock::{SharedClock, unix_seconds};

/// A simulated Density API; share it as `Arc<Simulator>`.
#[derive(Debug)]
pub struct Simulator {
    options: Options,
    clock: SharedClock,
    portfolio: Portfolio,
    living: Living,
    changes: RwLock<Changes>,
    users: Mutex<Users>,
    traffic: Mutex<Traffic>,
}

impl Simulator {
    /// Builds the portfolio; nothing listens yet.
    pub fn new(options: Options, clock: SharedClock) -> Arc<Self> {
        let portfolio = Portfolio::new(&options);
        let started = wall_seconds(&clock);
        Arc::new(Self {
            living: Living {
                dice: portfolio.dice,
                sensors: portfolio.sensors.len(),
                steady: options.steady,
                started,
            },
            changes: RwLock::default(),
            users: Mutex::new(Users::new(options.canary.as_deref(), started)),
            traffic: Mutex::new(Traffic::new(&options, clock.now())),
            portfolio,
            clock,
            options,
        })
    }

    /// Answers one request without a socket, in the same way as the server does.
    ///
    /// A hanging fault never returns; a reset is a body that fails with `ConnectionReset`.
    pub async fn handle(self: &Arc<Self>, request: Request<Bytes>) -> Response<Body> {
        let path = request.uri().path();
        if path == "/simulator" || path.starts_with("/simulator/") {
            return control::answer(self, &request).whole();
        }
        let route = Route::at(path);
        let fate = match self.receive(&route, &request) {
            Ok(fate) => fate,
            Err(refused) => return self.count(refused.whole()),
        };
        if !fate.delay.is_zero() {
            tokio::time::sleep(fate.delay).await;
        }
        let canary = self.options.canary.as_deref();
        if let Some(kind) = &fate.fault
            && let Some(response) = sabotage::instead(kind, route.endpoint(), canary).await
        {
            return self.count(response);
        }
        let reply = match self.answer(&route, &request) {
            Ok(answer) => self.wrap(answer, &route, &fate),
            Err(problem) => reply::told(&problem, canary),
        };
        let reply = match reply.status {
            405 => reply.with(header::ALLOW, allowed(&route)),
            _ => reply,
        };
        self.count(sabotage::send(reply, fate.fault.as_ref()))
    }

    /// The portfolio in numbers, as it is now.
    pub fn truth(&self) -> Truth {
        self.with_world(Truth::of)
    }

    /// What was asked and answered so far.
    pub fn calls(&self) -> Calls {
        self.traffic().calls.clone()
    }

    /// Counts from zero again.
    pub fn reset_calls(&self) {
        self.traffic().calls = Calls::default();
    }

    /// Adds a fault.
    pub fn inject(&self, fault: Fault) {
        self.traffic().inject(fault);
    }

    /// Ends every fault; requests that hang go on hanging.
    pub fn clear_faults(&self) {
        self.traffic().clear_faults();
    }

    /// The faults that stand, the oldest first.
    pub fn faults(&self) -> Vec<Fault> {
        self.traffic().faults().cloned().collect()
    }

    /// Wraps answers in another way from now on.
    pub fn set_wrapping(&self, wrapping: Wrapping) {
        self.traffic().wrapping = wrapping;
    }

    /// No OAuth token that was issued so far is accepted any more.
    pub fn expire_tokens(&self) {
        self.traffic().tokens.expire_all();
    }

    /// Makes something happen now.
    ///
    /// # Errors
    /// When the event names a place or a sensor that is not there; nothing changes then.
    pub fn apply(&self, event: Event) -> Result<(), EventError> {
        let at = wall_seconds(&self.clock);
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.apply(event, &self.portfolio, at)
    }

    /// Makes all of `events` happen now, or none: the errors have the positions of those that can't.
    fn apply_all(&self, events: Vec<Event>) -> Result<(), Vec<(usize, EventError)>> {
        let at = wall_seconds(&self.clock);
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = changes.clone();
        let mut errors = Vec::new();
        for (position, event) in events.into_iter().enumerate() {
            if let Err(error) = next.apply(event, &self.portfolio, at) {
                errors.push((position, error));
            }
        }
        if errors.is_empty() {
            *changes = next;
            return Ok(());
        }
        Err(errors)
    }

    /// Counts a request, and refuses it over the rate limit or decides what becomes of it.
    fn receive(&self, route: &Route, request: &Request<Bytes>) -> Result<Fate, Reply> {
        let now = self.clock.now();
        let mut traffic = self.traffic();
        traffic.calls.received(route.endpoint());
        if let Err(wait) = traffic.limit.take(now) {
            let reply = reply::told(&Problem::new(429, "too many requests"), self.canary());
            return Err(match self.options.retry_after {
                true => reply.with(header::RETRY_AFTER, wait.as_secs_f64().ceil().to_string()),
                false => reply,
            });
        }
        let caller = traffic
            .tokens
            .identify(authorization(request), &self.options.access, now);
        Ok(traffic.fate(route.endpoint(), caller.ok()))
    }

    /// The right answer.
    fn answer(&self, route: &Route, request: &Request<Bytes>) -> Result<Answer, Problem> {
        if *route == Route::Unknown {
            return Err(Problem::new(404, "resource not found"));
        }
        if !route.methods().contains(request.method()) {
            return Err(Problem::new(405, "method not allowed"));
        }
        if *route == Route::Token {
            return self.issue_token(request.body());
        }
        let caller = self.traffic().tokens.identify(
            authorization(request),
            &self.options.access,
            self.clock.now(),
        );
        let caller = caller.map_err(|refusal| match refusal {
            Refusal::NoCredentials => Problem::new(403, "access to this api is not allowed"),
            Refusal::BadToken => Problem::new(401, "unable to authorize the given bearer token"),
        })?;
        if matches!(route, Route::Users | Route::User(_)) {
            if caller == Caller::Static {
                return Err(Problem::new(403, "access to this api is not allowed"));
            }
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let at = wall_seconds(&self.clock);
            return users.answer(request.method(), route, request.body(), at);
        }
        self.with_world(|world| {
            let book = Book {
                world,
                nesting: self.options.nesting,
                canary: self.canary(),
            };
            answers::read(book, route, request.body())
        })
    }

    fn issue_token(&self, body: &[u8]) -> Result<Answer, Problem> {
        let asked: TokenRequest = serde_json::from_slice(body)
            .map_err(|_| Problem::new(400, "request data was missing or invalid"))?;
        if asked.grant_type != "client_credentials" {
            return Err(Problem::new(400, "grant_type must be client_credentials"));
        }
        let access = &self.options.access;
        let known = access.client.as_ref().is_some_and(|client| {
            client.id == asked.client_id && client.secret.expose_secret() == asked.client_secret
        });
        if !known {
            return Err(Problem::new(401, "unable to authorize client"));
        }
        let now = self.clock.now();
        let access_token = self.traffic().tokens.issue(access, self.options.seed, now);
        let seconds = access.token_lifetime.as_secs();
        answers::single(&TokenAnswer {
            access_token,
            expires_in: match access.expires_in {
                ExpiresIn::Text => Seconds::Text(seconds.to_string()),
                ExpiresIn::Number => Seconds::Number(seconds),
            },
            token_type: "Bearer",
        })
    }

    /// Wraps an answer, with malformed entries in it if that is its fate.
    fn wrap(&self, mut answer: Answer, route: &Route, fate: &Fate) -> Reply {
        if fate.fault == Some(FaultKind::Malformed) {
            answer.json = malformed::mix(&answer.json, route.endpoint(), self.canary());
        }
        reply::wrapped(answer, self.traffic().wrapping)
    }

    fn count(&self, response: Response<Body>) -> Response<Body> {
        if response.extensions().get::<sabotage::Dropped>().is_none() {
            self.traffic().calls.answered(response.status().as_u16());
        }
        response
    }

    /// Reads the world as it is now.
    fn with_world<R>(&self, read: impl FnOnce(World<'_>) -> R) -> R {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        read(World {
            portfolio: &self.portfolio,
            changes: &changes,
            living: self.living,
            at: wall_seconds(&self.clock),
        })
    }

    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        // Whoever panicked with it left counters and lists that are still whole.
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn canary(&self) -> Option<&str> {
        self.options.canary.as_deref()
    }
}

#[derive(Deserialize)]
struct TokenRequest {
    client_id: String,
    client_secret: String,
    grant_type: String,
}

#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Seconds,
    token_type: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Seconds {
    Text(String),
    Number(u64),
}

fn authorization(request: &Request<Bytes>) -> Option<&str> {
    request.headers().get(header::AUTHORIZATION)?.to_str().ok()
}

fn allowed(route: &Route) -> String {
    let methods = route.methods().iter().map(http::Method::as_str);
    methods.collect::<Vec<_>>().join(", ")
}

/// The wall clock in whole seconds since the Unix epoch.
fn wall_seconds(clock: &SharedClock) -> i64 {
    unix_seconds(clock.wall()) as i64
}
