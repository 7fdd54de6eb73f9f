//! From a file to the configuration, or to what is wrong with it.
//!
//! Only the file counts: the environment is asked for the variables that the file names, and for
//! nothing else.

use std::path::Path;

use super::collector::Collector;
use super::environment::{Context, Environment};
use super::settings::{Config, Organization, SpaceFilter};
use super::{organization, raw, values, worst_case};
use crate::yaml::document;
use crate::yaml::error::{Diagnostics, Errors};
use crate::yaml::file::{LARGEST_FILE, read_at_most, text_of};
use crate::yaml::section::Section;

const ABOUT_SECRETS: &str = "a secret is never written in this file: name its place with \
    token_file, token_env, client_secret_file or client_secret_env under auth";

/// Reads the configuration file at `path`. Relative paths in it are relative to its directory.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file; also when it can't be read. Of
/// mistakes in its form, the first.
pub fn from_file(path: &Path, environment: &dyn Environment) -> Result<Config, Errors> {
    let name = path.display().to_string();
    let read = read_at_most(path, LARGEST_FILE as u64);
    from_text(&name, &text_of(&name, read)?, environment)
}

/// Reads a configuration file's text. `name` is the file's path, used in messages; relative paths in
/// the text are relative to its directory.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file. Of mistakes in its form, the first.
pub fn from_text(name: &str, text: &str, environment: &dyn Environment) -> Result<Config, Errors> {
    let document = document::read::<raw::Config>(name, text, Some(ABOUT_SECRETS))?;
    let Some(file) = document.value else {
        let message = "configures nothing; write at least organizations, with one entry";
        return Err(Errors::one(name, None, message));
    };
    let mut diagnostics = Diagnostics::of(name);
    let mut root = Section::root(document.position, &mut diagnostics);
    let context = Context {
        directory: Path::new(name).parent().unwrap_or(Path::new("")),
        environment,
    };
    let config = Config {
        organizations: organization::check_all(&file, &mut root, &context),
        collectors: values::collectors(&file, &mut root),
        budget: values::budget(&file, &mut root),
        request: values::request(&file, &mut root),
        stale: values::stale(&file, &mut root),
    };
    check_inventory(&config, &file, &mut root);
    // What a broken configuration would cost is a guess: the sum is checked when the rest is right.
    if root.is_good() {
        check_cost(&config, &file, &mut root);
    }
    diagnostics.result(config)
}

/// Notes what can't work while a collector of the inventory is off: batches of space ids, and filters.
fn check_inventory(config: &Config, file: &raw::Config, root: &mut Section<'_>) {
    let is_off = |it: Collector| config.collectors.ttl(it).is_none();
    if is_off(Collector::Spaces) && config.request.batch_size > 0 {
        let message = "batch_size needs the space ids of the collector spaces, which is turned off; \
                       turn it on or set batch_size: 0";
        root.refuse("request", file.request.position, message);
    }
    let off = [Collector::Spaces, Collector::Sensors]
        .into_iter()
        .find(|it| is_off(*it) && (*it == Collector::Spaces || !is_off(Collector::SensorHealth)));
    let is_filtered = |it: &Organization| it.spaces != SpaceFilter::default();
    if let Some(off) = off
        && config.organizations.iter().any(is_filtered)
    {
        let message = format!(
            "filters under spaces need the collector {off}, which is turned off; turn it on or \
             take the filters out"
        );
        root.refuse("organizations", file.organizations.position, message);
    }
}

/// Notes that a budget does not suffice: at the budget, or else where the calls come from: at the
/// collectors, or with those at their defaults, at the organizations.
fn check_cost(config: &Config, file: &raw::Config, root: &mut Section<'_>) {
    let places = [
        ("budget", file.budget.position),
        ("collectors", file.collectors.position),
        ("organizations", file.organizations.position),
    ];
    let mut given = places.into_iter().filter(|(_, it)| it.is_some());
    let (key, position) = given.next().unwrap_or_default();
    for exceeded in worst_case::budget_exceeded(config) {
        root.refuse(key, position, exceeded.to_string());
    }
}
