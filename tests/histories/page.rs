//! What a page says, as far as it is looked at.

use std::collections::{BTreeMap, BTreeSet};

use density_exporter::config::Collector;

/// What the page says of one collector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub success: Option<f64>,
    pub duration: Option<f64>,
    pub last_success: Option<f64>,
    pub ttl: Option<f64>,
    pub stale: Option<f64>,
    pub entries: Option<f64>,
}

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub up: Option<f64>,
    pub states: BTreeMap<Collector, State>,
    /// The series of spaces and sensors, each in a few words.
    pub facts: BTreeSet<String>,
}

impl Page {
    pub fn read(text: &str) -> Self {
        let mut page = Self::default();
        for line in text.lines().filter(|it| it.starts_with("density_")) {
            page.line(line);
        }
        page
    }

    fn line(&mut self, line: &str) {
        let Some((name, rest)) = line.split_once('{') else {
            return;
        };
        let (labels, value) = rest.rsplit_once("} ").unwrap();
        // No label that is looked at has a quote in it.
        let label = |name: &str| {
            let start = format!("{name}=\"");
            let mut at = labels.match_indices(&start).map(|it| it.0);
            let at = at.find(|it| *it == 0 || labels[..*it].ends_with(','))?;
            labels[at + start.len()..].split('"').next()
        };
        let known = |name: &str| label(name).unwrap_or("-").to_owned();
        match name {
            "density_up" => self.up = Some(value.parse().unwrap()),
            "density_space_info" => {
                self.fact(&["space", &known("space_id"), "is called", &known("space")])
            }
            "density_space_presence" | "density_space_occupancy" => self.fact(&[
                name,
                &known("space_id"),
                &known("space"),
                &known("floor"),
                value,
            ]),
            "density_sensor_info" => self.fact(&["sensor", &known("serial_number")]),
            "density_sensor_space_info" => self.fact(&[
                "sensor",
                &known("serial_number"),
                "hangs in",
                &known("space_id"),
            ]),
            "density_sensor_health" if value == "1" => self.fact(&[
                "sensor",
                &known("serial_number"),
                &known("floor"),
                "is",
                &known("status"),
            ]),
            _ => {
                if let Some(collector) = label("collector").and_then(Collector::from_name)
                    && let Some(what) = name.strip_prefix("density_collector_")
                {
                    let state = self.states.entry(collector).or_default();
                    let place = match what {
                        "success" => &mut state.success,
                        "duration_seconds" => &mut state.duration,
                        "last_success_timestamp_seconds" => &mut state.last_success,
                        "ttl_seconds" => &mut state.ttl,
                        "stale" => &mut state.stale,
                        "entries" => &mut state.entries,
                        _ => return,
                    };
                    *place = Some(value.parse().unwrap());
                }
            }
        }
    }

    fn fact(&mut self, words: &[&str]) {
        assert!(self.facts.insert(words.join(" ")), "twice: {words:?}");
    }
}
