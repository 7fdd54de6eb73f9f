//! The project's own rules and routes, made sixty times as fast: nothing else about them changes.
//!
//! What is scaled: durations (`for`, `group_wait`, …), ranges and offsets of queries, and thresholds
//! that are seconds by their names. It fails when there was nothing of a kind to scale, for then a
//! test would judge other rules than the ones that people load.

use std::net::SocketAddr;

use serde_json::{Value, json};

/// A minute of the rules is a second of a test.
pub const FACTOR: u64 = 60;

const IN_RULES: [&str; 4] = ["for", "keep_firing_for", "interval", "query_offset"];
const IN_ROUTES: [&str; 4] = [
    "group_wait",
    "group_interval",
    "repeat_interval",
    "resolve_timeout",
];

/// The rules, scaled; JSON, which is YAML too.
pub fn rules(yaml: &str) -> String {
    let mut file = read(yaml);
    assert!(durations(&mut file, &IN_RULES) > 0, "no duration is scaled");
    let (mut ranges, mut thresholds) = (0, 0);
    for rule in file["groups"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .flat_map(|group| group["rules"].as_array_mut().into_iter().flatten())
    {
        let record = rule["record"].as_str().unwrap_or_default();
        if record.starts_with("density:threshold:") && record.ends_with("_seconds") {
            let seconds = match &rule["expr"] {
                Value::String(text) => text.trim().parse().ok(),
                other => other.as_f64(),
            };
            let seconds: f64 = seconds.unwrap_or_else(|| panic!("{record} is not a number"));
            rule["expr"] = json!((seconds / FACTOR as f64).to_string());
            thresholds += 1;
            continue;
        }
        let annotations = rule
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
            .map(|it| it.values_mut().collect::<Vec<_>>())
            .unwrap_or_default();
        let mut scaled = 0;
        for text in annotations {
            ranges_of(text, &mut scaled);
        }
        ranges_of(&mut rule["expr"], &mut scaled);
        ranges += scaled;
    }
    assert!(ranges > 0, "no range of a query is scaled");
    assert!(thresholds > 0, "no threshold is scaled");
    file.to_string()
}

/// The routes, scaled, with every receiver's integrations turned into calls of the webhook at
/// `webhook`: `/RECEIVER/INTEGRATION`, with resolved notifications where the integration sends them.
pub fn routes(yaml: &str, webhook: SocketAddr) -> String {
    let mut file = read(yaml);
    assert!(
        durations(&mut file, &IN_ROUTES) > 0,
        "no duration is scaled"
    );
    let receivers = file["receivers"].as_array_mut().expect("receivers");
    let mut called = 0;
    for receiver in receivers {
        let integrations = receiver.as_object().cloned().unwrap_or_default();
        let name = &integrations["name"];
        let path = name.as_str().expect("a receiver has a name");
        let mut hooks = Vec::new();
        for (kind, configs) in &integrations {
            let Some(kind) = kind.strip_suffix("_configs") else {
                continue;
            };
            for config in configs.as_array().into_iter().flatten() {
                let by_default = !matches!(kind, "email" | "slack" | "wechat");
                let resolved = config["send_resolved"].as_bool().unwrap_or(by_default);
                let url = format!("http://{webhook}/{path}/{kind}");
                hooks.push(json!({ "url": url, "send_resolved": resolved }));
            }
        }
        called += hooks.len();
        *receiver = json!({ "name": name, "webhook_configs": hooks });
    }
    assert!(called > 0, "no receiver has an integration");
    // What else stands in these two is for the integrations.
    let file = file.as_object_mut().expect("a mapping");
    file.remove("templates");
    let global = file.remove("global").unwrap_or_default();
    if let Some(timeout) = global.get("resolve_timeout") {
        file.insert("global".to_owned(), json!({ "resolve_timeout": timeout }));
    }
    json!(file).to_string()
}

fn read(yaml: &str) -> Value {
    serde_saphyr::from_str(yaml).unwrap_or_else(|error| panic!("{error}"))
}

/// Scales the values of `keys`, however deep; how many there were.
fn durations(value: &mut Value, keys: &[&str]) -> usize {
    match value {
        Value::Array(items) => items.iter_mut().map(|it| durations(it, keys)).sum(),
        Value::Object(entries) => {
            let mut count = 0;
            for (key, value) in entries {
                if keys.contains(&key.as_str()) {
                    let written = value.as_str().and_then(scaled);
                    *value = written.unwrap_or_else(|| panic!("{key}: {value}")).into();
                    count += 1;
                } else {
                    count += durations(value, keys);
                }
            }
            count
        }
        _ => 0,
    }
}

/// Scales every `[5m]`, `[1h:1m]` and `offset 5m` of a query, or of a text that holds queries.
fn ranges_of(value: &mut Value, count: &mut usize) {
    let Some(text) = value.as_str() else {
        return; // A number has no range.
    };
    let (mut done, mut rest) = (String::new(), text);
    while let Some(opening) = ["[", "offset "]
        .into_iter()
        .filter_map(|it| Some(rest.find(it)? + it.len()))
        .min()
    {
        let (before, behind) = rest.split_at(opening);
        done.push_str(before);
        let end = behind.find(|it: char| !it.is_ascii_alphanumeric() && it != ':');
        let (inner, after) = behind.split_at(end.unwrap_or(behind.len()));
        let parts: Option<Vec<_>> = inner.trim_end_matches(':').split(':').map(scaled).collect();
        rest = behind;
        if let Some(parts) = parts {
            done.push_str(&parts.join(":"));
            done.push_str(if inner.ends_with(':') { ":" } else { "" });
            rest = after;
            *count += 1;
        }
    }
    done.push_str(rest);
    *value = done.into();
}

/// A duration as Prometheus writes it, scaled; none for any other text.
fn scaled(text: &str) -> Option<String> {
    let mut milliseconds = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit())?;
        let (number, behind) = rest.split_at(digits);
        let letters = behind.find(|it: char| it.is_ascii_digit());
        let (unit, behind) = behind.split_at(letters.unwrap_or(behind.len()));
        let unit = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        milliseconds += number.parse::<u64>().ok()? * unit;
        rest = behind;
    }
    assert!(
        milliseconds == 0 || milliseconds >= FACTOR,
        "{text} is too short to be scaled"
    );
    (!text.trim().is_empty()).then(|| format!("{}ms", milliseconds / FACTOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_scaled_and_other_texts_are_none() {
        for (written, expected) in [
            ("5m", Some("5000ms")),
            ("1h30m", Some("90000ms")),
            ("90s", Some("1500ms")),
            ("4h", Some("240000ms")),
            ("1d", Some("1440000ms")),
            ("0s", Some("0ms")),
            ("", None),
            ("5", None),
            ("m", None),
            ("5 parsecs", None),
        ] {
            assert_eq!(scaled(written).as_deref(), expected, "{written:?}");
        }
    }

    #[test]
    fn ranges_and_offsets_are_scaled_wherever_a_query_stands() {
        for (written, expected, found) in [
            (
                "max_over_time(x[1h]) > 5",
                "max_over_time(x[60000ms]) > 5",
                1,
            ),
            (
                "max_over_time(y[1h:1m])",
                "max_over_time(y[60000ms:1000ms])",
                1,
            ),
            ("min_over_time(y[2m:])", "min_over_time(y[2000ms:])", 1),
            ("x offset 5m == 1", "x offset 5000ms == 1", 1),
            (
                "x{y=~\"[a-z]+\"} or on (z) v",
                "x{y=~\"[a-z]+\"} or on (z) v",
                0,
            ),
            (
                "{{ query \"last_over_time(a[5m])\" }} for 5m, of [all]",
                "{{ query \"last_over_time(a[5000ms])\" }} for 5m, of [all]",
                1,
            ),
        ] {
            let (mut value, mut count) = (json!(written), 0);
            ranges_of(&mut value, &mut count);
            assert_eq!(value, json!(expected));
            assert_eq!(count, found, "{written}");
        }
    }

    const RULES: &str = "
groups:
  - name: a
    interval: 30s
    rules:
      - { record: 'density:threshold:data_stale_seconds', expr: 600 }
      - { record: 'density:threshold:offline_share', expr: 0.5 }
      - alert: A
        for: 15m
        expr: last_over_time(x[1h]) > 600
        labels: { severity: warning }
        annotations: { description: 'for 15m' }
";

    #[test]
    fn rules_are_scaled_and_what_is_no_time_stays() {
        let scaled: Value = serde_json::from_str(&rules(RULES)).unwrap();
        let group = &scaled["groups"][0];
        assert_eq!(group["interval"], "500ms");
        assert_eq!(group["rules"][0]["expr"], "10");
        assert_eq!(group["rules"][1]["expr"], 0.5);
        let alert = &group["rules"][2];
        assert_eq!(alert["for"], "15000ms");
        assert_eq!(alert["expr"], "last_over_time(x[60000ms]) > 600");
        assert_eq!(alert["annotations"]["description"], "for 15m");
    }

    #[test]
    fn a_file_in_which_nothing_is_scaled_is_refused() {
        for (from, to) in [("for:", "wait:"), ("[1h]", ""), ("_seconds", "_minutes")] {
            let yaml = RULES.replace(from, to).replace("    interval: 30s\n", "");
            assert!(std::panic::catch_unwind(|| rules(&yaml)).is_err(), "{from}");
        }
    }

    #[test]
    fn routes_are_scaled_and_receivers_call_the_webhook() {
        let yaml = "
global: { resolve_timeout: 5m, smtp_smarthost: mail:25 }
templates: ['*.tmpl']
route: { receiver: chat, group_interval: 5m, routes: [{ receiver: nobody, repeat_interval: 4h }] }
receivers:
  - { name: chat, slack_configs: [{ channel: a }], pagerduty_configs: [{ routing_key: b }] }
  - { name: nobody }
";
        let scaled = routes(yaml, "127.0.0.1:1".parse().unwrap());
        let scaled: Value = serde_json::from_str(&scaled).unwrap();
        assert_eq!(scaled["global"], json!({ "resolve_timeout": "5000ms" }));
        assert_eq!(scaled["templates"], Value::Null);
        assert_eq!(scaled["route"]["group_interval"], "5000ms");
        assert_eq!(scaled["route"]["routes"][0]["repeat_interval"], "240000ms");
        assert_eq!(
            scaled["receivers"],
            json!([
                { "name": "chat", "webhook_configs": [
                    { "url": "http://127.0.0.1:1/chat/pagerduty", "send_resolved": true },
                    { "url": "http://127.0.0.1:1/chat/slack", "send_resolved": false },
                ] },
                { "name": "nobody", "webhook_configs": [] },
            ])
        );
    }
}
