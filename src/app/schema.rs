//! The JSON schemas of the configuration files, for editors and other programs.

use crate::{config, http};

use super::Failure;

#[cfg(test)]
mod tests;

/// The schema of the configuration file, or of the file of `--web.config.file`.
pub(super) fn schema(web: bool) -> Result<String, Failure> {
    let schema = if web {
        http::web_schema()
    } else {
        config::schema()
    };
    serde_json::to_string_pretty(&schema)
        .map(|it| it + "\n")
        .map_err(|error| Failure::Other(error.to_string()))
}
