//! The syntax of faults: `endpoint=kind[:value][,retry_after=…][,body=…][,times=…]`.
//!
//! Values with commas or quotes are in double quotes, with `\"` and `\\` inside. Every error says
//! what was wrong and what would be right.

use std::fmt;
use std::str::FromStr;

use super::kind::{Fault, FaultKind};

const KINDS: &str = "latency:DURATION, status:CODE, truncate, hang, hang_in_body, \
     trickle:BYTES_PER_SECOND, reset, malformed, garbage, html, wrong_content_type, \
     error_with_200, expired_token, huge:BYTES, deep:DEPTH, redirect:URL";

/// A text that is not a fault, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no fault: {reason}")]
pub struct FaultError {
    text: String,
    reason: String,
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads a fault such as `sensor_health=status:503,retry_after=30,times=3` or `*=latency:2s`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        parse(text.trim()).map_err(|reason| FaultError {
            text: text.to_owned(),
            reason,
        })
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let (endpoint, rest) = text
        .split_once('=')
        .ok_or("expected endpoint=kind, such as *=latency:2s or spaces=status:503,times=3")?;
    let endpoint = match endpoint.trim() {
        "*" => None,
        name => Some(name.parse()?),
    };
    let mut parts = split(rest)?.into_iter();
    let kind = parts.next().unwrap_or_default();
    let (name, value) = match kind.split_once(':') {
        Some((name, value)) => (name, Some(unquote(value))),
        None => (kind.as_str(), None),
    };
    let mut fault = Fault {
        endpoint,
        kind: kind_of(name, value)?,
        remaining: None,
    };
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((&part, ""));
        let value = unquote(value);
        match (key.trim(), &mut fault.kind) {
            ("times", _) => fault.remaining = Some(number("times", &value)?),
            ("retry_after", FaultKind::Status { retry_after, .. }) => *retry_after = Some(value),
            ("body", FaultKind::Status { body, .. }) => *body = Some(value),
            ("retry_after" | "body", _) => return Err(format!("{key} needs status:CODE")),
            _ => {
                return Err(format!(
                    "unknown option {key:?}: expected times=N, retry_after=TEXT or body=TEXT"
                ));
            }
        }
    }
    Ok(fault)
}

fn kind_of(name: &str, value: Option<String>) -> Result<FaultKind, String> {
    let needed = |what: &str| {
        value
            .clone()
            .ok_or(format!("{name} needs a value: {name}:{what}"))
    };
    let kind = match name {
        "latency" => {
            let text = needed("DURATION")?;
            let parsed = humantime::parse_duration(&text);
            FaultKind::Latency(
                parsed.map_err(|error| {
                    format!("{text:?} is no duration such as 250ms or 2s: {error}")
                })?,
            )
        }
        "status" => {
            let code = number("the status code", &needed("CODE")?)?;
            if !(200..=599).contains(&code) {
                return Err(format!("{code} is no status code from 200 to 599"));
            }
            FaultKind::Status {
                code,
                retry_after: None,
                body: None,
            }
        }
        "trickle" => FaultKind::Trickle {
            bytes_per_second: number("bytes a second", &needed("BYTES_PER_SECOND")?)?,
        },
        "huge" => FaultKind::Huge {
            bytes: number("bytes", &needed("BYTES")?)?,
        },
        "deep" => FaultKind::DeepNesting {
            depth: number("depth", &needed("DEPTH")?)?,
        },
        "redirect" => FaultKind::Redirect {
            location: needed("URL")?,
        },
        _ => {
            let kind = match name {
                "truncate" => FaultKind::Truncate,
                "hang" => FaultKind::Hang,
                "hang_in_body" => FaultKind::HangInBody,
                "reset" => FaultKind::Reset,
                "malformed" => FaultKind::Malformed,
                "garbage" => FaultKind::Garbage,
                "html" => FaultKind::HtmlErrorPage,
                "wrong_content_type" => FaultKind::WrongContentType,
                "error_with_200" => FaultKind::ErrorBodyWith200,
                "expired_token" => FaultKind::ExpiredToken,
                other => return Err(format!("unknown kind {other:?}: expected one of {KINDS}")),
            };
            if value.is_some() {
                return Err(format!("{name} takes no value"));
            }
            kind
        }
    };
    Ok(kind)
}

