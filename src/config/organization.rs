//! The file's `organizations`, each checked by itself and against the others.
//!
//! Never asks Density whether an organization or a space exists.

use std::collections::BTreeMap;
use std::path::Path;

use super::address::{self, DEFAULT_API_URL, PlainHttp};
use super::environment::Environment;
use super::error::{Problems, shown};
use super::field::Field;
use super::section::{Section, not_one_of, place_of};
use super::tree::Position;
use super::{Organization, SpaceFilter, credentials};

const KEYS: [&str; 7] = [
    "name",
    "api_url",
    "allow_plain_http",
    "auth",
    "spaces",
    "ca_file",
    "proxy_url",
];

/// The types that Density knows, the widest first.
const SPACE_TYPES: [&str; 6] = [
    "portfolio",
    "region",
    "campus",
    "building",
    "floor",
    "space",
];

/// The longest name, in characters: it stands in every sample.
const LONGEST_NAME: usize = 200;

/// What is needed to read an organization besides the file's text.
pub(super) struct Surroundings<'a> {
    /// Paths in the file are relative to this directory.
    pub(super) directory: &'a Path,
    /// For `token_env` and `client_secret_env`.
    pub(super) environment: &'a dyn Environment,
}

/// Reads the list of organizations.
pub(super) fn read_all(
    root: &Section<'_>,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Vec<Organization> {
    const NONE: &str = "there is none; write at least one, with name and auth";
    let Some(field) = root.field("organizations") else {
        if !root.was_meant("organizations") {
            problems.add(root.position(), "organizations", NONE);
        }
        return Vec::new();
    };
    let Some(items) = field.list(problems) else {
        return Vec::new();
    };
    if items.is_empty() {
        field.refuse(problems, NONE);
    }
    let mut names = BTreeMap::new();
    items
        .iter()
        .filter_map(|item| read(item, around, &mut names, problems))
        .collect()
}

/// The names so far, each with its place.
type Names = BTreeMap<String, (String, Position)>;

fn read(
    item: &Field<'_>,
    around: &Surroundings<'_>,
    names: &mut Names,
    problems: &mut Problems,
) -> Option<Organization> {
    let section = item.section(&KEYS, problems)?;
    // Everything is read before anything is given up, so that every mistake is told.
    let name = read_name(&section, names, problems);
    let api_url = read_api_url(&section, problems);
    let auth = match section.field("auth") {
        Some(field) => credentials::read(&field, around.directory, around.environment, problems),
        None => {
            missing(
                &section,
                "auth",
                "is missing; add auth with token_file or token_env, or with client_id and \
                 client_secret_file or client_secret_env",
                problems,
            );
            None
        }
    };
    let spaces = section
        .field("spaces")
        .and_then(|field| read_spaces(&field, problems))
        .unwrap_or_default();
    let ca_file = checked(&section, "ca_file", problems, |text| {
        address::ca_file(around.directory.join(text))
    });
    let proxy_url = checked(&section, "proxy_url", problems, address::proxy_url);
    Some(Organization {
        name: name?,
        api_url: api_url?,
        auth: auth?,
        spaces,
        ca_file,
        proxy_url,
    })
}

fn missing(section: &Section<'_>, key: &str, message: &str, problems: &mut Problems) {
    if !section.was_meant(key) {
        problems.add(section.position(), section.path_of(key), message);
    }
}

fn read_name(section: &Section<'_>, names: &mut Names, problems: &mut Problems) -> Option<String> {
    let Some(field) = section.field("name") else {
        missing(
            section,
            "name",
            "is missing; add the name that the organization label shall have",
            problems,
        );
        return None;
    };
    let name = field.text(problems)?;
    if let Err(message) = check_name(name) {
        field.refuse(problems, message);
        return None;
    }
    if let Some((path, position)) = names.get(name) {
        field.refuse(
            problems,
            format!(
                "{} is the name of {} too; give each organization its own",
                shown(name),
                place_of(path, *position)
            ),
        );
        return None;
    }
    let place = (section.path().to_owned(), section.position());
    names.insert(name.to_owned(), place);
    Some(name.to_owned())
}

/// Checks an organization's name: what is wrong with it and what to do.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if name.trim().is_empty() {
        return Err("is empty; write the name that the organization label shall have".to_owned());
    }
    if length > LONGEST_NAME {
        return Err(format!(
            "has {length} characters; write at most {LONGEST_NAME}"
        ));
    }
    Ok(())
}

fn read_api_url(section: &Section<'_>, problems: &mut Problems) -> Option<url::Url> {
    let allowed = section
        .field("allow_plain_http")
        .and_then(|field| field.boolean(problems))
        .unwrap_or(false);
    let plain_http = PlainHttp::allowed_if(allowed);
    if section.field("api_url").is_none() {
        return address::api_url(DEFAULT_API_URL, plain_http).ok();
    }
    checked(section, "api_url", problems, |text| {
        address::api_url(text, plain_http)
    })
}

/// A text that `check` accepts, turned into what `check` makes of it.
fn checked<T>(
    section: &Section<'_>,
    key: &str,
    problems: &mut Problems,
    check: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let field = section.field(key)?;
    check(field.text(problems)?)
        .map_err(|message| field.refuse(problems, message))
        .ok()
}

fn read_spaces(field: &Field<'_>, problems: &mut Problems) -> Option<SpaceFilter> {
    let section = field.section(&["include", "exclude", "types"], problems)?;
    let include = read_texts(&section, "include", problems);
    let exclude = read_texts(&section, "exclude", problems);
    for (id, item) in &exclude {
        if include.iter().any(|(other, _)| other == id) {
            item.refuse(
                problems,
                format!("{} is in include too; keep it in one of them", shown(id)),
            );
        }
    }
    let types = read_texts(&section, "types", problems);
    for (word, item) in &types {
        if !SPACE_TYPES.contains(word) {
            item.refuse(problems, not_one_of(word, &SPACE_TYPES));
        }
    }
    let owned = |items: Vec<(&str, Field<'_>)>| {
        items.into_iter().map(|(text, _)| text.to_owned()).collect()
    };
    Some(SpaceFilter {
        include: owned(include),
        exclude: owned(exclude),
        types: owned(types),
    })
}

/// The texts of a list, each with its place.
fn read_texts<'a>(
    section: &Section<'a>,
    key: &str,
    problems: &mut Problems,
) -> Vec<(&'a str, Field<'a>)> {
    section
        .field(key)
        .and_then(|field| field.list(problems))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|item| Some((item.text(problems)?, item)))
        .collect()
}
