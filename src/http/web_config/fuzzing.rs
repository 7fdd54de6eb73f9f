//! The web configuration, for the fuzzers.

use std::path::Path;

use super::file;

/// Reads the file at `path`.
pub(in crate::http) fn web_config(path: &Path) {
    let (config, sources) = file::read(path);
    match config {
        Ok(config) => {
            let rate = config.rate;
            assert!(rate.is_none_or(|it| !it.interval.is_zero() && it.burst > 0));
            assert!(!format!("{:?}", config.users).contains("$2"));
        }
        Err(errors) => {
            assert!(errors.iter().next().is_some());
            assert!(errors.iter().all(|it| !it.to_string().is_empty()));
        }
    }
    // Nobody changes it meanwhile.
    assert!(sources.is_current());
}
