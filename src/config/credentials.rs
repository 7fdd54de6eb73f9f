//! How an organization proves who it is: from the file's `auth` or from the environment.
//!
//! A message never repeats what stands where a secret's place is asked for, unless it looks like a
//! place: people put the secret itself there.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::environment::Environment;
use super::error::Problems;
use super::field::Field;
use super::section::Section;
use super::{Auth, SecretError, SecretSource};

const KEYS: [&str; 5] = [
    "client_id",
    "client_secret_file",
    "client_secret_env",
    "token_file",
    "token_env",
];

/// Reads `auth`. Paths are relative to `directory`.
pub(super) fn read(
    auth: &Field<'_>,
    directory: &Path,
    environment: &dyn Environment,
    problems: &mut Problems,
) -> Option<Auth> {
    let section = auth.section(&KEYS, problems)?;
    let reader = Reader {
        section: &section,
        directory,
        environment,
    };
    let client_id = section.field("client_id");
    let token_given = reader.given("token_file", "token_env");
    let secret_given = reader.given("client_secret_file", "client_secret_env");
    let told_already =
        section.has_secret_in_the_open() || KEYS.iter().any(|key| section.was_meant(key));
    let mut refuse = |message: &str| {
        problems.add(section.position(), section.path(), message);
        None
    };
    match (client_id, token_given, secret_given) {
        (Some(_), true, _) | (None, true, true) => {
            reader.source("token_file", "token_env", problems);
            reader.source("client_secret_file", "client_secret_env", problems);
            problems.add(
                section.position(),
                section.path(),
                "has a token and client credentials; keep one of the two",
            );
            None
        }
        (None, true, false) => reader
            .source("token_file", "token_env", problems)
            .map(Auth::Token),
        (Some(client_id), false, true) => {
            let client_id = client_id.text(problems).map(str::to_owned);
            let secret = reader.source("client_secret_file", "client_secret_env", problems);
            Some(Auth::ClientCredentials {
                client_id: client_id?,
                client_secret: secret?,
            })
        }
        (_, false, _) if told_already => None,
        (Some(_), false, false) => refuse(
            "has a client_id without its secret; add client_secret_file or client_secret_env",
        ),
        (None, false, true) => refuse("has a client secret without client_id; add client_id"),
        (None, false, false) => refuse(
            "says nothing; write token_file or token_env, or client_id with client_secret_file or \
             client_secret_env",
        ),
    }
}

/// Reads a secret's place from one of two keys.
struct Reader<'a> {
    section: &'a Section<'a>,
    directory: &'a Path,
    environment: &'a dyn Environment,
}

impl Reader<'_> {
    fn given(&self, file: &str, variable: &str) -> bool {
        self.section.field(file).is_some() || self.section.field(variable).is_some()
    }

    /// The secret's place, from whichever of the two keys is given.
    fn source(&self, file: &str, variable: &str, problems: &mut Problems) -> Option<SecretSource> {
        match (self.section.field(file), self.section.field(variable)) {
            (Some(_), Some(second)) => {
                second.refuse(
                    problems,
                    format!("{file} is given too; keep one of {file} and {variable}"),
                );
                None
            }
            (Some(field), None) => {
                let path = field.text(problems)?;
                let source = SecretSource::File(self.directory.join(path));
                checked(source, looks_like_a_path(path))
                    .map_err(|message| field.refuse(problems, message))
                    .ok()
            }
            (None, Some(field)) => {
                let name = field.text(problems)?;
                variable_source(name, self.environment)
                    .map_err(|message| field.refuse(problems, message))
                    .ok()
            }
            (None, None) => None,
        }
    }
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

/// Reads the secret once, to see now whether it can be read at all.
pub(super) fn checked(source: SecretSource, may_be_shown: bool) -> Result<SecretSource, String> {
    match source.read() {
        Ok(_) => Ok(source),
        Err(SecretError::Unreadable { reason, .. }) if !may_be_shown => Err(format!(
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
