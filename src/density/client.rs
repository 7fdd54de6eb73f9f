//! One organization's client: one method an endpoint, each asked again when its failure may pass.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::Serialize;

use crate::aside::Lost;
use crate::clock::{Moment, sleep_until};
use crate::snapshot::{
    Counts, Presences, Readings, SensorHealths, SensorList, SensorListBuilder, SpaceTree, Text,
};

use super::auth::Bearer;
use super::rejection::Rejections;
use super::wire::{
    AnswerReader, CurrentCount, CurrentHealth, Entries, LastAnswers, Live, LiveEntries, Presence,
    Read, Sensors, Spaces, Statuses,
};
use super::{Authenticator, Endpoint, Error, ErrorKind, Exchange, Reason};

/// The first wait before a request is sent again; it doubles from time to time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait before a request is sent again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Batches that are under way at once; the budget bounds their rate.
const BATCHES_AT_ONCE: usize = 8;
/// Bad entries are logged once each; past this many different ones they are only counted.
const REMEMBERED_REJECTIONS: usize = 1000;

/// What an endpoint answered.
#[derive(Debug)]
pub struct Answer<T> {
    /// What could be read of it.
    pub data: T,
    /// How many entries could be read.
    pub entries: usize,
}

/// When a refresh may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it began.
    pub began_at: Moment,
    /// Nothing is done after this.
    pub limit: Moment,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// The whole portfolio in one call.
    Everything,
    /// These spaces, in batches.
    Spaces {
        /// The ids, each once.
        ids: Vec<Text>,
        /// How many a call; at least 1.
        batch_size: usize,
    },
}

/// Asks the endpoints of one organization.
pub struct Client {
    exchange: Arc<Exchange>,
    authenticator: Authenticator,
    retries: u32,
    known: Arc<Known>,
}

/// What is known from answers before.
#[derive(Default)]
struct Known {
    statuses: Statuses,
    last: LastAnswers,
    logged: Mutex<HashSet<(Endpoint, Reason, String)>>,
}

/// The body of the requests that may be narrowed to spaces.
#[derive(Serialize)]
struct Narrowed<'a> {
    space_ids: &'a [Text],
}

impl Client {
    /// A client that sends a request that failed up to `retries` times more.
    pub fn new(exchange: Exchange, authenticator: Authenticator, retries: u32) -> Self {
        Self {
            exchange: Arc::new(exchange),
            authenticator,
            retries,
            known: Arc::default(),
        }
    }

    /// The same client asking in another way: what it knows from answers before, it keeps.
    pub fn configured_anew(
        &self,
        exchange: Exchange,
        authenticator: Authenticator,
        retries: u32,
    ) -> Self {
        Self {
            known: self.known.clone(),
            ..Self::new(exchange, authenticator, retries)
        }
    }

    /// What gives its requests their tokens.
    pub fn authenticator(&self) -> Authenticator {
        self.authenticator.clone()
    }

    /// All spaces. All methods here act within `window` only.
    ///
    /// # Errors
    /// When there is no answer that can be read as a whole; so with all methods here.
    pub async fn spaces(&self, window: Window) -> Result<Answer<SpaceTree>, Error> {
        let answer = self
            .ask(Endpoint::Spaces, None, window, Spaces::reader)
            .await?;
        let (list, rejected) = (answer.entries, answer.rejections.total());
        let entries = list.whole();
        if entries == 0 {
            refuse_unreadable(Endpoint::Spaces, rejected)?;
        }
        let data = self.aside(Endpoint::Spaces, move || SpaceTree::build(&list));
        Ok(Answer {
            entries,
            data: data.await?,
        })
    }

