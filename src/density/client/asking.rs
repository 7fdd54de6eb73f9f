//! How an endpoint is asked: at once or in batches, and again when a failure may pass.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::Serialize;

use crate::clock::sleep_until;
use crate::snapshot::SharedStr;

use super::super::auth::Bearer;
use super::super::rejection::Rejections;
use super::super::wire::{AnswerReader, Entries, Read};
use super::super::{Endpoint, Error, ErrorKind};
use super::{Client, Scope, Window, lock};

/// The first wait before a request is sent again; it doubles from time to time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait before a request is sent again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Batches that are under way at once; the budget bounds their rate.
const BATCHES_AT_ONCE: usize = 8;
/// Bad entries are logged once each; past this many different ones they are only counted.
const REMEMBERED_REJECTIONS: usize = 1000;

/// The body of the requests that may be narrowed to spaces.
#[derive(Serialize)]
struct Narrowed<'a> {
    space_ids: &'a [SharedStr],
}

impl Client {
    /// Asks once for everything or a batch at a time.
    pub(super) async fn ask_scope<E: Entries>(
        &self,
        endpoint: Endpoint,
        scope: &Scope,
        window: Window,
        reader: impl Fn() -> AnswerReader<E>,
    ) -> Result<Vec<Read<E::Output>>, Error> {
        match scope {
            Scope::Everything => {
                let body = Bytes::from_static(b"{}");
                let answer = self.ask(endpoint, Some(body), window, reader).await?;
                Ok(vec![answer])
            }
            Scope::Spaces { ids, batch_size } => {
                let batches = ids.chunks((*batch_size).max(1));
                self.ask_batches(endpoint, batches, window, reader).await
            }
        }
    }

    /// One batch that fails fails them all, for a part of the portfolio must not look like the whole.
    /// What has been sent by then, or waits for the budget, is waited for, so that it is counted; nothing
    /// else is sent, and nothing again.
    async fn ask_batches<E: Entries>(
        &self,
        endpoint: Endpoint,
        batches: impl Iterator<Item = &[SharedStr]>,
        window: Window,
        reader: impl Fn() -> AnswerReader<E>,
    ) -> Result<Vec<Read<E::Output>>, Error> {
        let failed = AtomicBool::new(false);
        let ask = |space_ids| {
            let (reader, failed) = (&reader, &failed);
            async move {
                if failed.load(Ordering::Relaxed) {
                    return None;
                }
                let body = serde_json::to_vec(&Narrowed { space_ids })
                    .map_err(|error| ErrorKind::Decode(error.to_string()))
                    .map_err(|kind| Error { endpoint, kind });
                let answer = match body {
                    Ok(body) => {
                        let body = Some(body.into());
                        self.ask_among(endpoint, body, window, failed, reader).await
                    }
                    Err(error) => Err(error),
                };
                failed.fetch_or(answer.is_err(), Ordering::Relaxed);
                Some(answer)
            }
        };
        let asked: Vec<_> = batches.map(ask).collect();
        let all = asked.len();
        let answers: Vec<_> = futures_util::stream::iter(asked)
            .buffer_unordered(BATCHES_AT_ONCE)
            .collect()
            .await;
        self.all_or_none(endpoint, all, answers.into_iter().flatten())
    }

    /// What all batches brought; else the failure that says the most.
    fn all_or_none<O>(
        &self,
        endpoint: Endpoint,
        all: usize,
        answers: impl Iterator<Item = Result<Read<O>, Error>>,
    ) -> Result<Vec<Read<O>>, Error> {
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
        // How a request failed says more than that there was no call left for another; but the last that
        // were sent may have had no time left.
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
        // Where nothing slows the calls down and still they were too many for one refresh, the next will
        // fare no better.
        let budget = self.exchange.budget.read();
        let is_slowed = budget.requests_per_second < budget.configured;
        if read.is_empty() || is_slowed {
            return Err(refusal);
        }
        let sent = read.len();
        let kind = ErrorKind::TooManyBatches { sent, all };
        Err(Error { endpoint, kind })
    }

    /// Asks until there is an answer, the failure is one that will not pass, or time is up.
    pub(super) async fn ask<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: Option<Bytes>,
        window: Window,
        reader: impl Fn() -> AnswerReader<E>,
    ) -> Result<Read<E::Output>, Error> {
        let others_have_failed = AtomicBool::new(false);
        self.ask_among(endpoint, body, window, &others_have_failed, reader)
            .await
    }

    /// As [`Client::ask`], but nothing is sent again when others that belong to it have failed.
    async fn ask_among<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: Option<Bytes>,
        window: Window,
        others_have_failed: &AtomicBool,
        reader: impl Fn() -> AnswerReader<E>,
    ) -> Result<Read<E::Output>, Error> {
        let mut waits = ExponentialBuilder::default()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.retries as usize)
            .with_jitter()
            .build();
        let mut renewed = false;
        // The failure after which it is tried again, and whether the request itself was sent before: a
        // retry of the token's own is counted where that is made.
        let mut earlier: Option<Error> = None;
        let mut is_retry = false;
        let mut since = window.started_at;
        loop {
            let window = Window {
                started_at: since,
                ..window
            };
            let asked = self.ask_once(endpoint, &body, window, earlier.is_some(), reader());
            let asked = asked.await;
            let was_sent = match &asked {
                Ok(_) => true,
                Err((error, _)) => error.endpoint == endpoint && error.was_sent(),
            };
            if is_retry && was_sent {
                self.exchange.observer.retried(endpoint);
            }
            let (error, bearer) = match asked {
                Ok(answer) => {
                    self.report(endpoint, &answer.rejections);
                    return Ok(answer);
                }
                Err((error, _)) if error.is_over_budget() => return Err(earlier.unwrap_or(error)),
                Err(failed) => failed,
            };
            // The token may have been withdrawn: once, another is worth a try.
            if let (ErrorKind::Unauthorized, Some(bearer), false) = (&error.kind, bearer, renewed)
                && self.authenticator.not_accepted(&bearer)
            {
                renewed = true;
                is_retry = false;
                // How an earlier renewal went is no answer to this one.
                since = self.exchange.clock.now();
                continue;
            }
            let is_futile = || others_have_failed.load(Ordering::Relaxed);
            let may_pass = error.kind.may_pass() && !is_futile();
            let Some(wait) = waits.next().filter(|_| may_pass) else {
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
    async fn ask_once<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: &Option<Bytes>,
        window: Window,
        again: bool,
        reader: AnswerReader<E>,
    ) -> Result<Read<E::Output>, (Error, Option<Bearer>)> {
        let bearer = self
            .authenticator
            .bearer(&self.exchange, window.started_at, window.deadline, again)
            .await
            .map_err(|error| (error, None))?;
        self.exchange
            .send(
                endpoint,
                Some(&bearer.secret),
                body.clone(),
                window.deadline,
                reader,
            )
            .await
            .map_err(|kind| (Error { endpoint, kind }, Some(bearer)))
    }

    /// Counts the entries that were dropped and logs each once.
    fn report(&self, endpoint: Endpoint, rejections: &Rejections) {
        for (reason, count) in rejections.counts() {
            self.exchange
                .observer
                .entries_rejected(endpoint, reason, count);
        }
        let mut logged = lock(&self.known.logged);
        for (reason, id) in rejections.named() {
            if logged.len() < REMEMBERED_REJECTIONS
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
