//! What can go wrong with an answer: the kinds of faults. How they are written is in `syntax`, what
//! they do to an answer in `sabotage`.

use std::time::Duration;

use crate::simulator::endpoint::EndpointName;

/// Something that goes wrong with answers until it is used up or cleared.
///
/// All delays that fit a request add up; of other kinds, the oldest that fits is what happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which requests it hits; none: those of every endpoint.
    pub endpoint: Option<EndpointName>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many more requests it hits; none: until it is cleared.
    pub remaining: Option<u32>,
}

impl Fault {
    /// A fault of every endpoint until it is cleared.
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

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The answer comes this much later.
    Latency(Duration),
    /// Another status instead of an answer.
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
    /// No answer at all, and the connection stays open.
    Hang,
    /// The head and half of the body, and then nothing more.
    HangInBody,
    /// The right body, but slowly.
    Trickle {
        /// Bytes a second; at least one.
        bytes_per_second: u32,
    },
    /// The connection is closed before the answer.
    Reset,
    /// The entries of [`super::malformed_entries`] among the right ones.
    Malformed,
    /// 200 and a body that is no JSON.
    Garbage,
    /// 502 and a page for people, as gateways send it.
    HtmlErrorPage,
    /// The right answer, called `text/plain`.
    WrongContentType,
    /// 200 with the JSON of an error.
    ErrorBodyWith200,
    /// 401 until a new OAuth token is used; a static token is refused as long as the fault stands.
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
