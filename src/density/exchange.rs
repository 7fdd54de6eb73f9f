//! One request and its answer, within the call budget, the timeout and the memory limit.

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
use super::memory_limit::{MemoryReservation, TooLarge};
use super::retry_after::retry_after;
use super::wire::{DecodeError, Decoder};
use super::{
    BodyStream, Budget, Code, Endpoint, ErrorKind, MemoryLimit, Observer, Transport, TransportError,
};

/// How many bytes are decoded at a time: enough that a task on the blocking pool is worthwhile, and few
/// enough that it is short.
const DECODE_STEP: usize = 256 << 10;

/// Everything that requests of one organization need.
pub struct Exchange {
    /// The organization's name, for the log.
    pub organization: String,
    /// The API's URL, to which the endpoints' paths are appended.
    pub api_url: Url,
    /// Sends requests.
    pub transport: Arc<dyn Transport>,
    /// The budget of the API's host.
    pub budget: Arc<Budget>,
    /// The memory limit for answers.
    pub memory_limit: Arc<MemoryLimit>,
    /// Receives what happens.
    pub observer: Arc<dyn Observer>,
    /// Where answers are decoded.
    pub blocking_pool: BlockingPool,
    /// The clock.
    pub clock: SharedClock,
    /// How long one request may take, including its whole answer.
    pub timeout: Duration,
}

impl Exchange {
    /// Sends one request and decodes its answer with `decoder` as it arrives.
    pub(super) async fn send<R: Decoder>(
        &self,
        endpoint: Endpoint,
        bearer: Option<&SecretString>,
        body: Option<Bytes>,
        deadline: Instant,
        decoder: R,
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
            // The machine was suspended meanwhile: a request that would time out at once is not sent.
            return Err(ErrorKind::Timeout { after: timeout });
        }
        let answer = tokio::time::timeout(timeout, self.exchange(request, permit, decoder))
            .await
            .unwrap_or_else(|_| Err(ErrorKind::Timeout { after: timeout }.into()));
        let result = match answer {
            Err(FailedRequest {
                kind,
                code,
                rest: Some(rest),
            }) => {
                let left = timeout.saturating_sub(self.clock.now().since(start));
                let code = drain(rest, left).await.err().or(code);
                Err(FailedRequest {
                    kind,
                    code,
                    rest: None,
                })
            }
            Ok((status, decoder, reservation)) => self
                .run_blocking(move || {
                    let output = decoder.finish();
                    // The result is no longer an answer being decoded.
                    drop(reservation);
                    output
                })
                .await
                .map(|it| (Code::Status(status), it))
                .map_err(FailedRequest::from),
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
        let invalid = |reason: String| ErrorKind::Transport(TransportError::Request(reason));
        let mut request = http::Request::builder()
            .method(endpoint.method())
            .uri(format!("{base}{}", endpoint.path()))
            .header(ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(bearer) = bearer {
            let mut value = HeaderValue::try_from(format!("Bearer {}", bearer.expose_secret()))
                // Not the text of the error, which is about the secret.
                .map_err(|_| invalid("the token has characters that no header can carry".into()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request
            .body(body.unwrap_or_default())
            .map_err(|error| invalid(error.to_string()))
    }

    /// The status of a success and the decoder of its answer, which has arrived completely; an error for
    /// everything else.
    async fn exchange<R: Decoder>(
        &self,
        request: http::Request<Bytes>,
        permit: Permit,
        mut decoder: R,
    ) -> Result<(u16, R, MemoryReservation), FailedRequest> {
        let answer = self.transport.send(request).await;
        // The request has arrived, or never will.
        drop(permit);
        let (head, mut body) = answer.map_err(ErrorKind::Transport)?.into_parts();
        if !head.status.is_success() {
            // The head is enough, so it counts at once; the body may never arrive.
            let kind = self.classify(&head);
            if let ErrorKind::RateLimited { retry_after } = &kind {
                self.budget.rate_limited(*retry_after);
            }
            return Err(FailedRequest {
                code: kind.code(),
                kind,
                rest: Some(body),
            });
        }
        let mut reservation = MemoryReservation::new(self.memory_limit.clone());
        let mut next_step = DECODE_STEP;
        let mut length = 0u64;
        while let Some(more) = body.next().await {
            let more = more.map_err(ErrorKind::Transport)?;
            length = length.saturating_add(more.len() as u64);
            // It may need little memory, but no portfolio has that size, and decoding it costs time.
            if length > self.memory_limit.bytes() {
                return Err(ErrorKind::TooLarge.into());
            }
            reservation
                .resize(decoder.heap_size_with(more.len()))
                .map_err(|TooLarge| ErrorKind::TooLarge)?;
            decoder.push(&more);
            if decoder.buffered() >= next_step {
                decoder = self
                    .run_blocking(move || decoder.advance().map(|()| decoder))
                    .await?;
                next_step = decoder.buffered().saturating_add(DECODE_STEP);
            }
        }
        Ok((head.status.as_u16(), decoder, reservation))
    }

    /// Decodes on the blocking pool, because a large answer takes tens of milliseconds in all.
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

    /// The error of an answer that is not a success.
    fn classify(&self, head: &http::response::Parts) -> ErrorKind {
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

    /// Only the host, because the rest of a location may contain anything.
    fn host_of(&self, location: &HeaderValue) -> Option<String> {
        let url = self.api_url.join(location.to_str().ok()?).ok()?;
        url.host_str().map(str::to_owned)
    }
}

/// A failed request: its error, and how it is counted.
struct FailedRequest {
    kind: ErrorKind,
    code: Option<Code>,
    /// The rest of its answer.
    rest: Option<BodyStream>,
}

impl From<ErrorKind> for FailedRequest {
    fn from(kind: ErrorKind) -> Self {
        Self {
            code: kind.code(),
            kind,
            rest: None,
        }
    }
}

/// Reads the body of an error to its end and discards it, so that the connection can be reused. Fails with
/// the code to count when the body is too long, or does not end in the time that is `left`.
async fn drain(mut body: BodyStream, left: Duration) -> Result<(), Code> {
    const MAX_TIME: Duration = Duration::from_secs(1);
    const MAX_BYTES: usize = 64 << 10;

    let read = async {
        let mut length = 0usize;
        while let Some(more) = body.next().await {
            let more = more.map_err(|it| it.code().unwrap_or(Code::Reset))?;
            length = length.saturating_add(more.len());
            if length > MAX_BYTES {
                return Err(Code::TooLarge);
            }
        }
        Ok(())
    };
    tokio::time::timeout(MAX_TIME.min(left), read)
        .await
        .unwrap_or(Err(Code::Timeout))
}
