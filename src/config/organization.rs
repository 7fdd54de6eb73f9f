//! The file's `organizations`, each checked by itself and against the others.
//!
//! Never asks Density whether an organization or a space exists.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{self, DEFAULT_API_URL};
use super::environment::Context;
use super::settings::{Organization, SpaceFilter};
use super::value_schema::SPACE_TYPES;
use super::{credentials, raw};
use crate::yaml::error::quoted;
use crate::yaml::scalar::{boolean, not_one_of, text};
use crate::yaml::section::Section;

/// The longest name, in characters: it stands in every sample.
const LONGEST_NAME: usize = 200;

const INSTEAD_OF_HTTPS: &str = "set allow_plain_http: true for this organization";

/// Checks the list of organizations.
pub(super) fn check_all(
    file: &raw::Config,
    root: &mut Section<'_>,
    context: &Context<'_>,
) -> Vec<Organization> {
    let organizations = &file.organizations;
    if organizations.value.is_empty() {
        let message = "there is none; write at least one, with name and auth";
        root.refuse("organizations", organizations.position, message);
    }
    // The names so far, each with its place.
    let mut names = BTreeMap::new();
    let check = |(index, item)| {
        let (section, item) = root.section(&format!("organizations[{index}]"), item);
        check(item, section, context, &mut names)
    };
    let items = organizations.value.iter().enumerate();
    items.filter_map(check).collect()
}

fn check(
    raw: &raw::Organization,
    mut section: Section<'_>,
    context: &Context<'_>,
    names: &mut BTreeMap<String, String>,
) -> Option<Organization> {
    // Everything is checked before anything is given up, so that every mistake is reported.
    let place = section.place();
    let name = section.value("name", &raw.name, |it| {
        let name = text(it)?;
        check_name(name)?;
        match names.get(name) {
            None => Ok(name.to_owned()),
            Some(other) => Err(format!(
                "{} is the name of {other} too; give each organization its own",
                quoted(name)
            )),
        }
    });
    names.extend(name.clone().map(|it| (it, place)));
    let plain_http = section.value("allow_plain_http", &raw.allow_plain_http, boolean);
    let instead_of_https = (plain_http != Some(true)).then_some(INSTEAD_OF_HTTPS);
    let api_url = section.value("api_url", &raw.api_url, |it| {
        address::api_url(text(it)?, instead_of_https)
    });
    let api_url = match raw.api_url.is_given() {
        true => api_url,
        false => address::api_url(DEFAULT_API_URL, instead_of_https).ok(),
    };
    let ca_file = section.value("ca_file", &raw.ca_file, |it| {
        address::ca_file(context.directory.join(text(it)?))
    });
    let proxy_url = |it| address::proxy_url(text(it)?);
    let proxy_url = section.value("proxy_url", &raw.proxy_url, proxy_url);
    if !raw.name.is_given() {
        let message = "is missing; add the name that the organization label shall have";
        section.refuse("name", None, message);
    }
    let (auth_section, auth) = section.section("auth", &raw.auth);
    let auth = match raw.auth.is_given() {
        true => credentials::check(auth, auth_section, context),
        false => {
            let message = "is missing; add auth with token_file or token_env, or with client_id and \
                           client_secret_file or client_secret_env";
            section.refuse("auth", None, message);
            None
        }
    };
    let (spaces_section, spaces) = section.section("spaces", &raw.spaces);
    let spaces = check_spaces(spaces, spaces_section);
    Some(Organization {
        name: name?,
        api_url: api_url?,
        auth: auth?,
        spaces,
        ca_file,
        proxy_url,
    })
}

/// Checks an organization's name, which is not empty: what is wrong with it and what to do.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    match length > LONGEST_NAME {
        true => Err(format!(
            "has {length} characters; write at most {LONGEST_NAME}"
        )),
        false => Ok(()),
    }
}

fn check_spaces(raw: &raw::Spaces, mut section: Section<'_>) -> SpaceFilter {
    let owned = |it| text(it).map(str::to_owned);
    let include = section.list("include", &raw.include, owned);
    let included: BTreeSet<&String> = include.iter().collect();
    let exclude = section.list("exclude", &raw.exclude, |it| match owned(it)? {
        id if included.contains(&id) => Err(format!(
            "{} is in include too; keep it in one of them",
            quoted(&id)
        )),
        id => Ok(id),
    });
    let types = section.list("types", &raw.types, |it| match owned(it)? {
        word if SPACE_TYPES.contains(&word.as_str()) => Ok(word),
        word => Err(not_one_of(&word, &SPACE_TYPES)),
    });
    SpaceFilter {
        include,
        exclude,
        types,
    }
}
