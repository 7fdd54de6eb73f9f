//! Sends the requests of an endpoint: one for everything or one per batch, with retries of transient
//! failures.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::Serialize;

use crate::blocking_pool::BlockingPool;
use crate::clock::sleep_until;
use crate::snapshot::SharedStr;

use super::super::auth::Bearer;
use super::super::rejection::Rejections;
use super::super::wire::{AnswerDecoder, Decoded, Entries};
use super::super::{Authenticator, Endpoint, Error, ErrorKind, Exchange, RejectionReason};
use super::scope::{Scope, Window};

/// The first delay before a retry; it doubles with each retry.
const INITIAL_RETRY_DELAY: Duration = Duration::from_millis(250);
/// The longest delay before a retry.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(5);
/// How many batches are in flight at once; the budget limits their rate.
const CONCURRENT_BATCHES: usize = 8;
/// Rejected entries are logged once each; after this many different ones they are only counted.
const MAX_LOGGED_REJECTIONS: usize = 1000;

/// The body of a request for some spaces.
#[derive(Serialize)]
struct SpacesRequest<'a> {
    space_ids: &'a [SharedStr],
}

/// Sends the requests of one organization, with its token, within its budget.
pub(super) struct Requester {
    exchange: Arc<Exchange>,
    authenticator: Authenticator,
    retries: u32,
    /// The rejected entries that have been logged.
    logged: Arc<Mutex<HashSet<(Endpoint, RejectionReason, String)>>>,
}