fn number<N: FromStr>(what: &str, text: &str) -> Result<N, String> {
    let parsed = text.trim().parse();
    parsed.map_err(|_| format!("{what}: expected a whole number, found {text:?}"))
}

/// Splits at the commas outside quotes.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        if letter == ',' && !quoted {
            parts.push(String::new());
            continue;
        }
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && quoted && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    if quoted {
        return Err("a double quote is not closed".to_owned());
    }
    Ok(parts)
}

fn unquote(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            letter => plain.push(letter),
        }
    }
    plain
}

fn quote(text: &str) -> String {
    if text.contains(['"', ',', '\\']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.endpoint {
            Some(endpoint) => write!(f, "{endpoint}=")?,
            None => f.write_str("*=")?,
        }
        f.write_str(self.kind.name())?;
        match &self.kind {
            FaultKind::Latency(delay) => write!(f, ":{}", humantime::format_duration(*delay))?,
            FaultKind::Status {
                code,
                retry_after,
                body,
            } => {
                write!(f, ":{code}")?;
                for (key, value) in [("retry_after", retry_after), ("body", body)] {
                    if let Some(value) = value {
                        write!(f, ",{key}={}", quote(value))?;
                    }
                }
            }
            FaultKind::Trickle { bytes_per_second } => write!(f, ":{bytes_per_second}")?,
            FaultKind::Huge { bytes } => write!(f, ":{bytes}")?,
            FaultKind::DeepNesting { depth } => write!(f, ":{depth}")?,
            FaultKind::Redirect { location } => write!(f, ":{}", quote(location))?,
            // These have no value.
            FaultKind::Truncate
            | FaultKind::Hang
            | FaultKind::HangInBody
            | FaultKind::Reset
            | FaultKind::Malformed
            | FaultKind::Garbage
            | FaultKind::HtmlErrorPage
            | FaultKind::WrongContentType
            | FaultKind::ErrorBodyWith200
            | FaultKind::ExpiredToken => {}
        }
        match self.remaining {
            Some(times) => write!(f, ",times={times}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::simulator::EndpointName;

    #[test]
    fn faults_are_parsed_as_they_are_written() {
        for text in [
            "*=latency:2s",
            "sensor_health=status:503,retry_after=30,times=3",
            "*=status:429,retry_after=\"Wed, 21 Oct 2026 07:28:00 GMT\"",
            "*=status:500,body=\"it said \\\"no\\\", twice \\\\\"",
            "spaces=truncate",
            "*=hang",
            "*=hang_in_body",
            "presence=trickle:100",
            "plain_presence=reset,times=1",
            "sensors=malformed",
            "*=garbage",
            "*=html",
            "*=wrong_content_type",
            "*=error_with_200",
            "token=expired_token",
            "current_count=huge:1000000000",
            "*=deep:100000",
            "*=redirect:http://elsewhere.example/v3?a=b",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
        }
        assert_eq!(
            "*=latency:250ms,times=2".parse(),
            Ok(Fault::everywhere(FaultKind::Latency(Duration::from_millis(250))).times(2))
        );
        assert_eq!(
            " spaces=hang ".parse(),
            Ok(Fault::of(EndpointName::Spaces, FaultKind::Hang))
        );
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, reason) in [
            ("hang", "expected endpoint=kind"),
            (
                "roof=hang",
                "unknown endpoint \"roof\": expected * or one of token",
            ),
            ("*=", "unknown kind \"\""),
            (
                "*=explode",
                "unknown kind \"explode\": expected one of latency:DURATION",
            ),
            ("*=latency", "latency needs a value: latency:DURATION"),
            ("*=latency:soon", "\"soon\" is no duration"),
            ("*=status:abc", "expected a whole number, found \"abc\""),
            ("*=status:99", "99 is no status code"),
            ("*=hang:3", "hang takes no value"),
            ("*=hang,times=many", "times: expected a whole number"),
            ("*=hang,retry_after=3", "retry_after needs status:CODE"),
            ("*=hang,often=3", "unknown option \"often\""),
            ("*=status:500,body=\"open", "a double quote is not closed"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }
}
