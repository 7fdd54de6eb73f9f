//! How an organization proves who it is: from the file's `auth` or from the environment.
//!
//! A message never repeats what stands where a secret's place belongs, unless it looks like a
//! place: people put the secret itself there.

use std::path::PathBuf;

use secrecy::SecretString;

use super::environment::{Context, Environment};
use super::raw;
use super::secret::{SecretError, SecretSource};
use super::settings::Auth;
use crate::yaml::scalar::{Value, text};
use crate::yaml::section::Section;

/// Checks `auth`.
pub(super) fn check(
    raw: &raw::Auth,
    mut section: Section<'_>,
    context: &Context<'_>,
) -> Option<Auth> {
    // Everything is checked before anything is given up, so that every mistake is reported.
    let token = source(
        "token",
        &raw.token_file,
        &raw.token_env,
        &mut section,
        context,
    );
    let (secret_file, secret_env) = (&raw.client_secret_file, &raw.client_secret_env);
    let name = "client_secret";
    let secret = source(name, secret_file, secret_env, &mut section, context);
    let client_id = section.value("client_id", &raw.client_id, text);
    let has_token = raw.token_file.is_given() || raw.token_env.is_given();
    let has_secret = secret_file.is_given() || secret_env.is_given();
    let message = match (has_token, raw.client_id.is_given(), has_secret) {
        (true, false, false) => return token.map(Auth::Token),
        (false, true, true) => {
            return Some(Auth::ClientCredentials {
                client_id: client_id?.to_owned(),
                client_secret: secret?,
            });
        }
        (true, _, _) => "has a token and client credentials; keep one of the two",
        (false, true, false) => {
            "has a client_id without its secret; add client_secret_file or client_secret_env"
        }
        (false, false, true) => "has a client secret without client_id; add client_id",
        (false, false, false) => {
            "says nothing; write token_file or token_env, or client_id with client_secret_file or \
             client_secret_env"
        }
    };
    section.refuse("", None, message);
    None
}

/// The secret's place, from whichever of the two keys is given.
fn source(
    name: &str,
    file: &Value<String>,
    variable: &Value<String>,
    section: &mut Section<'_>,
    context: &Context<'_>,
) -> Option<SecretSource> {
    let (file_key, variable_key) = (format!("{name}_file"), format!("{name}_env"));
    if file.is_given() && variable.is_given() {
        let message = format!("{file_key} is given too; keep one of {file_key} and {variable_key}");
        section.refuse(&variable_key, variable.position, message);
        return None;
    }
    let in_file = section.value(&file_key, file, |it| {
        let path = text(it)?;
        let source = SecretSource::File(context.directory.join(path));
        checked(source, looks_like_a_path(path))
    });
    let in_variable = section.value(&variable_key, variable, |it| {
        variable_source(text(it)?, context.environment)
    });
    in_file.or(in_variable)
}

/// A secret in the variable that the file names.
fn variable_source(name: &str, environment: &dyn Environment) -> Result<SecretSource, String> {
    match environment.get(name) {
        Some(value) => checked(
            SecretSource::Environment {
                variable: name.to_owned(),
                value: SecretString::from(value),
            },
            true,
        ),
        None if looks_like_a_variable(name) => Err(format!(
            "the variable {name} is not set; set it or name another"
        )),
        None => Err(
            "no variable of this name is set; write the name of a variable, never the secret itself"
                .to_owned(),
        ),
    }
}

/// Reads the secret once, to see now whether it can be read at all. Only what is surely a place is repeated.
pub(super) fn checked(source: SecretSource, is_place: bool) -> Result<SecretSource, String> {
    match source.read() {
        Ok(_) => Ok(source),
        Err(SecretError::Unreadable { reason, .. }) if !is_place => Err(format!(
            "can't read the file of this name: {reason}; write the path of a file, never the \
             secret itself"
        )),
        Err(error @ SecretError::Empty { .. }) => Err(format!("{error}; put the secret there")),
        Err(error) => Err(error.to_string()),
    }
}

/// A secret in the file at `path`, which came from the environment.
pub(super) fn file_source(path: &str) -> Result<SecretSource, String> {
    checked(
        SecretSource::File(PathBuf::from(path)),
        looks_like_a_path(path),
    )
}

fn looks_like_a_path(text: &str) -> bool {
    ["/", "./", "../"].iter().any(|it| text.starts_with(it)) && text.len() < 200
}

/// Capitals only: a secret pasted here by mistake has small letters, or it would be a rare one.
fn looks_like_a_variable(text: &str) -> bool {
    text.len() < 100
        && text.starts_with(|it: char| it.is_ascii_uppercase() || it == '_')
        && text
            .bytes()
            .all(|it| it == b'_' || it.is_ascii_uppercase() || it.is_ascii_digit())
}
