//! Checking a configuration without serving it.

use std::path::Path;
use std::process::ExitCode;

use crate::config::{self, ProcessEnvironment};

use super::{Failure, say, serve};

/// Prints what the file means and what it costs, or every error in it and in the web configuration.
pub(super) fn check_config(
    file: &Path,
    web_config_file: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let config = config::from_file(file, &ProcessEnvironment)
        .map_err(|errors| Failure::Usage(format!("the configuration is not good\n{errors}")));
    let (config, _) = serve::both(config, serve::web_config(web_config_file))?;
    say(&config::report(&config));
    Ok(ExitCode::SUCCESS)
}
