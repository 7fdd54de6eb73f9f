//! The faults: what is done, in which forms, and what must come of it.

use std::time::Duration;

use density_exporter::density::Endpoint;

use crate::bodies;
use crate::script::{Right, Step, head, whole};
use crate::tls::Away;

/// A fault, as the table in `docs/reliability.md` names it.
pub struct Fault {
    pub name: &'static str,
    /// The first is the one that every run tries.
    pub forms: &'static [Form],
}

pub struct Form {
    pub does: &'static str,
    pub how: How,
    expected: Expected,
    at_token: Expected,
    /// `request.timeout`; reading megabytes takes a program that is not optimized some time.
    pub timeout: Duration,
    /// The host says that all calls should pause.
    pub pauses: bool,
}

pub enum How {
    /// This is made of the right answer.
    Answer(fn(&Right) -> Vec<Step>),
    /// An error with this status line and these headers.
    Status(&'static str, &'static str),
    /// 301 to another host, which counts who comes.
    Elsewhere,
    Refused,
    Full,
    NoName,
    Certificate(&'static str),
    Away(Away),
}

/// What must come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The refresh fails, and the request is counted with this code.
    Fails(&'static str),
    /// The refresh fails; the request is counted as 200, and its entries as rejected.
    NoneReadable,
    /// The answer is read but for an entry, which is counted as rejected.
    OneRejected,
    /// The answer is read.
    Read,
}

use Expected::{Fails, NoneReadable, OneRejected, Read};
use How::{Answer, Status};

/// Both attempts together last longer than a scrape may.
const TIMEOUT: Duration = Duration::from_millis(1750);

const fn form(does: &'static str, how: How, expected: Expected) -> Form {
    Form {
        does,
        how,
        expected,
        at_token: expected,
        timeout: TIMEOUT,
        pauses: false,
    }
}

const fn status(line: &'static str, code: &'static str) -> Form {
    form("a JSON error", Status(line, ""), Fails(code))
}

impl Form {
    const fn at_token(mut self, expected: Expected) -> Self {
        self.at_token = expected;
        self
    }

    const fn large(mut self) -> Self {
        self.timeout = Duration::from_secs(8);
        self
    }

    const fn pauses(mut self) -> Self {
        self.pauses = true;
        self
    }

    pub const fn expected(&self, endpoint: Endpoint) -> Expected {
        match endpoint {
            Endpoint::Token => self.at_token,
            _ => self.expected,
        }
    }

