//! From a file's text to the configuration, or to everything that is wrong with it.
//!
//! Only the file counts: the environment is asked for the variables that the file names, and for
//! nothing else.

use std::path::Path;

use super::error::Problems;
use super::organization::{self, Surroundings};
use super::section::Section;
use super::tree::{self, Position};
use super::worst_case::BudgetExceeded;
use super::{Collector, Organization, SpaceFilter};
use super::{Config, Environment, Errors, address, values, worst_case};

const KEYS: [&str; 5] = ["organizations", "collectors", "budget", "request", "stale"];

/// The largest file that is read, in bytes.
pub(crate) const LARGEST_FILE: usize = 1 << 20;

/// Reads the configuration file at `path`. Relative paths in it are relative to its directory.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file; also when it can't be read.
pub fn from_file(path: &Path, environment: &dyn Environment) -> Result<Config, Errors> {
    let name = path.display().to_string();
    let text = text_of(&name, address::read_at_most(path, LARGEST_FILE as u64))?;
    from_text(&name, &text, environment)
}

/// The text of a configuration file of that name of which `read` was read, at most one byte more than
/// [`LARGEST_FILE`].
///
/// # Errors
/// When it can't be read, is too large or is no text.
pub(crate) fn text_of(name: &str, read: std::io::Result<Vec<u8>>) -> Result<String, Errors> {
    let bytes = read.map_err(|error| {
        let message = format!("can't be read: {error}; check the path and its permissions");
        one_error(name, None, message)
    })?;
    let is_too_large = bytes.len() > LARGEST_FILE;
    match String::from_utf8(bytes) {
        // A file that was cut off may end within a character.
        _ if is_too_large => Err(too_large(name)),
        Ok(text) => Ok(text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let valid = error.as_bytes().get(..valid).unwrap_or_default();
            let lines = valid.iter().filter(|it| **it == b'\n').count();
            let message = "not UTF-8 text; save the file as UTF-8";
            Err(one_error(
                name,
                Some(lines.saturating_add(1)),
                message.to_owned(),
            ))
        }
    }
}

/// Reads a configuration file's text. `name` is the file's path, used in messages; relative paths in
/// the text are relative to its directory.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn from_text(name: &str, text: &str, environment: &dyn Environment) -> Result<Config, Errors> {
    if text.len() > LARGEST_FILE {
        return Err(too_large(name));
    }
    let mut problems = Problems::of(name);
    let root = match tree::parse(text) {
        Ok(root) => root,
        Err(error) => {
            problems.add(error.position, "", error.message);
            return Err(problems.into_errors());
        }
    };
    let Some(root) = root.filter(|it| !matches!(it.value, tree::Value::Null)) else {
        let message = "configures nothing; write at least organizations, with one entry";
        return Err(one_error(name, None, message.to_owned()));
    };
    let Some(root) = Section::open(&root, "", &KEYS, &mut problems) else {
        return Err(problems.into_errors());
    };
    let around = Surroundings {
        directory: Path::new(name).parent().unwrap_or(Path::new("")),
        environment,
    };
    let config = Config {
        organizations: organization::read_all(&root, &around, &mut problems),
        collectors: values::collectors(&root, &mut problems),
        budget: values::budget(&root, &mut problems),
        request: values::request(&root, &mut problems),
        stale: values::stale(&root, &mut problems),
    };
    refuse_without_inventory(&config, &root, &mut problems);
    // What a broken configuration would cost is a guess: the sum is checked when the rest is right.
    if problems.is_empty() {
        for budget_exceeded in worst_case::budget_exceeded(&config) {
            refuse_budget_exceeded(&budget_exceeded, &root, &mut problems);
        }
    }
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems.into_errors())
    }
}

/// Notes what can't work while a collector of the inventory is off: batches of space ids, and filters.
fn refuse_without_inventory(config: &Config, root: &Section<'_>, problems: &mut Problems) {
    let is_off = |it: Collector| config.collectors.ttl(it).is_none();
    if is_off(Collector::Spaces)
        && config.request.batch_size > 0
        && let Some(request) = root.field("request")
    {
        request.refuse(
            problems,
            "batch_size needs the space ids of the collector spaces, which is turned off; turn it on or set batch_size: 0",
        );
    }
    let filtered = |it: &Organization| it.spaces != SpaceFilter::default();
    let off = [Collector::Spaces, Collector::Sensors]
        .into_iter()
        .find(|it| is_off(*it) && (*it == Collector::Spaces || !is_off(Collector::SensorHealth)));
    if let Some(off) = off
        && config.organizations.iter().any(filtered)
        && let Some(organizations) = root.field("organizations")
    {
        organizations.refuse(
            problems,
            format!(
                "filters under spaces need the collector {off}, which is turned off; turn it on or take the filters out"
            ),
        );
    }
}

/// Notes it at the budget, or else where the calls come from: at the collectors, or with those at
/// their defaults, at the organizations.
fn refuse_budget_exceeded(
    budget_exceeded: &BudgetExceeded,
    root: &Section<'_>,
    problems: &mut Problems,
) {
    let place = ["budget", "collectors", "organizations"]
        .into_iter()
        .find_map(|key| root.field(key));
    match place {
        Some(field) => field.refuse(problems, budget_exceeded.to_string()),
        None => problems.add(None, "", budget_exceeded.to_string()),
    }
}

fn too_large(name: &str) -> Errors {
    let message = format!("larger than {LARGEST_FILE} bytes; make it smaller");
    one_error(name, None, message)
}

pub(crate) fn one_error(name: &str, line: Option<usize>, message: String) -> Errors {
    let mut problems = Problems::of(name);
    problems.add(line.map(|line| Position { line, column: 1 }), "", message);
    problems.into_errors()
}
