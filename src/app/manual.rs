//! Manual pages, from the definitions of the command line.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::Cli;

use super::Failure;

/// The page about `subcommand`, or about the program.
///
/// # Errors
/// When there is no such subcommand.
pub(super) fn manual(subcommand: Option<&str>) -> Result<String, Failure> {
    let other = |error: std::io::Error| Failure::Other(error.to_string());
    let mut page = Vec::new();
    Man::new(command(subcommand)?)
        .manual("density-exporter")
        .render(&mut page)
        .map_err(other)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn command(subcommand: Option<&str>) -> Result<Command, Failure> {
    // The revision and the compiler are not worth a new page for every commit, nor is `help` one.
    let mut program = Cli::command()
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true);
    // Gives the subcommands their whole names: the page is not about some program called "metrics".
    program.build();
    match subcommand {
        None => Ok(program),
        Some(name) => program
            .find_subcommand(name)
            .filter(|it| !it.is_hide_set())
            .cloned()
            .ok_or_else(|| Failure::Usage(format!("there is no page about {name:?}"))),
    }
}
