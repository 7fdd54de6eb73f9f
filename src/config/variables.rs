//! The configuration from the environment alone, for one organization and no file.
//!
//! An empty variable counts as one that is not set, as compose files and unit files leave them.

use secrecy::SecretString;

use super::address::{self, DEFAULT_API_URL};
use super::environment::Environment;
use super::secret::SecretSource;
use super::settings::{
    Auth, Budget, CollectorSettings, Config, Organization, Request, SpaceFilter, Stale,
};
use super::{credentials, organization};
use crate::yaml::error::{Diagnostics, Errors};

const TOKEN: &str = "DENSITY_API_TOKEN";
const TOKEN_FILE: &str = "DENSITY_API_TOKEN_FILE";
const CLIENT_ID: &str = "DENSITY_CLIENT_ID";
const CLIENT_SECRET: &str = "DENSITY_CLIENT_SECRET";
const CLIENT_SECRET_FILE: &str = "DENSITY_CLIENT_SECRET_FILE";
const API_URL: &str = "DENSITY_API_URL";
const ORGANIZATION: &str = "DENSITY_ORGANIZATION";

const INSTEAD_OF_HTTPS: &str = "use a configuration file with allow_plain_http: true";

/// Reads the configuration from the environment's `DENSITY_…` variables.
///
/// # Errors
/// Everything that is wrong with them, or that there is nothing to read.
pub fn from_environment(environment: &dyn Environment) -> Result<Config, Errors> {
    let mut reader = Reader {
        environment,
        diagnostics: Diagnostics::of("environment"),
    };
    let auth = reader.auth();
    let name = reader.get(ORGANIZATION).unwrap_or("default".to_owned());
    if let Err(message) = organization::check_name(&name) {
        reader.diagnostics.add(None, ORGANIZATION, message);
    }
    let api_url = reader.get(API_URL).unwrap_or(DEFAULT_API_URL.to_owned());
    let api_url = address::api_url(&api_url, Some(INSTEAD_OF_HTTPS))
        .map_err(|message| reader.diagnostics.add(None, API_URL, message));
    match (auth, api_url) {
        (Some(auth), Ok(api_url)) if reader.diagnostics.is_empty() => Ok(Config {
            organizations: vec![Organization {
                name,
                api_url,
                auth,
                spaces: SpaceFilter::default(),
                ca_file: None,
                proxy_url: None,
            }],
            collectors: CollectorSettings::default(),
            budget: Budget::default(),
            request: Request::default(),
            stale: Stale::default(),
        }),
        _ => Err(reader.diagnostics.into_errors()),
    }
}

