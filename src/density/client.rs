//! One organization's client: one method an endpoint, which makes of its answers what is known from then on.

mod asking;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::blocking_pool::TaskFailed;
use crate::clock::Instant;
use crate::snapshot::{
    Counts, Presences, Readings, SensorHealths, SensorList, SensorListBuilder, SharedStr, SpaceTree,
};

use super::wire::{
    CurrentCount, CurrentHealth, LastAnswers, Live, LiveEntries, Presence, Read, Sensors, Spaces,
    Statuses,
};
use super::{Authenticator, Endpoint, Error, ErrorKind, Exchange, Reason};

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
    pub started_at: Instant,
    /// Nothing is done after this.
    pub deadline: Instant,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// The whole portfolio in one call.
    Everything,
    /// These spaces, in batches.
    Spaces {
        /// The ids, each once.
        ids: Vec<SharedStr>,
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
        let data = self.run_blocking(Endpoint::Spaces, move || SpaceTree::build(&list));
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
        let data = self.run_blocking(Endpoint::Sensors, move || {
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
        let answer = self.run_blocking(endpoint, move || {
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
    async fn run_blocking<T: Send + 'static>(
        &self,
        endpoint: Endpoint,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let kind = ErrorKind::TaskFailed;
        let done = self.exchange.blocking_pool.run(work).await;
        done.map_err(|TaskFailed| Error { endpoint, kind })
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
