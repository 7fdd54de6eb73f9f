//! What the program makes of a configuration, as `check-config` prints it.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value;

use crate::process::{Folder, density_exporter};

/// The smallest configuration, as a file of settings.
pub fn smallest() -> Value {
    serde_json::json!({
        "organizations": [{ "name": "acme", "auth": { "token_env": "DOCUMENTED_TOKEN" } }]
    })
}

/// What `check-config` prints of a configuration: its meaning, or its mistakes.
pub fn check(config: &Value) -> Result<String, String> {
    // JSON is YAML.
    check_file("density.yml", &config.to_string())
}

/// The same of a file of that name and text.
pub fn check_file(name: &str, text: &str) -> Result<String, String> {
    let folder = Folder::new();
    folder.write(name, text);
    let output = density_exporter()
        .env("DOCUMENTED_TOKEN", "tok_documented")
        .env_remove("DENSITY_ACME_TOKEN")
        .args(["check-config", name])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// The keys of a configuration by their way from the top, with their values: `request.timeout`,
/// `organizations[].name`. A section has no value.
pub fn keys(config: &Value) -> BTreeMap<String, Option<String>> {
    let mut keys = BTreeMap::new();
    collect("", config, &mut keys);
    keys
}

fn collect(way: &str, value: &Value, keys: &mut BTreeMap<String, Option<String>>) {
    let Value::Object(entries) = value else {
        return;
    };
    for (key, value) in entries {
        let way = match way {
            "" => key.clone(),
            _ => format!("{way}.{key}"),
        };
        let sections = match value {
            Value::Array(items) if items.iter().any(Value::is_object) => items.as_slice(),
            _ => &[],
        };
        for item in sections {
            collect(&format!("{way}[]"), item, keys);
        }
        let leaf = match value {
            Value::Object(_) => None,
            _ if !sections.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        collect(&way, value, keys);
        keys.insert(way, leaf);
    }
}

/// Sets the value at a way such as `organizations[].spaces.include`.
pub fn set(config: &mut Value, way: &str, value: Value) {
    let mut place = config;
    for step in way.split('.') {
        place = match step.strip_suffix("[]") {
            Some(list) => &mut place[list][0],
            None => &mut place[step],
        };
    }
    *place = value;
}

/// The keys that the program accepts in the section at `way`, by its complaint about one that nobody
/// has.
pub fn accepted(way: &str) -> BTreeSet<String> {
    let unheard = "qqqqqqqq";
    let full = match way {
        "" => unheard.to_owned(),
        _ => format!("{way}.{unheard}"),
    };
    let mut config = smallest();
    set(&mut config, &full, Value::from(1));
    let complaint = check(&config).expect_err(way);
    let listed = Regex::new(&format!("{unheard}: unknown key; the keys here are (.*)")).unwrap();
    let listed = listed.captures(&complaint);
    let listed = listed.unwrap_or_else(|| panic!("{way}: {complaint}"));
    listed[1].split(", ").map(str::to_owned).collect()
}
