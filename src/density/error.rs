//! What can go wrong with a call, named by what the remote end meant.
//!
//! An error must never contain anything of an answer's body: bodies may name people and may echo a secret.

use std::time::Duration;

use crate::config::SecretError;

use super::{Code, Endpoint, TransportError};

/// A call that failed after all retries.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{kind}", prefix(.endpoint, .kind))]
pub struct Error {
    /// The endpoint that failed; the token's when no token could be fetched.
    pub endpoint: Endpoint,
    /// How it failed.
    pub kind: ErrorKind,
}

impl Error {
    /// Whether a request was sent.
    pub(super) fn was_sent(&self) -> bool {
        self.kind.code().is_some()
    }

    /// Whether it was not sent because the budget had no call left.
    pub(super) fn is_over_budget(&self) -> bool {
        matches!(self.kind, ErrorKind::BudgetExhausted { .. })
    }
}

/// The prefix of an error's text: the endpoint, when a request is involved.
fn prefix(endpoint: &Endpoint, kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Secret(_) | ErrorKind::NoSpaces | ErrorKind::TaskFailed => String::new(),
        _ => format!("{endpoint} ({}): ", endpoint.path()),
    }
}

/// How a call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ErrorKind {
    /// 401.
    #[error("401: the credentials are not accepted; check the token, or the client id and secret")]
    Unauthorized,
    /// 403.
    #[error("403: these credentials may not read this; ask whoever manages the Density account")]
    Forbidden,
    /// 404.
    #[error("404: there is no such endpoint; check api_url")]
    NotFound,
    /// 429.
    #[error("429: Density's rate limit is reached{}", .retry_after.map(|it| format!("; it says to wait {} s", it.as_secs())).unwrap_or_default())]
    RateLimited {
        /// How long the answer says to wait.
        retry_after: Option<Duration>,
    },
    /// A redirect, which is never followed: credentials stay with the configured host.
    #[error("{status}: the API answers with a redirect{}; set api_url to where the API is", .to.as_deref().map(|it| format!(" to {it}")).unwrap_or_default())]
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The host that it points at.
        to: Option<String>,
    },
    /// 5xx.
    #[error("{status} from the API")]
    Server {
        /// The HTTP status.
        status: u16,
        /// How long the answer says to wait.
        retry_after: Option<Duration>,
    },
    /// Any other status that is not a success.
    #[error("{status}: the API refuses the request")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The answer did not arrive, or not completely, in time.
    #[error("no whole answer within {:.1} s", .after.as_secs_f64())]
    Timeout {
        /// The timeout.
        after: Duration,
    },
    /// The request or its answer did not get through.
    #[error(transparent)]
    Transport(TransportError),
    /// The answer is larger than the memory that is available for answers.
    #[error(
        "the answer is larger than the memory left for answers; raise request.max_memory or set request.batch_size"
    )]
    TooLarge,
    /// The answer can't be decoded as a whole.
    #[error("the answer can't be read: {0}")]
    Decode(String),
    /// The budget has no call left before the deadline of the refresh.
    #[error("no call left in the budget for {} s", .wait.as_secs_f64().ceil())]
    BudgetExhausted {
        /// How long until there would be one.
        wait: Duration,
    },
    /// The budget has too few calls for all batches of a refresh within its time.
    #[error(
        "the budget let {sent} of {all} batches through in one refresh; raise request.batch_size, or the budget"
    )]
    TooManyBatches {
        /// How many were answered.
        sent: usize,
        /// How many there are.
        all: usize,
    },
    /// The secret can't be read. Nothing was sent.
    #[error(transparent)]
    Secret(SecretError),
    /// Batches of space ids are configured and the spaces are not known. Nothing was sent.
    #[error(
        "request.batch_size asks for space ids, and no space is known yet; see the spaces collector"
    )]
    NoSpaces,
    /// The exporter itself failed: a task panicked or was cancelled.
    #[error("the exporter itself failed; this is a defect, please report it")]
    TaskFailed,
}

impl ErrorKind {
    /// Whether it may go away within seconds, so that a retry makes sense.
    pub fn is_transient(&self) -> bool {
        match self {
            ErrorKind::Timeout { .. } | ErrorKind::RateLimited { .. } => true,
            ErrorKind::Server { status, .. } => matches!(status, 502..=504),
            ErrorKind::Transport(error) => error.is_transient(),
            _ => false,
        }
    }

    /// Whether it lasts until an operator fixes it.
    pub fn needs_operator(&self) -> bool {
        matches!(
            self,
            ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::Redirected { .. }
                | ErrorKind::Refused { .. }
                | ErrorKind::TooLarge
                | ErrorKind::Decode(_)
                | ErrorKind::TooManyBatches { .. }
                | ErrorKind::Secret(_)
        )
    }

    /// How long the remote end asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ErrorKind::RateLimited { retry_after } | ErrorKind::Server { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// The code that such a failed request is counted under; none when no request was sent.
    pub fn code(&self) -> Option<Code> {
        Some(match self {
            ErrorKind::Unauthorized => Code::Status(401),
            ErrorKind::Forbidden => Code::Status(403),
            ErrorKind::NotFound => Code::Status(404),
            ErrorKind::RateLimited { .. } => Code::Status(429),
            ErrorKind::Redirected { status, .. }
            | ErrorKind::Server { status, .. }
            | ErrorKind::Refused { status } => Code::Status(*status),
            ErrorKind::Timeout { .. } => Code::Timeout,
            ErrorKind::Transport(error) => return error.code(),
            ErrorKind::TooLarge => Code::TooLarge,
            ErrorKind::Decode(_) => Code::Decode,
            ErrorKind::BudgetExhausted { .. }
            | ErrorKind::TooManyBatches { .. }
            | ErrorKind::Secret(_)
            | ErrorKind::NoSpaces
            | ErrorKind::TaskFailed => return None,
        })
    }
}
