//! The configuration file.

use crate::config::{Environment, from_text, redacted, report, worst_case};

/// The value of the variables that the file uses.
const CANARY: &str = "canary-9f8e7d6c";

/// Variables of any name, of which those in capitals hold a secret.
struct Variables;

impl Environment for Variables {
    fn get(&self, name: &str) -> Option<String> {
        match name {
            "" => None,
            "EMPTY" => Some(String::new()),
            _ => (name == name.to_uppercase()).then(|| CANARY.to_owned()),
        }
    }
}

/// A valid file means the same when it is written without secrets and read again; an invalid one gives
/// errors.
pub(super) fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let leaks = |out: &str| out.contains(CANARY) && !text.contains(CANARY);
    let config = match from_text("density.yml", &text, &Variables) {
        Ok(config) => config,
        Err(errors) => {
            let words = errors.to_string();
            assert!(!words.is_empty() && errors.iter().next().is_some());
            assert!(!leaks(&words), "{words}");
            return;
        }
    };
    let effective = redacted(&config);
    assert!(!leaks(&effective) && !leaks(&format!("{config:?}")));
    let again = match from_text("density.yml", &effective, &Variables) {
        Ok(config) => config,
        Err(errors) => panic!("{errors}\n{effective}"),
    };
    // A secret is replaced by its source.
    assert_eq!(format!("{again:?}"), format!("{config:?}"));
    assert_eq!(redacted(&again), effective);
    let report = report(&config);
    assert!(
        from_text("density.yml", &report, &Variables).is_ok(),
        "{report}"
    );

    assert!(!config.organizations.is_empty());
    let budget = config.budget.requests_per_second;
    assert!(budget.is_finite() && budget > 0.0 && config.budget.burst > 0);
    for load in worst_case(&config) {
        assert!(!load.is_over_budget(), "{load:?}");
    }
    assert!(config.collectors.enabled().iter().next().is_some());
    assert!(!config.request.refresh_limit().is_zero());
}
