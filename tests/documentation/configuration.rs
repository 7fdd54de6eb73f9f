//! Every key of the configuration has a row in the documentation, and every row a key, with its default.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::example::{EXAMPLE, example};
use crate::markdown::{table, whole_code};
use crate::settings::{accepted, check, keys, set, smallest};
use crate::{differences, none, read};

const PAGE: &str = "docs/configuration.md";

/// The documented keys, with their defaults where they have one.
fn documented() -> BTreeMap<String, Option<String>> {
    let page = read(PAGE);
    let header = ["collector", "what it reads", "default TTL"];
    let collectors = table(&page, "Collectors", &header);
    let mut keys = BTreeMap::new();
    for row in table(&page, "File", &["key", "meaning", "default", "accepted"]) {
        let key = whole_code(&row[0]).expect(&row[0]);
        let default = whole_code(&row[2]).map(str::to_owned);
        if !key.contains("<name>") {
            keys.insert(key.to_owned(), default);
            continue;
        }
        for collector in &collectors {
            let name = whole_code(&collector[0]).unwrap();
            let ttl = || whole_code(&collector[2]).map(str::to_owned);
            let default = default.clone().or_else(ttl);
            keys.insert(format!("collectors.{name}"), None);
            keys.insert(key.replace("<name>", name), default);
        }
    }
    keys
}

fn names(keys: &BTreeMap<String, Option<String>>) -> BTreeSet<String> {
    keys.keys().cloned().collect()
}

/// A default as YAML reads it.
fn value(default: &str) -> Value {
    serde_json::from_str(default).unwrap_or_else(|_| Value::from(default))
}

#[test]
fn the_page_has_the_keys_that_the_program_accepts() {
    let documented = names(&documented());
    let sections = documented.iter().filter_map(|it| it.rsplit_once('.'));
    let sections: BTreeSet<&str> = sections.map(|it| it.0).chain([""]).collect();
    assert!(sections.len() >= 10, "{sections:?}");
    let mut actual = BTreeSet::new();
    for section in sections {
        for key in accepted(section) {
            actual.insert(match section {
                "" => key,
                _ => format!("{section}.{key}"),
            });
        }
    }
    none(&differences(&documented, PAGE, &actual, "the program"));
}

#[test]
fn the_page_has_the_keys_of_the_example() {
    let example = names(&keys(&example()));
    none(&differences(&names(&documented()), PAGE, &example, EXAMPLE));
}

#[test]
fn the_example_shows_the_documented_defaults() {
    let example = keys(&example());
    let mut complaints = Vec::new();
    for (key, default) in documented() {
        let shown = example.get(&key).cloned().flatten();
        if default.is_some() && shown != default {
            complaints.push(format!(
                "{key}: {shown:?} in {EXAMPLE}, {default:?} in {PAGE}"
            ));
        }
    }
    none(&complaints);
}

#[test]
fn what_check_config_fills_in_is_documented() {
    let filled_in: Value = serde_saphyr::from_str(&check(&smallest()).unwrap()).unwrap();
    let given = keys(&smallest());
    let documented = documented();
    let mut compared = 0;
    for (key, used) in keys(&filled_in) {
        let Some(used) = used.filter(|_| !given.contains_key(&key)) else {
            assert!(documented.contains_key(&key), "{PAGE} lacks {key}");
            continue;
        };
        let default = documented
            .get(&key)
            .unwrap_or_else(|| panic!("{PAGE} lacks {key}"));
        // A URL is printed with its path.
        let used = used.trim_end_matches('/').to_owned();
        assert_eq!(default.as_ref(), Some(&used), "{key}");
        compared += 1;
    }
    assert!(compared > 12, "only {compared} defaults were compared");
}

#[test]
fn the_documented_defaults_given_to_the_program_change_nothing() {
    let mut config = smallest();
    for (key, default) in documented() {
        if let Some(default) = default {
            set(&mut config, &key, value(&default));
        }
    }
    assert_eq!(check(&config), check(&smallest()));
}
