//! One request, from its head to its answer: counted, limited, perhaps broken, let in, answered.
//!
//! The order is the live API's: the rate limit is at the edge, before anybody looks at credentials.
//! No lock is held while anything waits.

use std::sync::{Arc, PoisonError};

use super::body::Body;
use bytes::Bytes;
use http::{Request, Response, header};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::answers::{self, Answer, Book, Problem};
use super::endpoint::Route;
use super::reply::{self, Reply};
use super::tokens::{Caller, Refusal};
use super::traffic::Fate;
use super::{ExpiresIn, FaultKind, Simulator, control, malformed, sabotage, wall_seconds};

impl Simulator {
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

    /// Counts a request, and refuses it over the rate limit or decides what becomes of it.
    fn receive(&self, route: &Route, request: &Request<Bytes>) -> Result<Fate, Reply> {
        let now = self.clock.now();
        let mut traffic = self.traffic();
        traffic.calls.received(route.endpoint());
        if let Err(wait) = traffic.limit.take(now) {
            traffic.calls.limited();
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
