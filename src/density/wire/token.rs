//! `POST /v3/oauth/token`: a token for client credentials.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::field::Field;
use super::incremental::heap_size_with_more;
use super::{DecodeError, Decoder};

/// An issued token.
#[derive(Debug)]
pub(in super::super) struct Token {
    pub(in super::super) secret: SecretString,
    /// How long it is valid, if the answer says.
    pub(in super::super) lifetime: Option<Duration>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    access_token: Field<'a>,
    #[serde(borrow)]
    expires_in: Field<'a>,
}

/// Decodes the answer when it is complete, because it is small.
#[derive(Default)]
pub(in super::super) struct TokenDecoder(Vec<u8>);

impl Decoder for TokenDecoder {
    type Output = Token;

    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn buffered(&self) -> usize {
        self.0.len()
    }

    fn heap_size_with(&self, more: usize) -> usize {
        heap_size_with_more(&self.0, more)
    }

    fn advance(&mut self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn finish(self) -> Result<Token, DecodeError> {
        read_token(&self.0)
    }
}

/// Seconds are a number or text; without them the token is used until it is no longer accepted.
fn read_token(bytes: &[u8]) -> Result<Token, DecodeError> {
    let answer: Answer<'_> = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        DecodeError(format!(
            "it is not a token's JSON (line {line}, column {column})"
        ))
    })?;
    let secret = match answer.access_token.text() {
        Ok(Some(text)) if is_sendable(text.trim()) => SecretString::from(text.trim()),
        _ => {
            return Err(DecodeError(
                "it has no access_token that can be sent".to_owned(),
            ));
        }
    };
    let seconds = match answer.expires_in.text() {
        Ok(text) => text.and_then(|it| it.trim().parse::<f64>().ok()),
        Err(_) => answer.expires_in.non_negative().ok().flatten(),
    };
    Ok(Token {
        secret,
        lifetime: seconds
            .filter(|it| *it > 0.0)
            .and_then(|it| Duration::try_from_secs_f64(it).ok()),
    })
}

/// Whether a header can contain it.
fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_lifetime_is_text_a_number_or_unknown() {
        let lifetimes = [
            ("\"3600\"", Some(3600)),
            ("3600", Some(3600)),
            ("3600.0", Some(3600)),
            ("\" 60 \"", Some(60)),
            ("null", None),
            ("0", None),
            ("-5", None),
            ("\"soon\"", None),
            ("\"NaN\"", None),
            ("1e300", None),
            ("[]", None),
        ];
        for (expires_in, expected) in lifetimes {
            let text = format!(r#"{{"access_token": "eyJ", "expires_in": {expires_in}}}"#);
            let token = read_token(text.as_bytes()).unwrap();
            assert_eq!(token.secret.expose_secret(), "eyJ");
            assert_eq!(token.lifetime, expected.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn an_answer_without_a_token_is_an_error_that_does_not_repeat_it() {
        for text in [
            r#"{"token": "eyJ"}"#,
            r#"{"access_token": null}"#,
            r#"{"access_token": " "}"#,
            r#"{"access_token": 3}"#,
            r#"{"access_token": "eyJ\neyJ"}"#,
            r#"{"access_token": "eyJé"}"#,
            "eyJ",
        ] {
            let error = read_token(text.as_bytes()).unwrap_err();
            assert!(!error.0.contains("eyJ"), "{error:?}");
        }
    }
}
