//! The dashboards as they are committed, and what the tests ask of them.

use std::path::Path;

use serde_json::Value;

/// One committed dashboard.
pub struct Dashboard {
    /// The file's name.
    pub file: String,
    /// What it holds.
    pub json: Value,
}

/// A query, and where it stands.
pub struct Query<'a> {
    /// For messages.
    pub place: String,
    /// PromQL, with Grafana's variables.
    pub expression: &'a str,
    /// Whether it is asked once, for the end of the time range.
    pub instant: bool,
}

impl Dashboard {
    /// Every committed dashboard.
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
        let mut all: Vec<Self> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|it| it == "json"))
            .map(|path| Self {
                file: path.file_name().unwrap().to_str().unwrap().to_owned(),
                json: serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(),
            })
            .collect();
        all.sort_by(|a, b| a.file.cmp(&b.file));
        assert!(!all.is_empty(), "there are no dashboards");
        all
    }

    /// Everything that has a place, headings too.
    pub fn placed(&self) -> &[Value] {
        self.json["panels"].as_array().unwrap()
    }

    /// The panels, without headings.
    pub fn panels(&self) -> impl Iterator<Item = Panel<'_>> {
        self.placed()
            .iter()
            .filter(|it| it["type"] != "row")
            .map(|json| Panel {
                file: &self.file,
                json,
            })
    }

    /// The variables above the dashboard.
    pub fn variables(&self) -> &[Value] {
        self.json["templating"]["list"].as_array().unwrap()
    }

    /// Whether there is a variable of this name.
    pub fn has_variable(&self, name: &str) -> bool {
        self.variables().iter().any(|it| it["name"] == name)
    }

    /// The marks on the charts.
    pub fn annotations(&self) -> &[Value] {
        self.json["annotations"]["list"].as_array().unwrap()
    }

    /// The queries of panels.
    pub fn panel_queries(&self) -> Vec<Query<'_>> {
        self.panels().flat_map(|it| it.queries()).collect()
    }

    /// Every query: of panels, of variables and of the marks on the charts.
    pub fn queries(&self) -> Vec<Query<'_>> {
        let mut queries = self.panel_queries();
        for variable in self.variables().iter().filter(|it| it["type"] == "query") {
            queries.push(Query {
                place: format!("{}: the variable {}", self.file, variable["name"]),
                expression: asked(variable["query"]["query"].as_str().unwrap()),
                instant: true,
            });
        }
        for annotation in self.annotations() {
            queries.push(Query {
                place: format!("{}: the marks {}", self.file, annotation["name"]),
                expression: annotation["expr"].as_str().unwrap(),
                instant: false,
            });
        }
        queries
    }
}

/// What a variable asks Prometheus, without the function of Grafana's around it.
fn asked(query: &str) -> &str {
    if let Some(labels) = query.strip_prefix("label_values(") {
        return labels.rsplit_once(',').unwrap().0;
    }
    let query = query.strip_prefix("query_result(").unwrap();
    query.strip_suffix(')').unwrap()
}

/// A panel of a dashboard.
#[derive(Clone, Copy)]
pub struct Panel<'a> {
    file: &'a str,
    pub json: &'a Value,
}

impl<'a> Panel<'a> {
    /// For messages.
    pub fn place(self) -> String {
        format!("{}: the panel {}", self.file, self.json["title"])
    }

    /// What it asks.
    pub fn targets(self) -> &'a [Value] {
        self.json["targets"].as_array().map_or(&[], Vec::as_slice)
    }

    /// What it asks, as queries.
    pub fn queries(self) -> impl Iterator<Item = Query<'a>> {
        self.targets().iter().map(move |target| Query {
            place: format!("{}, query {}", self.place(), target["refId"]),
            expression: target["expr"].as_str().unwrap(),
            instant: target["instant"] == true,
        })
    }

    /// The properties that overrides give, with the field that each is for.
    pub fn overridden(self) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
        let overrides = self.json["fieldConfig"]["overrides"].as_array().unwrap();
        overrides.iter().flat_map(|it| {
            let field = it["matcher"]["options"].as_str().unwrap();
            let properties = it["properties"].as_array().unwrap();
            properties
                .iter()
                .map(move |it| (field, it["id"].as_str().unwrap(), &it["value"]))
        })
    }
}

/// Fails with every complaint.
pub fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