/// Locks `mutex`, whose value is consistent: nothing panics while it is held.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Requester {
    pub(super) fn new(exchange: Exchange, authenticator: Authenticator, retries: u32) -> Self {
        Self {
            exchange: Arc::new(exchange),
            authenticator,
            retries,
            logged: Arc::default(),
        }
    }

    /// A requester with other settings that logs no rejected entry again.
    pub(super) fn reconfigured(
        &self,
        exchange: Exchange,
        authenticator: Authenticator,
        retries: u32,
    ) -> Self {
        Self {
            logged: self.logged.clone(),
            ..Self::new(exchange, authenticator, retries)
        }
    }

    pub(super) fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    pub(super) fn blocking_pool(&self) -> &BlockingPool {
        &self.exchange.blocking_pool
    }

    /// Sends one request for everything or one per batch.
    pub(super) async fn send_scope<E: Entries>(
        &self,
        endpoint: Endpoint,
        scope: &Scope,
        window: Window,
        decoder: impl Fn() -> AnswerDecoder<E>,
    ) -> Result<Vec<Decoded<E::Output>>, Error> {
        match scope {
            Scope::Everything => {
                let body = Bytes::from_static(b"{}");
                let answer = self.send(endpoint, Some(body), window, decoder).await?;
                Ok(vec![answer])
            }
            Scope::Spaces { ids, batch_size } => {
                let batches = ids.chunks((*batch_size).max(1));
                self.send_batches(endpoint, batches, window, decoder).await
            }
        }
    }

    /// When one batch fails, all fail, because a part of the portfolio must not look like the whole. Requests
    /// that have been sent by then, or wait for the budget, are waited for, so that they are counted; nothing
    /// else is sent, and nothing is retried.
    async fn send_batches<E: Entries>(
        &self,
        endpoint: Endpoint,
        batches: impl Iterator<Item = &[SharedStr]>,
        window: Window,
        decoder: impl Fn() -> AnswerDecoder<E>,
    ) -> Result<Vec<Decoded<E::Output>>, Error> {
        let failed = AtomicBool::new(false);
        let send = |space_ids| {
            let (decoder, failed) = (&decoder, &failed);
            async move {
                if failed.load(Ordering::Relaxed) {
                    return None;
                }
                let body = serde_json::to_vec(&SpacesRequest { space_ids })
                    .map_err(|error| ErrorKind::Decode(error.to_string()))
                    .map_err(|kind| Error { endpoint, kind });
                let answer = match body {
                    Ok(body) => {
                        let body = Some(body.into());
                        self.send_with_others(endpoint, body, window, failed, decoder)
                            .await
                    }
                    Err(error) => Err(error),
                };
                failed.fetch_or(answer.is_err(), Ordering::Relaxed);
                Some(answer)
            }
        };
        let requests: Vec<_> = batches.map(send).collect();
        let all = requests.len();
        let answers: Vec<_> = futures_util::stream::iter(requests)
            .buffer_unordered(CONCURRENT_BATCHES)
            .collect()
            .await;
        self.all_or_none(endpoint, all, answers.into_iter().flatten())
    }

    /// The answers to all batches, or the most significant failure.
    fn all_or_none<O>(
        &self,
        endpoint: Endpoint,
        all: usize,
        answers: impl Iterator<Item = Result<Decoded<O>, Error>>,
    ) -> Result<Vec<Decoded<O>>, Error> {
        let (mut read, mut failures) = (Vec::new(), Vec::new());
        for answer in answers {
            match answer {
                Ok(answer) => read.push(answer),
                Err(error) => failures.push(error),
            }
        }
        let refused = failures.iter().position(Error::is_over_budget);
        let Some(refusal) = refused.map(|it| failures.remove(it)) else {
            return failures.into_iter().next().map_or(Ok(read), Err);
        };
        // The failure of a request says more than an exhausted budget; but the last requests may have failed
        // only because no time was left.
        let had_time = |it: &Error| match it.kind {
            ErrorKind::Timeout { after } => after >= self.exchange.timeout,
            _ => true,
        };
        let failure = failures
            .into_iter()
            .find(|it| !it.is_over_budget() && had_time(it));
        if let Some(failure) = failure {
            return Err(failure);
        }
        // When the rate is not reduced and there were still too many calls for one refresh, the next refresh
        // would fail as well.
        let budget = self.exchange.budget.status();
        let is_slowed = budget.requests_per_second < budget.configured;
        if read.is_empty() || is_slowed {
            return Err(refusal);
        }
        let sent = read.len();
        let kind = ErrorKind::TooManyBatches { sent, all };
        Err(Error { endpoint, kind })
    }

    /// Sends a request until there is an answer, a failure is not transient, or the deadline is reached.
    pub(super) async fn send<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: Option<Bytes>,
        window: Window,
        decoder: impl Fn() -> AnswerDecoder<E>,
    ) -> Result<Decoded<E::Output>, Error> {
        let others_have_failed = AtomicBool::new(false);
        self.send_with_others(endpoint, body, window, &others_have_failed, decoder)
            .await
    }

    /// As [`Requester::send`], but without retries once another request of the same refresh has failed.
    async fn send_with_others<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: Option<Bytes>,
        window: Window,
        others_have_failed: &AtomicBool,
        decoder: impl Fn() -> AnswerDecoder<E>,
    ) -> Result<Decoded<E::Output>, Error> {
        let mut waits = ExponentialBuilder::default()
            .with_min_delay(INITIAL_RETRY_DELAY)
            .with_max_delay(MAX_RETRY_DELAY)
            .with_max_times(self.retries as usize)
            .with_jitter()
            .build();
        let mut renewed = false;
        // The failure before this attempt, and whether the request itself was sent before: a retry of the
        // token request is counted by the authenticator.
        let mut earlier: Option<Error> = None;
        let mut is_retry = false;
        let mut since = window.started_at;
        loop {
            let window = Window {
                started_at: since,
                ..window
            };
            let attempt = self.attempt(endpoint, &body, window, earlier.is_some(), decoder());
            let attempt = attempt.await;
            let was_sent = match &attempt {
                Ok(_) => true,
                Err((error, _)) => error.endpoint == endpoint && error.was_sent(),
            };
            if is_retry && was_sent {
                self.exchange.observer.retried(endpoint);
            }
            let (error, bearer) = match attempt {
                Ok(answer) => {
                    self.report(endpoint, &answer.rejections);
                    return Ok(answer);
                }
                Err((error, _)) if error.is_over_budget() => return Err(earlier.unwrap_or(error)),
                Err(failed) => failed,
            };
            // The token may have been revoked, so another one is worth one try.
            if let (ErrorKind::Unauthorized, Some(bearer), false) = (&error.kind, bearer, renewed)
                && self.authenticator.invalidate(&bearer)
            {
                renewed = true;
                is_retry = false;
                // The failure of an earlier renewal must not count for this one.
                since = self.exchange.clock.now();
                continue;
            }
            let is_futile = || others_have_failed.load(Ordering::Relaxed);
            let is_transient = error.kind.is_transient() && !is_futile();
            let Some(wait) = waits.next().filter(|_| is_transient) else {
                return Err(error);
            };
            let wait = wait.max(error.kind.retry_after().unwrap_or_default());
            let clock = &*self.exchange.clock;
            let until = clock.now() + wait;
            if until >= window.deadline {
                return Err(error);
            }
            tracing::debug!(
                organization = %self.exchange.organization,
                wait_seconds = wait.as_secs_f64(),
                %error,
                "trying again"
            );
            sleep_until(clock, until).await;
            if is_futile() {
                return Err(error);
            }
            since = self.exchange.clock.now();
            is_retry |= error.endpoint == endpoint;
            earlier = Some(error);
        }
    }

    /// One attempt; an error comes with the token that was sent.
    async fn attempt<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: &Option<Bytes>,
        window: Window,
        is_retry: bool,
        decoder: AnswerDecoder<E>,
    ) -> Result<Decoded<E::Output>, (Error, Option<Bearer>)> {
        let bearer = self
            .authenticator
            .bearer(&self.exchange, window.started_at, window.deadline, is_retry)
            .await
            .map_err(|error| (error, None))?;
        self.exchange
            .send(
                endpoint,
                Some(&bearer.secret),
                body.clone(),
                window.deadline,
                decoder,
            )
            .await
            .map_err(|kind| (Error { endpoint, kind }, Some(bearer)))
    }

    /// Counts the rejected entries and logs each once.
    fn report(&self, endpoint: Endpoint, rejections: &Rejections) {
        for (reason, count) in rejections.counts() {
            self.exchange
                .observer
                .entries_rejected(endpoint, reason, count);
        }
        let mut logged = lock(&self.logged);
        for (reason, id) in rejections.named() {
            if logged.len() < MAX_LOGGED_REJECTIONS
                && logged.insert((endpoint, *reason, id.clone()))
            {
                tracing::warn!(
                    organization = %self.exchange.organization,
                    endpoint = endpoint.name(),
                    reason = reason.name(),
                    id = Some(id.as_str()).filter(|it| !it.is_empty()),
                    "an entry of an answer can't be read and is dropped"
                );
            }
        }
    }
}