    /// Whether it is in the way of every endpoint.
    pub const fn is_at_the_door(&self) -> bool {
        !matches!(self.how, Answer(_) | Status(..) | How::Elsewhere)
    }
}

fn send(bytes: Vec<u8>) -> Vec<Step> {
    vec![Step::Send(bytes)]
}

fn json(body: &[u8]) -> Vec<Step> {
    send(whole("200 OK", "Content-Type: application/json\r\n", body))
}

/// The head, half of the body, and then `end`.
fn half(right: &Right, end: Step) -> Vec<Step> {
    vec![
        Step::Send(right.head()),
        Step::Send(right.half().to_vec()),
        end,
    ]
}

/// A chunk with half of the body, and then `more`.
fn half_in_a_chunk(right: &Right, more: &[u8], end: Step) -> Vec<Step> {
    let half = right.half();
    let size = format!("{:x}\r\n", half.len());
    vec![
        Step::Send(head("Transfer-Encoding: chunked\r\n")),
        Step::Send([size.as_bytes(), half, b"\r\n", more].concat()),
        end,
    ]
}

fn flood(headers: &str, start: &[u8], piece: bytes::Bytes, times: u64) -> Vec<Step> {
    vec![
        Step::Send(head(headers)),
        Step::Send(start.to_vec()),
        Step::Flood(piece, times),
        Step::Close,
    ]
}

const HTML: &str = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>";
const UNTIL_CLOSED: &str = "Connection: close\r\n";
const GZIP: &str = "Connection: close\r\nContent-Encoding: gzip\r\n";

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "refused",
        forms: &[form(
            "nobody listens any more",
            How::Refused,
            Fails("connect"),
        )],
    },
    Fault {
        name: "reset before the body",
        forms: &[
            form(
                "RST instead of an answer",
                Answer(|_| vec![Step::Reset]),
                Fails("reset"),
            ),
            form(
                "FIN instead of an answer",
                Answer(|_| vec![Step::Close]),
                Fails("reset"),
            ),
            form(
                "RST after the head",
                Answer(|it| vec![Step::Send(it.head()), Step::Reset]),
                Fails("reset"),
            ),
        ],
    },
    Fault {
        name: "reset during the body",
        forms: &[
            form(
                "RST after half of it",
                Answer(|it| half(it, Step::Reset)),
                Fails("reset"),
            ),
            form(
                "RST after a chunk",
                Answer(|it| half_in_a_chunk(it, b"", Step::Reset)),
                Fails("reset"),
            ),
        ],
    },
    Fault {
        name: "black hole",
        forms: &[
            form(
                "no answer, connection open",
                Answer(|_| vec![Step::Silence]),
                Fails("timeout"),
            ),
            form(
                "nothing after the head",
                Answer(|it| vec![Step::Send(it.head()), Step::Silence]),
                Fails("timeout"),
            ),
            form(
                "nothing after half of the body",
                Answer(|it| half(it, Step::Silence)),
                Fails("timeout"),
            ),
            form(
                "no connection, and no refusal either",
                How::Full,
                Fails("timeout"),
            ),
        ],
    },
    Fault {
        name: "latency above the timeout",
        forms: &[form(
            "the right answer after 3 s",
            Answer(|it| vec![Step::Wait(Duration::from_secs(3)), Step::Send(it.whole())]),
            Fails("timeout"),
        )],
    },
    Fault {
        name: "one byte a second",
        forms: &[
            form(
                "the body",
                Answer(|it| vec![Step::Send(it.head()), Step::Drip(it.body.clone())]),
                Fails("timeout"),
            ),
            form(
                "the head too",
                Answer(|it| vec![Step::Drip(it.whole())]),
                Fails("timeout"),
            ),
        ],
    },
    Fault {
        name: "truncated",
        forms: &[
            form(
                "FIN after half of the body",
                Answer(|it| half(it, Step::Close)),
                Fails("reset"),
            ),
            form(
                "FIN after a chunk",
                Answer(|it| half_in_a_chunk(it, b"", Step::Close)),
                Fails("reset"),
            ),
            form(
                "half of the body, its end told by FIN",
                Answer(|it| {
                    let half = it.half().to_vec();
                    vec![
                        Step::Send(head(UNTIL_CLOSED)),
                        Step::Send(half),
                        Step::Close,
                    ]
                }),
                Fails("decode"),
            ),
        ],
    },
    Fault {
        name: "wrong length",
        forms: &[
            form(
                "`Content-Length` is half of it",
                Answer(|it| {
                    let length = it.half().len();
                    let head = head(&format!("Content-Length: {length}\r\n"));
                    send([head, it.body.clone()].concat())
                }),
                Fails("decode"),
            ),
            form(
                "`Content-Length` is twice as much",
                Answer(|it| {
                    let head = head(&format!("Content-Length: {}\r\n", 2 * it.body.len()));
                    vec![Step::Send(head), Step::Send(it.body.clone()), Step::Silence]
                }),
                Fails("timeout"),
            ),
            form(
                "`Content-Length` is no number",
                Answer(|it| send([head("Content-Length: much\r\n"), it.body.clone()].concat())),
                Fails("decode"),
            ),
            form(
                "two that differ",
                Answer(|it| {
                    let head = head("Content-Length: 5\r\nContent-Length: 9\r\n");
                    send([head, it.body.clone()].concat())
                }),
                Fails("decode"),
            ),
        ],
    },
    Fault {
        name: "chunked garbage",
        forms: &[
            form(
                "a chunk's size is no number",
                Answer(|it| half_in_a_chunk(it, b"}}{{\r\ngarbage\r\n", Step::Silence)),
                Fails("decode"),
            ),
            form(
                "a chunk's size is 2^72",
                Answer(|it| half_in_a_chunk(it, b"1000000000000000000\r\nx", Step::Silence)),
                Fails("decode"),
            ),
        ],
    },
    Fault {
        name: "wrong content type",
        forms: &[form(
            "the right answer as `text/html`",
            Answer(|it| send(whole("200 OK", "Content-Type: text/html\r\n", &it.body))),
            Read,
        )],
    },
    Fault {
        name: "HTML error page",
        forms: &[
            form(
                "502 and HTML",
                Answer(|_| {
                    send(whole(
                        "502 Bad Gateway",
                        "Content-Type: text/html\r\n",
                        HTML.as_bytes(),
                    ))
                }),
                Fails("502"),
            ),
            form(
                "200 and HTML",
                Answer(|_| {
                    send(whole(
                        "200 OK",
                        "Content-Type: text/html\r\n",
                        HTML.as_bytes(),
                    ))
                }),
                Fails("decode"),
            ),
        ],
    },
    Fault {
        name: "2 GB body",
        forms: &[
            form(
                "objects without end",
                Answer(|_| flood(UNTIL_CLOSED, b"[", bodies::objects(), bodies::PIECES)),
                Fails("too_large"),
            )
            .large(),
            form(
                "one text without end",
                Answer(|_| flood(UNTIL_CLOSED, b"[\"", bodies::piece_of(b'x'), bodies::PIECES)),
                Fails("too_large"),
            )
            .large(),
            form(
                "white space, its length told",
                Answer(|_| {
                    flood(
                        "Content-Length: 2147483648\r\n",
                        b"[",
                        bodies::piece_of(b' '),
                        bodies::PIECES,
                    )
                }),
                Fails("too_large"),
            )
            .large(),
            form(
                "an error without end",
                Answer(|_| {
                    let head = b"HTTP/1.1 500 Broken\r\nConnection: close\r\n\r\n".to_vec();
                    vec![
                        Step::Send(head),
                        Step::Flood(bodies::objects(), bodies::PIECES),
                    ]
                }),
                Fails("too_large"),
            ),
        ],
    },
    Fault {
        name: "gzip bomb",
        forms: &[
            form(
                "2 GB of text in 2 MB",
                Answer(|_| {
                    flood(
                        GZIP,
                        &bodies::gzip_start(b"[\""),
                        bodies::gzip_mebibyte(b'x'),
                        2048,
                    )
                }),
                Fails("too_large"),
            )
            .large(),
            form(
                "2 GB of white space in 2 MB",
                Answer(|_| {
                    flood(
                        GZIP,
                        &bodies::gzip_start(b"["),
                        bodies::gzip_mebibyte(b' '),
                        2048,
                    )
                }),
                Fails("too_large"),
            )
            .large(),
            form(
                "no gzip at all",
                Answer(|it| send(whole("200 OK", "Content-Encoding: gzip\r\n", &it.body))),
                Fails("decode"),
            ),
        ],
    },
    Fault {
        name: "deeply nested JSON",
        forms: &[
            form(
                "100,000 lists in each other",
                Answer(|it| json(&bodies::nested(it))),
                NoneReadable,
            )
            .large()
            .at_token(Fails("decode")),
            form(
                "the same as one entry",
                Answer(|it| json(&bodies::nested_entry(it))),
                OneRejected,
            )
            .large()
            .at_token(Fails("decode")),
            form(
                "the same as a field",
                Answer(|it| json(&bodies::nested_field(it))),
                OneRejected,
            )
            .large()
            .at_token(Fails("decode")),
        ],
    },
    Fault {
        name: "duplicate keys",
        forms: &[
            form(
                "an entry with a key twice",
                Answer(|it| json(&bodies::duplicate_key(it))),
                OneRejected,
            )
            .at_token(Fails("decode")),
            form(
                "an entry twice",
                Answer(|it| json(&bodies::duplicate_entry(it))),
                OneRejected,
            )
            .at_token(Fails("decode")),
        ],
    },
    Fault {
        name: "invalid UTF-8",
        forms: &[form(
            "in an entry",
            Answer(|it| json(&bodies::not_utf8(it))),
            Read,
        )
        .at_token(Fails("decode"))],
    },
    Fault {
        name: "200 with an error body",
        forms: &[
            form(
                "`code` and `message`",
                Answer(|_| json(br#"{"code":500,"message":"unexpected error"}"#)),
                Fails("decode"),
            ),
            form(
                "`error`",
                Answer(|_| json(br#"{"error":"unexpected"}"#)),
                NoneReadable,
            )
            .at_token(Fails("decode")),
        ],
    },
    Fault {
        name: "301 to another host",
        forms: &[form("which counts who comes", How::Elsewhere, Fails("301"))],
    },
    Fault {
        name: "401",
        forms: &[status("401 Unauthorized", "401")],
    },
    Fault {
        name: "403",
        forms: &[status("403 Forbidden", "403")],
    },
    Fault {
        name: "404",
        forms: &[status("404 Not Found", "404")],
    },
    Fault {
        name: "408",
        forms: &[status("408 Request Timeout", "408")],
    },
    Fault {
        name: "413",
        forms: &[status("413 Content Too Large", "413")],
    },
    Fault {
        name: "429",
        forms: &[
            form(
                "`Retry-After: 1`",
                Status("429 Too Many Requests", "Retry-After: 1\r\n"),
                Fails("429"),
            )
            .pauses(),
            form(
                "`Retry-After: -5`",
                Status("429 Too Many Requests", "Retry-After: -5\r\n"),
                Fails("429"),
            )
            .pauses(),
            form(
                "without `Retry-After`",
                Status("429 Too Many Requests", ""),
                Fails("429"),
            )
            .pauses(),
        ],
    },
    Fault {
        name: "500",
        forms: &[status("500 Internal Server Error", "500")],
    },
    Fault {
        name: "502",
        forms: &[status("502 Bad Gateway", "502")],
    },
    Fault {
        name: "503",
        forms: &[
            status("503 Service Unavailable", "503"),
            form(
                "`Retry-After: 999999999999`",
                Status("503 Service Unavailable", "Retry-After: 999999999999\r\n"),
                Fails("503"),
            ),
        ],
    },
    Fault {
        name: "504",
        forms: &[status("504 Gateway Timeout", "504")],
    },
    Fault {
        name: "TLS certificate that is expired",
        forms: &[form(
            "of the trusted authority",
            How::Certificate("expired"),
            Fails("tls"),
        )],
    },
    Fault {
        name: "TLS certificate that is self-signed",
        forms: &[form(
            "for the right host",
            How::Certificate("self-signed"),
            Fails("tls"),
        )],
    },
    Fault {
        name: "TLS certificate for another host",
        forms: &[form(
            "of the trusted authority",
            How::Certificate("other-host"),
            Fails("tls"),
        )],
    },
    Fault {
        name: "DNS failure",
        forms: &[form(
            "the name is in no `hosts` file any more",
            How::NoName,
            Fails("dns"),
        )],
    },
    Fault {
        name: "HTTP/2 GOAWAY",
        forms: &[
            form(
                "instead of an answer",
                How::Away(Away::Instead(0)),
                Fails("reset"),
            ),
            form(
                "for enhancing calm",
                How::Away(Away::Instead(11)),
                Fails("reset"),
            ),
            form(
                "and no answer follows",
                How::Away(Away::AfterAll(0)),
                Fails("reset"),
            ),
            form(
                "as soon as there is a connection",
                How::Away(Away::AtOnce),
                Fails("reset"),
            ),
            form(
                "a refused stream",
                How::Away(Away::StreamRefused),
                Fails("reset"),
            ),
        ],
    },
];
