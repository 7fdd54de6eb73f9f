//! How requests are counted: the values of the `code` label.

use std::borrow::Cow;

/// How a request that was sent ended: the value of the `code` label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The answer was complete and had this HTTP status.
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
    /// The answer could not be decoded.
    Decode,
}

impl Code {
    /// The codes whose counters start at 0: all but unusual statuses.
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
