//! One request and its answer: within the budget, the time and the memory that there are.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::blocking_pool::{BlockingPool, TaskFailed};
use crate::clock::{Instant, SharedClock};

use super::budget::{BudgetExhausted, Permit};
use super::memory::{Share, TooLarge};
use super::retry_after::retry_after;
use super::wire::{DecodeError, Reader};
use super::{
    BodyStream, Budget, Code, Endpoint, ErrorKind, Memory, Observer, Transport, TransportError,
};

/// So many bytes are read at a time: enough that going aside for it costs little, and few enough that
/// they are soon read.
const STEP: usize = 256 << 10;

/// Everything that a request needs, of one organization.
pub struct Exchange {
    /// Whose requests these are, for the log.
    pub organization: String,
    /// Where the API is; the endpoints' paths are appended.
    pub api_url: Url,
    /// Sends requests.
    pub transport: Arc<dyn Transport>,
    /// The budget of the API's host.
    pub budget: Arc<Budget>,
    /// The memory for answers.
    pub memory: Arc<Memory>,
    /// Is told what happens.
    pub observer: Arc<dyn Observer>,
    /// Where answers are read.
    pub blocking_pool: BlockingPool,
    /// Tells the time.
    pub clock: SharedClock,
    /// How long one request may take, its answer read whole.
    pub timeout: Duration,
}

impl Exchange {
    /// Sends one request and reads its answer with `reader` as it arrives.
    pub(super) async fn send<R: Reader>(
        &self,
        endpoint: Endpoint,
        bearer: Option<&SecretString>,
        body: Option<Bytes>,
        deadline: Instant,
        reader: R,
    ) -> Result<R::Output, ErrorKind> {
        let request = self.request(endpoint, bearer, body)?;
        let permit = self
            .budget
            .acquire(deadline)
            .await
            .map_err(|BudgetExhausted(wait)| ErrorKind::BudgetExhausted { wait })?;
        let start = self.clock.now();
        let timeout = self.timeout.min(deadline.since(start));
        if timeout.is_zero() {
            // The machine was suspended meanwhile: what would be cut off at once is not sent.
            return Err(ErrorKind::Timeout { after: timeout });
        }
        let answer = tokio::time::timeout(timeout, self.exchange(request, permit, reader))
            .await
            .unwrap_or_else(|_| Err(ErrorKind::Timeout { after: timeout }.into()));
        let result = match answer {
            Err(Failed {
                kind,
                code,
                rest: Some(rest),
            }) => {
                let left = timeout.saturating_sub(self.clock.now().since(start));
                let code = drain(rest, left).await.err().or(code);
                Err(Failed {
                    kind,
                    code,
                    rest: None,
                })
            }
            Ok((status, reader, share)) => self
                .run_blocking(move || {
                    let output = reader.finish();
                    // What it comes to is no longer an answer being read.
                    drop(share);
                    output
                })
                .await
                .map(|it| (Code::Status(status), it))
                .map_err(Failed::from),
            Err(failed) => Err(failed),
        };
        let code = match &result {
            Ok((code, _)) => Some(*code),
            Err(failed) => failed.code,
        };
        if let Some(code) = code {
            let duration = self.clock.now().since(start);
            self.observer.request_ended(endpoint, code, duration);
            tracing::debug!(
                organization = %self.organization,
                endpoint = endpoint.name(),
                code = %code.label(),
                duration_seconds = duration.as_secs_f64(),
                "request ended"
            );
        }
        result.map(|(_, value)| value).map_err(|failed| failed.kind)
    }

