//! One organization's client: one method per endpoint, which makes a part of the snapshot of its answers.

mod requester;
mod scope;

use std::sync::Arc;

use crate::blocking_pool::TaskFailed;
use crate::snapshot::{
    Counts, Presences, Readings, SensorHealths, SensorList, SensorListBuilder, SpaceTree,
};

use super::wire::{
    CurrentCount, CurrentHealth, Decoded, LastAnswers, LiveEndpoint, LiveEntries, Presence,
    Sensors, Spaces, Statuses,
};
use requester::{Requester, lock};

use super::{Authenticator, Endpoint, Error, ErrorKind, Exchange};

pub use scope::{Scope, Window};

/// The decoded answer of an endpoint.
#[derive(Debug)]
pub struct Answer<T> {
    /// Its data.
    pub data: T,
    /// How many entries could be decoded.
    pub entries: usize,
}

/// Calls the endpoints of one organization.
pub struct Client {
    requester: Requester,
    previous: Arc<PreviousAnswers>,
}

/// What is kept of previous answers.
#[derive(Default)]
struct PreviousAnswers {
    statuses: Statuses,
    answers: LastAnswers,
}

impl Client {
    /// A client that sends a failed request up to `retries` times more.
    pub fn new(exchange: Exchange, authenticator: Authenticator, retries: u32) -> Self {
        Self {
            requester: Requester::new(exchange, authenticator, retries),
            previous: Arc::default(),
        }
    }

    /// A client with other settings that keeps what is known from previous answers.
    pub fn reconfigured(
        &self,
        exchange: Exchange,
        authenticator: Authenticator,
        retries: u32,
    ) -> Self {
        Self {
            requester: self
                .requester
                .reconfigured(exchange, authenticator, retries),
            previous: self.previous.clone(),
        }
    }

    /// The authenticator of its requests.
    pub fn authenticator(&self) -> Authenticator {
        self.requester.authenticator().clone()
    }

    /// All spaces. No method here does anything outside of `window`.
    ///
    /// # Errors
    /// When there is no answer that can be decoded as a whole, as with all methods here.
    pub async fn spaces(&self, window: Window) -> Result<Answer<SpaceTree>, Error> {
        let answer = self
            .requester
            .send(Endpoint::Spaces, None, window, Spaces::decoder)
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
            .requester
            .send_scope(Endpoint::Sensors, scope, window, Sensors::decoder)
            .await?;
        let rejected = rejected(&answers);
        let data = self.run_blocking(Endpoint::Sensors, move || {
            let mut all = SensorListBuilder::default();
            for (number, answer) in answers.into_iter().enumerate() {
                match number {
                    0 => all = answer.entries,
                    // A sensor in spaces of several batches is in the answer to each of them.
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

    async fn live<L: LiveEndpoint>(
        &self,
        endpoint: Endpoint,
        scope: &Scope,
        window: Window,
    ) -> Result<Answer<Readings<L::Value>>, Error> {
        let slot = L::last(&self.previous.answers);
        let last = lock(slot).clone();
        let (before, statuses) = (last.clone(), self.previous.statuses.clone());
        let decoder = move || LiveEntries::<L>::decoder(before.clone(), statuses.clone());
        let answers = self
            .requester
            .send_scope(endpoint, scope, window, decoder)
            .await?;
        let rejected = rejected(&answers);
        let others = self.previous.statuses.names();
        let answer = self.run_blocking(endpoint, move || {
            let parts = answers.into_iter().map(|it| it.entries).collect();
            Arc::new(last.merge(parts, others))
        });
        let answer = answer.await?;
        let data = answer.readings.clone();
        let entries = data.values().len();
        if entries == 0 {
            refuse_unreadable(endpoint, rejected)?;
        }
        *lock(slot) = answer;
        Ok(Answer { data, entries })
    }

    /// Runs `work`, which may take long, on the blocking pool.
    async fn run_blocking<T: Send + 'static>(
        &self,
        endpoint: Endpoint,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let kind = ErrorKind::TaskFailed;
        let done = self.requester.blocking_pool().run(work).await;
        done.map_err(|TaskFailed| Error { endpoint, kind })
    }
}

/// How many entries of all `answers` were rejected.
fn rejected<T>(answers: &[Decoded<T>]) -> u64 {
    answers.iter().map(|it| it.rejections.total()).sum()
}

/// Fails for an answer without any entry that can be decoded: an answer of an unknown shape must not look
/// like an empty portfolio.
fn refuse_unreadable(endpoint: Endpoint, rejected: u64) -> Result<(), Error> {
    if rejected == 0 {
        return Ok(());
    }
    Err(Error {
        endpoint,
        kind: ErrorKind::Decode(format!("none of its {rejected} entries can be read")),
    })
}
