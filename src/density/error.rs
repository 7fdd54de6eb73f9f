//! What can go wrong with a call, named by what the remote end meant.
//!
//! No error holds anything of an answer's body: bodies may name people, and may echo a secret.

use std::borrow::Cow;
use std::time::Duration;

use crate::config::SecretError;

use super::{Endpoint, TransportError};

/// A call that failed for good, after its retries.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{kind}", place(.endpoint, .kind))]
pub struct Error {
    /// Which endpoint failed; the token's when no token could be had.
    pub endpoint: Endpoint,
    /// How.
    pub kind: ErrorKind,
}

impl Error {
    /// Whether a request was sent.
    pub(super) fn was_sent(&self) -> bool {
        self.kind.code().is_some()
    }

    /// Whether it was not sent, for the budget had no call left.
    pub(super) fn is_over_budget(&self) -> bool {
        matches!(self.kind, ErrorKind::BudgetExhausted { .. })
    }
}

/// Where it failed: the endpoint, when something was asked of it.
fn place(endpoint: &Endpoint, kind: &ErrorKind) -> String {
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
    /// The answer did not come, or not whole, in time.
    #[error("no whole answer within {:.1} s", .after.as_secs_f64())]
    Timeout {
        /// The time that it had.
        after: Duration,
    },
    /// The request or its answer did not get through.
    #[error(transparent)]
    Transport(TransportError),
    /// The answer is larger than what is left of the memory for answers.
    #[error(
        "the answer is larger than the memory left for answers; raise request.max_memory or set request.batch_size"
    )]
    TooLarge,
    /// The answer can't be read as a whole.
    #[error("the answer can't be read: {0}")]
    Decode(String),
    /// The budget has no call left within the time of the refresh.
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
    /// The work was lost to a defect of the exporter itself.
    #[error("the exporter itself failed; this is a defect, please report it")]
    TaskFailed,
}

impl ErrorKind {
    /// Whether it may pass by itself within seconds, so that trying again makes sense.
    pub fn may_pass(&self) -> bool {
        match self {
            ErrorKind::Timeout { .. } | ErrorKind::RateLimited { .. } => true,
            ErrorKind::Server { status, .. } => matches!(status, 502..=504),
            ErrorKind::Transport(error) => error.may_pass(),
            _ => false,
        }
    }

    /// Whether it is there until somebody mends it.
    pub fn stays(&self) -> bool {
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

    /// How a request that failed so is counted; none when no request was sent.
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

/// How a request that was sent ended: the value of the `code` label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The answer was read whole and had this HTTP status.
    Status(u16),
    /// It took too long.
    Timeout,
    /// No connection could be made.
    Connect,
    /// The host's name could not be resolved.
    Dns,
    /// The TLS handshake failed.
    Tls,
    /// The connection broke.
    Reset,
    /// The answer was larger than the memory for answers.
    TooLarge,
    /// The answer could not be read.
    Decode,
}

impl Code {
    /// The codes that a counter starts with at 0: the words, and the statuses that are to be expected.
    pub const EXPECTED: [Code; 16] = [
        Code::Status(200),
        Code::Status(401),
        Code::Status(403),
        Code::Status(404),
        Code::Status(429),
        Code::Status(500),
        Code::Status(502),
        Code::Status(503),
        Code::Status(504),
        Code::Timeout,
        Code::Connect,
        Code::Dns,
        Code::Tls,
        Code::Reset,
        Code::TooLarge,
        Code::Decode,
    ];

    /// The label's value.
    pub fn label(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Code::Status(200) => "200",
            Code::Status(status) => return Cow::Owned(status.to_string()),
            Code::Timeout => "timeout",
            Code::Connect => "connect",
            Code::Dns => "dns",
            Code::Tls => "tls",
            Code::Reset => "reset",
            Code::TooLarge => "too_large",
            Code::Decode => "decode",
        })
    }
}