struct Reader<'a> {
    environment: &'a dyn Environment,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.environment
            .get(name)
            .filter(|it| !it.trim().is_empty())
    }

    /// `None` when something is wrong, which is noted.
    fn auth(&mut self) -> Option<Auth> {
        let token_given = self.get(TOKEN).is_some() || self.get(TOKEN_FILE).is_some();
        let secret_given =
            self.get(CLIENT_SECRET).is_some() || self.get(CLIENT_SECRET_FILE).is_some();
        let client_id = self.get(CLIENT_ID);
        if !token_given && !secret_given && client_id.is_none() {
            self.diagnostics.add(
                None,
                "",
                format!(
                    "there is no configuration; give --config.file, or set {TOKEN} or \
                     {TOKEN_FILE}, or {CLIENT_ID} with {CLIENT_SECRET} or {CLIENT_SECRET_FILE}; \
                     density-exporter demo needs none of them"
                ),
            );
            return None;
        }
        let token = self.source(TOKEN, TOKEN_FILE);
        let secret = self.source(CLIENT_SECRET, CLIENT_SECRET_FILE);
        match (token_given, client_id, secret_given) {
            (true, None, false) => token.map(Auth::Token),
            (false, Some(client_id), true) => Some(Auth::ClientCredentials {
                client_id,
                client_secret: secret?,
            }),
            (true, _, _) => {
                let other = self.get(CLIENT_ID).map_or(CLIENT_SECRET, |_| CLIENT_ID);
                let message = format!(
                    "there is a token too; unset it, or {TOKEN} and {TOKEN_FILE}: only one of the two \
                     can be used"
                );
                self.refuse(other, message)
            }
            (false, Some(_), false) => self.refuse(
                CLIENT_ID,
                format!("has no secret; set {CLIENT_SECRET} or {CLIENT_SECRET_FILE} too"),
            ),
            (false, None, _) => self.refuse(
                CLIENT_ID,
                "is not set, though its secret is; set it".to_owned(),
            ),
        }
    }

    fn refuse<T>(&mut self, variable: &str, message: String) -> Option<T> {
        self.diagnostics.add(None, variable, message);
        None
    }

    /// The secret's place, from whichever of the two variables is set.
    fn source(&mut self, variable: &str, file: &str) -> Option<SecretSource> {
        let (name, checked) = match (self.get(variable), self.get(file)) {
            (Some(_), Some(_)) => {
                let message = format!("{variable} is set too; unset one of the two");
                return self.refuse(file, message);
            }
            (Some(value), None) => {
                let source = SecretSource::Environment {
                    variable: variable.to_owned(),
                    value: SecretString::from(value),
                };
                (variable, credentials::checked(source, true))
            }
            (None, Some(path)) => (file, credentials::file_source(&path)),
            (None, None) => return None,
        };
        checked.map_or_else(|message| self.refuse(name, message), Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const CANARY: &str = "canary-9f8e7d6c";

    #[test]
    fn a_token_is_enough() {
        let config = from_environment(&[(TOKEN, CANARY), (CLIENT_SECRET, "")]).unwrap();
        let [organization] = config.organizations.as_slice() else {
            panic!("{config:?}")
        };
        assert_eq!(organization.name, "default");
        assert_eq!(organization.api_url.as_str(), "https://api.density.io/");
        assert!(
            matches!(&organization.auth, Auth::Token(SecretSource::Environment { variable, .. }) if variable == TOKEN)
        );
        assert!(!format!("{config:?}").contains(CANARY));
    }

    #[test]
    fn a_token_file_and_the_rest_are_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "canary-9f8e7d6c\n").unwrap();
        let path = file.path().to_str().unwrap();
        let config = from_environment(&[
            (TOKEN_FILE, path),
            (ORGANIZATION, "Zoë & Söhne"),
            (API_URL, "http://127.0.0.1:8080"),
        ])
        .unwrap();
        assert_eq!(config.organizations[0].name, "Zoë & Söhne");
        assert_eq!(config.organizations[0].api_host(), "127.0.0.1:8080");
        assert!(matches!(
            &config.organizations[0].auth,
            Auth::Token(SecretSource::File(it)) if it == file.path()
        ));
    }

    #[test]
    fn client_credentials_are_read() {
        let config = from_environment(&[(CLIENT_ID, "abc"), (CLIENT_SECRET, CANARY)]).unwrap();
        assert!(matches!(
            &config.organizations[0].auth,
            Auth::ClientCredentials { client_id, .. } if client_id == "abc"
        ));
    }

    #[rstest]
    #[case::nothing(
        [("PATH", "/bin"), ("HOME", "/"), (TOKEN, " ")],
        &["environment: there is no configuration; give --config.file, or set DENSITY_API_TOKEN or DENSITY_API_TOKEN_FILE, or DENSITY_CLIENT_ID with DENSITY_CLIENT_SECRET or DENSITY_CLIENT_SECRET_FILE; density-exporter demo needs none of them"],
    )]
    #[case::both_kinds(
        [(TOKEN, CANARY), (CLIENT_ID, "abc"), (CLIENT_SECRET, CANARY)],
        &["environment: DENSITY_CLIENT_ID: there is a token too; unset it, or DENSITY_API_TOKEN and DENSITY_API_TOKEN_FILE: only one of the two can be used"],
    )]
    #[case::two_sources(
        [(TOKEN, CANARY), (TOKEN_FILE, CANARY), (API_URL, "")],
        &["environment: DENSITY_API_TOKEN_FILE: DENSITY_API_TOKEN is set too; unset one of the two"],
    )]
    #[case::client_without_secret(
        [(CLIENT_ID, "abc"), (API_URL, ""), (ORGANIZATION, "")],
        &["environment: DENSITY_CLIENT_ID: has no secret; set DENSITY_CLIENT_SECRET or DENSITY_CLIENT_SECRET_FILE too"],
    )]
    #[case::secret_without_client(
        [(CLIENT_SECRET, CANARY), (API_URL, ""), (ORGANIZATION, "")],
        &["environment: DENSITY_CLIENT_ID: is not set, though its secret is; set it"],
    )]
    #[case::all_at_once(
        [(TOKEN_FILE, "/no/such/token"), (API_URL, "http://me:canary-9f8e7d6c@api.example"), (CLIENT_ID, "abc")],
        &[
            "environment: DENSITY_API_TOKEN_FILE: can't read the secret file /no/such/token: No such file or directory (os error 2); check that it exists and that the exporter may read it",
            "environment: DENSITY_CLIENT_ID: there is a token too; unset it, or DENSITY_API_TOKEN and DENSITY_API_TOKEN_FILE: only one of the two can be used",
            "environment: DENSITY_API_URL: has a user name or password in it; remove it, as secrets come from files or the environment",
        ],
    )]
    #[case::plain_http(
        [(TOKEN, CANARY), (API_URL, "http://api.example"), (ORGANIZATION, "")],
        &["environment: DENSITY_API_URL: plain http would show the token to the network; write https, or use a configuration file with allow_plain_http: true"],
    )]
    #[case::secret_for_a_file(
        [(TOKEN_FILE, CANARY), (API_URL, ""), (ORGANIZATION, "")],
        &["environment: DENSITY_API_TOKEN_FILE: can't read the file of this name: No such file or directory (os error 2); write the path of a file, never the secret itself"],
    )]
    fn mistakes_are_told_at_once(#[case] variables: [(&str, &str); 3], #[case] expected: &[&str]) {
        let errors = from_environment(&variables).unwrap_err();
        assert_eq!(errors.to_string(), expected.join("\n"));
        assert!(!format!("{errors:?}{errors}").contains(CANARY));
    }
}
