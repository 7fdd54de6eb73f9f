//! The kinds of faults.

use std::time::Duration;

use crate::simulator::endpoint::EndpointName;

/// A fault that applies to responses until it is used up or cleared.
///
/// All delays that apply to a request add up; of the other kinds, only the oldest applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The endpoint that it applies to; without one, all.
    pub endpoint: Option<EndpointName>,
    /// Its kind.
    pub kind: FaultKind,
    /// How many more requests it applies to; without it, all until it is cleared.
    pub remaining: Option<u32>,
}

impl Fault {
    /// A fault of all endpoints until it is cleared.
    pub const fn everywhere(kind: FaultKind) -> Self {
        Self {
            endpoint: None,
            kind,
            remaining: None,
        }
    }

    /// A fault of one endpoint until it is cleared.
    pub const fn of(endpoint: EndpointName, kind: FaultKind) -> Self {
        Self {
            endpoint: Some(endpoint),
            kind,
            remaining: None,
        }
    }

    /// The same fault for the next `requests` requests only.
    #[must_use]
    pub fn times(self, requests: u32) -> Self {
        Self {
            remaining: Some(requests),
            ..self
        }
    }
}

impl FaultKind {
    /// The name, as it is written in faults and counters.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Latency(_) => "latency",
            Self::Status { .. } => "status",
            Self::Truncate => "truncate",
            Self::Hang => "hang",
            Self::HangInBody => "hang_in_body",
            Self::Trickle { .. } => "trickle",
            Self::Reset => "reset",
            Self::Malformed => "malformed",
            Self::Garbage => "garbage",
            Self::HtmlErrorPage => "html",
            Self::WrongContentType => "wrong_content_type",
            Self::ErrorBodyWith200 => "error_with_200",
            Self::ExpiredToken => "expired_token",
            Self::Huge { .. } => "huge",
            Self::DeepNesting { .. } => "deep",
            Self::Redirect { .. } => "redirect",
        }
    }
}

/// What a fault does to a response.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The response is delayed.
    Latency(Duration),
    /// An error with this status instead of the response.
    Status {
        /// The status code, 200 to 599.
        code: u16,
        /// `Retry-After`, sent as it is: seconds, a date, or nonsense.
        retry_after: Option<String>,
        /// The `message` of the error.
        body: Option<String>,
    },
    /// The connection ends in the middle of the body, before `Content-Length` is reached.
    Truncate,
    /// No response at all, and the connection stays open.
    Hang,
    /// The head and half of the body, and then nothing more.
    HangInBody,
    /// The right body, but slowly.
    Trickle {
        /// Bytes a second; at least one.
        bytes_per_second: u32,
    },
    /// The connection is closed before the response.
    Reset,
    /// The entries of [`super::malformed_entries`] among the right ones.
    Malformed,
    /// 200 and a body that is not JSON.
    Garbage,
    /// 502 and an HTML page, as gateways send it.
    HtmlErrorPage,
    /// The right response, with the `Content-Type` `text/plain`.
    WrongContentType,
    /// 200 with the JSON of an error.
    ErrorBodyWith200,
    /// 401 until a new OAuth token is used; a static token is refused as long as the fault is active.
    ExpiredToken,
    /// A JSON list that is this large, streamed.
    Huge {
        /// Bytes, at least.
        bytes: u64,
    },
    /// Lists in lists; for `spaces` a space in a space.
    DeepNesting {
        /// How deep.
        depth: u32,
    },
    /// 307 to somewhere else.
    Redirect {
        /// The `Location`.
        location: String,
    },
}