    fn request(
        &self,
        endpoint: Endpoint,
        bearer: Option<&SecretString>,
        body: Option<Bytes>,
    ) -> Result<http::Request<Bytes>, ErrorKind> {
        let base = self.api_url.as_str().trim_end_matches('/');
        let cant = |reason: String| ErrorKind::Transport(TransportError::Request(reason));
        let mut request = http::Request::builder()
            .method(endpoint.method())
            .uri(format!("{base}{}", endpoint.path()))
            .header(ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(bearer) = bearer {
            let mut value = HeaderValue::try_from(format!("Bearer {}", bearer.expose_secret()))
                // Not the error's own words: they are about the secret.
                .map_err(|_| cant("the token has characters that no header can carry".into()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request
            .body(body.unwrap_or_default())
            .map_err(|error| cant(error.to_string()))
    }

    /// The status of a success and what reads its answer, which has arrived whole; an error for
    /// everything else.
    async fn exchange<R: Reader>(
        &self,
        request: http::Request<Bytes>,
        permit: Permit,
        mut reader: R,
    ) -> Result<(u16, R, Share), Failed> {
        let answer = self.transport.send(request).await;
        // It has arrived, or never will.
        drop(permit);
        let (head, mut body) = answer.map_err(ErrorKind::Transport)?.into_parts();
        if !head.status.is_success() {
            // The head says it all, so it counts at once; what follows may never come.
            let kind = self.meaning(&head);
            if let ErrorKind::RateLimited { retry_after } = &kind {
                self.budget.limited(*retry_after);
            }
            return Err(Failed {
                code: kind.code(),
                kind,
                rest: Some(body),
            });
        }
        let mut share = Share::new(self.memory.clone());
        let mut next_step = STEP;
        let mut length = 0u64;
        while let Some(more) = body.next().await {
            let more = more.map_err(ErrorKind::Transport)?;
            length = length.saturating_add(more.len() as u64);
            // Little of it may be held, but nobody has a portfolio of that size: it costs time.
            if length > self.memory.bound() {
                return Err(ErrorKind::TooLarge.into());
            }
            share
                .hold(reader.held_with(more.len()))
                .map_err(|TooLarge| ErrorKind::TooLarge)?;
            reader.push(&more);
            if reader.waiting() >= next_step {
                reader = self
                    .run_blocking(move || reader.advance().map(|()| reader))
                    .await?;
                next_step = reader.waiting().saturating_add(STEP);
            }
        }
        Ok((head.status.as_u16(), reader, share))
    }

    /// Reads aside: a large answer takes tens of milliseconds in all.
    async fn run_blocking<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T, DecodeError> + Send + 'static,
    ) -> Result<T, ErrorKind> {
        self.blocking_pool
            .run(read)
            .await
            .map_err(|TaskFailed| ErrorKind::TaskFailed)?
            .map_err(|DecodeError(reason)| ErrorKind::Decode(reason))
    }

    /// What an answer that is not a success means.
    fn meaning(&self, head: &http::response::Parts) -> ErrorKind {
        let retry_after = || retry_after(&head.headers, self.clock.wall());
        match head.status.as_u16() {
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            429 => ErrorKind::RateLimited {
                retry_after: retry_after(),
            },
            status @ 300..=399 => ErrorKind::Redirected {
                status,
                to: head.headers.get(LOCATION).and_then(|it| self.host_of(it)),
            },
            status @ 500.. => ErrorKind::Server {
                status,
                retry_after: retry_after(),
            },
            status => ErrorKind::Refused { status },
        }
    }

    /// Only the host: the rest of a location may hold anything.
    fn host_of(&self, location: &HeaderValue) -> Option<String> {
        let url = self.api_url.join(location.to_str().ok()?).ok()?;
        url.host_str().map(str::to_owned)
    }
}

/// A request that failed: what it means, and how it is counted.
struct Failed {
    kind: ErrorKind,
    code: Option<Code>,
    /// What still comes of its answer.
    rest: Option<BodyStream>,
}

impl From<ErrorKind> for Failed {
    fn from(kind: ErrorKind) -> Self {
        Self {
            code: kind.code(),
            kind,
            rest: None,
        }
    }
}

/// Reads the body of an error to its end, so that the connection can be used again, and forgets it.
/// Fails with how the request counts when there is no end within reason, or in the time that is `left`.
async fn drain(mut body: BodyStream, left: Duration) -> Result<(), Code> {
    const LIMIT: Duration = Duration::from_secs(1);
    const MOST: usize = 64 << 10;

    let read = async {
        let mut length = 0usize;
        while let Some(more) = body.next().await {
            let more = more.map_err(|it| it.code().unwrap_or(Code::Reset))?;
            length = length.saturating_add(more.len());
            if length > MOST {
                return Err(Code::TooLarge);
            }
        }
        Ok(())
    };
    tokio::time::timeout(LIMIT.min(left), read)
        .await
        .unwrap_or(Err(Code::Timeout))
}
