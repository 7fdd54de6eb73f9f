//! The rules of `alerts/density.rules.yml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use promql_parser::parser::{self, Expr};

use crate::promql::{self, Labels, Recorded};
use crate::yaml;

/// A rule: it records a series, or it alerts.
pub struct Rule {
    pub name: String,
    pub expr: Expr,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// The rule's `for`.
    pub wait: Option<String>,
}

impl Rule {
    /// The labels of the alerts, with those that the rule gives and the name.
    pub fn labels_of_alerts(&self) -> Labels {
        let own = self.labels.keys().cloned().chain(["alertname".to_owned()]);
        let own: Vec<String> = own.collect();
        promql::read(&self.expr, &RULES.recorded).0.with(own.iter())
    }

    /// The name with what tells it from others of that name.
    pub fn title(&self) -> String {
        let labels: Vec<&str> = self.labels.values().map(String::as_str).collect();
        format!("{} ({})", self.name, labels.join(", "))
    }
}

/// All rules of the file.
pub struct Rules {
    pub alerts: Vec<Rule>,
    pub recordings: Vec<Rule>,
    /// What the recordings make, by name.
    pub recorded: Recorded,
}

impl Rules {
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.recordings.iter().chain(&self.alerts)
    }

    /// The names of the alerts, each once.
    pub fn alert_names(&self) -> BTreeSet<&str> {
        self.alerts.iter().map(|it| it.name.as_str()).collect()
    }

    pub fn alerts_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.alerts.iter().filter(move |it| it.name == name)
    }
}

pub static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let document = yaml::document("alerts/density.rules.yml");
    let (mut alerts, mut recordings) = (Vec::new(), Vec::new());
    for rule in yaml::list(&document, "groups")
        .iter()
        .flat_map(|it| yaml::list(it, "rules"))
    {
        let (name, kind) = match (yaml::text(rule, "alert"), yaml::text(rule, "record")) {
            (Some(name), None) => (name, &mut alerts),
            (None, Some(name)) => (name, &mut recordings),
            other => panic!("neither an alert nor a recording: {other:?}"),
        };
        let expr = yaml::text(rule, "expr").expect(&name);
        kind.push(Rule {
            expr: parser::parse(&expr).unwrap_or_else(|error| panic!("{name}: {error}")),
            labels: yaml::texts(rule, "labels"),
            annotations: yaml::texts(rule, "annotations"),
            wait: yaml::text(rule, "for"),
            name,
        });
    }
    let recording = recordings.iter().map(|it| promql::Rule {
        name: &it.name,
        labels: &it.labels,
        expr: &it.expr,
    });
    let recorded = Recorded::of(&recording.collect::<Vec<_>>());
    Rules {
        alerts,
        recordings,
        recorded,
    }
});