    /// The sensors in `scope`.
    ///
    /// # Errors
    /// See [`Client::spaces`].
    pub async fn sensors(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Answer<SensorList>, Error> {
        let answers = self
            .ask_scope(Endpoint::Sensors, scope, window, Sensors::reader)
            .await?;
        let rejected = rejected(&answers);
        let data = self.aside(Endpoint::Sensors, move || {
            let mut all = SensorListBuilder::default();
            for (number, answer) in answers.into_iter().enumerate() {
                match number {
                    0 => all = answer.entries,
                    // A sensor that hangs in spaces of several batches is in the answer to each.
                    _ => all.append(&answer.entries),
                }
            }
            all.build()
        });
        let data = data.await?;
        let entries = data.as_slice().len();
        if entries == 0 {
            refuse_unreadable(Endpoint::Sensors, rejected)?;
        }
        Ok(Answer { data, entries })
    }

    /// How many people are in the spaces of `scope`.
    ///
    /// # Errors
    /// See [`Client::spaces`].
    pub async fn current_count(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Answer<Counts>, Error> {
        self.live::<CurrentCount>(Endpoint::CurrentCount, scope, window)
            .await
    }

    /// Whether anyone is in the spaces of `scope`.
    ///
    /// # Errors
    /// See [`Client::spaces`].
    pub async fn presence(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Answer<Presences>, Error> {
        self.live::<Presence>(Endpoint::Presence, scope, window)
            .await
    }

    /// The health of the sensors in `scope`.
    ///
    /// # Errors
    /// See [`Client::spaces`].
    pub async fn sensor_health(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Answer<SensorHealths>, Error> {
        self.live::<CurrentHealth>(Endpoint::SensorHealth, scope, window)
            .await
    }

    async fn live<L: Live>(
        &self,
        endpoint: Endpoint,
        scope: &Scope,
        window: Window,
    ) -> Result<Answer<Readings<L::Value>>, Error> {
        let place = L::last(&self.known.last);
        let last = lock(place).clone();
        let (before, statuses) = (last.clone(), self.known.statuses.clone());
        let reader = move || LiveEntries::<L>::reader(before.clone(), statuses.clone());
        let answers = self.ask_scope(endpoint, scope, window, reader).await?;
        let rejected = rejected(&answers);
        let others = self.known.statuses.names();
        let answer = self.aside(endpoint, move || {
            let parts = answers.into_iter().map(|it| it.entries).collect();
            Arc::new(last.put_together(parts, others))
        });
        let answer = answer.await?;
        let data = answer.readings.clone();
        let entries = data.values().len();
        if entries == 0 {
            refuse_unreadable(endpoint, rejected)?;
        }
        *lock(place) = answer;
        Ok(Answer { data, entries })
    }

    /// Does what may take long.
    async fn aside<T: Send + 'static>(
        &self,
        endpoint: Endpoint,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let kind = ErrorKind::Lost;
        let done = self.exchange.aside.run(work).await;
        done.map_err(|Lost| Error { endpoint, kind })
    }

    /// Asks once for everything or a batch at a time.
    async fn ask_scope<E: Entries>(
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
    /// What has been sent by then is waited for, so that it is counted; nothing more is sent.
    async fn ask_batches<E: Entries>(
        &self,
        endpoint: Endpoint,
        batches: impl Iterator<Item = &[Text]>,
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
                    Ok(body) => self.ask(endpoint, Some(body.into()), window, reader).await,
                    Err(error) => Err(error),
                };
                failed.fetch_or(answer.is_err(), Ordering::Relaxed);
                Some(answer)
            }
        };
        let asked: Vec<_> = batches.map(ask).collect();
        let answers: Vec<_> = futures_util::stream::iter(asked)
            .buffer_unordered(BATCHES_AT_ONCE)
            .collect()
            .await;
        answers.into_iter().flatten().collect()
    }

    /// Asks until there is an answer, the failure is one that will not pass, or time is up.
    async fn ask<E: Entries>(
        &self,
        endpoint: Endpoint,
        body: Option<Bytes>,
        window: Window,
        reader: impl Fn() -> AnswerReader<E>,
    ) -> Result<Read<E::Output>, Error> {
        let mut waits = ExponentialBuilder::default()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.retries as usize)
            .with_jitter()
            .build();
        let mut renewed = false;
        let mut again = false;
        let mut since = window.began_at;
        loop {
            let window = Window {
                began_at: since,
                ..window
            };
            let asked = self.ask_once(endpoint, &body, window, again, reader());
            let asked = asked.await;
            let (error, bearer) = match asked {
                Ok(answer) => {
                    self.report(endpoint, &answer.rejections);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            // The token may have been withdrawn: once, another is worth a try.
            if let (ErrorKind::Unauthorized, Some(bearer), false) = (&error.kind, bearer, renewed)
                && self.authenticator.not_accepted(&bearer)
            {
                renewed = true;
                // How an earlier renewal went is no answer to this one.
                since = self.exchange.clock.now();
                continue;
            }
            let Some(wait) = waits.next().filter(|_| error.kind.may_pass()) else {
                return Err(error);
            };
            let wait = wait.max(error.kind.retry_after().unwrap_or_default());
            let clock = &*self.exchange.clock;
            let until = clock.now() + wait;
            if until >= window.limit {
                return Err(error);
            }
            tracing::debug!(
                organization = %self.exchange.organization,
                wait_seconds = wait.as_secs_f64(),
                %error,
                "trying again"
            );
            sleep_until(clock, until).await;
            // A retry of the token's own request is counted where that request is made.
            if error.endpoint == endpoint {
                self.exchange.observer.retried(endpoint);
            }
            since = self.exchange.clock.now();
            again = true;
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
            .bearer(&self.exchange, window.began_at, window.limit, again)
            .await
            .map_err(|error| (error, None))?;
        self.exchange
            .send(
                endpoint,
                Some(&bearer.secret),
                body.clone(),
                window.limit,
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

/// What it holds, which is whole: nothing panics while it is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many entries of all `answers` were dropped.
fn rejected<T>(answers: &[Read<T>]) -> u64 {
    answers.iter().map(|it| it.rejections.total()).sum()
}

/// An answer of which no entry can be read: one of another shape than is known must not look like an
/// empty portfolio.
fn refuse_unreadable(endpoint: Endpoint, rejected: u64) -> Result<(), Error> {
    if rejected == 0 {
        return Ok(());
    }
    Err(Error {
        endpoint,
        kind: ErrorKind::Decode(format!("none of its {rejected} entries can be read")),
    })
}
