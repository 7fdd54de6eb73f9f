//! A colour means the same everywhere, and what is not known is never shown as well.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::files::{Dashboard, Panel};

const HEALTHY: &str = "#009E73";
const GREY: &str = "#8E8E8E";

/// What may be green, besides a share of offline sensors that is zero.
const GOOD: [&str; 6] = ["healthy", "answers", "up", "good", "succeeded", "fresh"];
/// What nothing certain is known of.
const NOT_KNOWN: [&str; 15] = [
    "unknown",
    "stale",
    "no data",
    "stale, was healthy",
    "stale, was unknown",
    "stale, was degraded",
    "stale, was offline",
    "Not known",
    "in doubt",
    "presence in doubt",
    "rooms in doubt",
    "not counted",
    "not watched",
    "not set",
    "no rules",
];

/// Every text or series of a panel that has a colour of its own.
fn coloured(panel: Panel<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut mapped = |mappings: &Value| {
        for mapping in mappings.as_array().into_iter().flatten() {
            for shown in mapping["options"].as_object().unwrap().values() {
                let text = |key: &str| shown[key].as_str().unwrap().to_owned();
                found.push((text("text"), text("color")));
            }
        }
    };
    mapped(&panel.json["fieldConfig"]["defaults"]["mappings"]);
    for (_, id, value) in panel.overridden() {
        if id == "mappings" {
            mapped(value);
        }
    }
    let shown: HashMap<&str, &str> = panel
        .overridden()
        .filter(|(_, id, _)| *id == "displayName")
        .map(|(field, _, title)| (field, title.as_str().unwrap()))
        .collect();
    for (field, id, value) in panel.overridden() {
        let title = shown.get(field).copied().unwrap_or(field).to_owned();
        match id {
            "color" => found.push((title, value["fixedColor"].as_str().unwrap().to_owned())),
            // Columns that count things of one health.
            "thresholds" if value["steps"].as_array().unwrap().len() == 2 => {
                let colour = value["steps"][1]["color"].as_str().unwrap();
                found.push((title, colour.to_owned()));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_state_has_one_colour_on_all_dashboards() {
    let mut colours: HashMap<String, HashSet<String>> = HashMap::new();
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            for (text, colour) in coloured(panel) {
                colours
                    .entry(text.to_lowercase())
                    .or_default()
                    .insert(colour);
            }
        }
    }
    for text in [
        "healthy",
        "degraded",
        "offline",
        "unknown",
        "stale",
        "not in use",
    ] {
        assert_eq!(colours[text].len(), 1, "{text}: {:?}", colours[text]);
    }
    let four: HashSet<&String> = ["healthy", "degraded", "offline", "unknown"]
        .iter()
        .flat_map(|it| &colours[*it])
        .collect();
    assert_eq!(four.len(), 4, "{four:?}");
}

#[test]
fn what_is_not_known_is_grey_and_only_what_is_good_is_green() {
    let mut seen = HashSet::new();
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            for (text, colour) in coloured(panel) {
                let place = panel.place();
                if NOT_KNOWN.contains(&text.as_str()) {
                    assert_eq!(colour, GREY, "{place}: {text}");
                }
                if colour == HEALTHY {
                    let good = GOOD.contains(&text.to_lowercase().as_str());
                    assert!(good, "{place}: {text} is green");
                }
                seen.insert(text);
            }
        }
    }
    for text in NOT_KNOWN {
        assert!(seen.contains(text), "{text} is nowhere");
    }
}

/// What no mapping names is coloured by the lowest threshold.
#[test]
fn a_state_without_a_name_is_grey() {
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            let defaults = &panel.json["fieldConfig"]["defaults"];
            let mut checked = vec![(&defaults["mappings"], &defaults["thresholds"])];
            let fields: HashSet<&str> = panel.overridden().map(|(field, _, _)| field).collect();
            for field in fields {
                let of_field = |wanted: &str| {
                    panel
                        .overridden()
                        .find(|(it, id, _)| *it == field && *id == wanted)
                        .map_or(&Value::Null, |(_, _, value)| value)
                };
                checked.push((of_field("mappings"), of_field("thresholds")));
            }
            for (mappings, thresholds) in checked {
                if mappings.to_string().contains(HEALTHY) {
                    let lowest = &thresholds["steps"][0]["color"];
                    assert_eq!(lowest, GREY, "{}", panel.place());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 10, "{seen} panels of states");
}

/// A panel or column without any number takes the colour of the lowest threshold.
#[test]
fn what_has_no_number_is_never_green() {
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels() {
            let whole = &panel.json["fieldConfig"]["defaults"]["thresholds"];
            let columns = panel.overridden().filter(|(_, id, _)| *id == "thresholds");
            for thresholds in columns.map(|(_, _, it)| it).chain([whole]) {
                if let Some(steps) = thresholds["steps"].as_array() {
                    assert_ne!(steps[0]["color"], HEALTHY, "{}", panel.place());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 50, "{seen} thresholds");
}

/// A stale value, and one in doubt, is told apart by the queries themselves: whatever reads a count, a
/// presence or a health as certain asks whether the data is stale.
#[test]
fn nothing_reads_health_without_asking_whether_it_is_stale() {
    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for query in dashboard.panel_queries() {
            let expression = query.expression;
            // States of 1 that hold: a query that only asks who is listed compares nothing.
            let health = ["status=\"offline\"", "status=\"degraded\""];
            if health.iter().any(|it| expression.contains(it)) {
                seen += 1;
                assert!(
                    expression.contains("density_collector_stale{"),
                    "{}",
                    query.place
                );
            }
        }
    }
    assert!(seen > 20, "{seen} queries");
}
