//! The web configuration and certificates' names, for the fuzzers.

use std::path::Path;

use super::{file, subject_names};

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

/// Looks for a name in a certificate, which is any bytes.
pub(in crate::http) fn certificate_names(certificate: &[u8]) {
    let allowed = ["client.example".to_owned(), "10.1.2.3".to_owned()];
    if subject_names::has_one_of(certificate, &allowed) {
        let holds = |name: &[u8]| certificate.windows(name.len()).any(|it| it == name);
        assert!(holds(b"client.example") || holds(&[10, 1, 2, 3]));
    }
}
