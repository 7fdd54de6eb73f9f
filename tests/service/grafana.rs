//! What Grafana does with a dashboard before it asks Prometheus: it offers values for each variable, and
//! puts the chosen ones into the queries.

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::process::prometheus::Prometheus;

/// What is chosen above a dashboard: the value of each variable, as it stands in queries.
pub type Chosen = BTreeMap<String, String>;

/// A value that a variable offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What people see.
    pub text: String,
    /// What stands in addresses.
    pub value: String,
    /// The number of the series that it comes from; none where there is no such series.
    pub number: Option<String>,
}

/// A committed dashboard.
pub fn dashboard(name: &str) -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("dashboards/density-{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Variables that ask Prometheus.
pub fn variables(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["templating"]["list"].as_array().unwrap();
    all.iter().filter(|it| it["type"] == "query").collect()
}

/// The panels that ask something.
pub fn panels(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["panels"].as_array().unwrap();
    all.iter().filter(|it| it["type"] != "row").collect()
}

/// What stands in queries while everything is chosen that can be; where a variable has no "All", the
/// first that it offers.
pub fn everything(prometheus: &Prometheus, dashboard: &Value) -> Chosen {
    let mut chosen = Chosen::from([
        // Four times the interval of the scrapes, which is what Grafana takes.
        ("__rate_interval".to_owned(), "4s".to_owned()),
        ("__range".to_owned(), "1m".to_owned()),
    ]);
    for variable in variables(dashboard) {
        let value = match variable["allValue"].as_str() {
            Some(all) => all.to_owned(),
            None => {
                let offered = choices(prometheus, variable, &chosen);
                let first = offered.first();
                escaped(&first.unwrap_or_else(|| panic!("{variable}")).value)
            }
        };
        chosen.insert(variable["name"].as_str().unwrap().to_owned(), value);
    }
    chosen
}

/// A query with what is chosen.
pub fn filled(query: &str, chosen: &Chosen) -> String {
    let variable = Regex::new(r"\$\{?([a-z_]+)\}?").unwrap();
    let fill = |found: &regex::Captures<'_>| match chosen.get(&found[1]) {
        Some(value) => value.clone(),
        None => panic!("nothing is chosen for {} in {query}", &found[1]),
    };
    variable.replace_all(query, fill).into_owned()
}

/// A single value, as it stands where a pattern is expected.
pub fn escaped(value: &str) -> String {
    let special = Regex::new(r"[$^*{}\[\]'+?.()|]").unwrap();
    let value = value.replace('\\', r"\\\\");
    special.replace_all(&value, r"\\$0").into_owned()
}

/// What a variable offers, "All" aside.
pub fn choices(prometheus: &Prometheus, variable: &Value, chosen: &Chosen) -> Vec<Choice> {
    let query = filled(variable["query"]["query"].as_str().unwrap(), chosen);
    if let Some(arguments) = query.strip_prefix("label_values(") {
        let (series, label) = arguments.rsplit_once(',').unwrap();
        let path = format!("label/{}/values", label.trim().trim_end_matches(')'));
        let values = prometheus.ask(&path, &[("match[]", series)]);
        let values = values.as_array().unwrap().iter();
        let choice = |it: &Value| Choice {
            text: it.as_str().unwrap().to_owned(),
            value: it.as_str().unwrap().to_owned(),
            number: None,
        };
        return values.map(choice).collect();
    }
    let series = query.strip_prefix("query_result(").unwrap();
    let series = series.strip_suffix(')').unwrap();
    let answer = prometheus.ask("query", &[("query", series)]);
    let regex = variable["regex"].as_str().unwrap();
    let regex = Regex::new(regex.trim_matches('/')).unwrap();
    let found = answer["result"].as_array().unwrap().iter();
    found.filter_map(|it| choice(it, &regex)).collect()
}

/// What the pattern finds in a series, which Grafana writes as text without escaping anything.
fn choice(series: &Value, regex: &Regex) -> Option<Choice> {
    let labels = series["metric"].as_object().unwrap().iter();
    let labels = labels.map(|(name, value)| format!("{name}=\"{}\"", value.as_str().unwrap()));
    let labels = labels.collect::<Vec<_>>().join(",");
    let number = series["value"][1].as_str().unwrap();
    let text = format!("{{{labels}}} {number} {}", series["value"][0]);
    let found = regex.captures(&text)?;
    let named = |name: &str| found.name(name).or_else(|| found.get(1));
    Some(Choice {
        text: named("text")?.as_str().to_owned(),
        value: named("value")?.as_str().to_owned(),
        number: Some(number.to_owned()),
    })
}

/// The series that the query of a target gives, those without any number left out.
pub fn results(prometheus: &Prometheus, target: &Value, chosen: &Chosen) -> Vec<Value> {
    let query = filled(target["expr"].as_str().unwrap(), chosen);
    let answer = if target["instant"] == true {
        prometheus.ask("query", &[("query", &query)])
    } else {
        let now = prometheus.now();
        prometheus.ask(
            "query_range",
            &[
                ("query", &query),
                ("start", &(now - 5.0).to_string()),
                ("end", &now.to_string()),
                ("step", "1"),
            ],
        )
    };
    let mut series = answer["result"].as_array().unwrap().clone();
    series.retain(|it| {
        let single = it.get("value").into_iter();
        let several = it["values"].as_array().into_iter().flatten();
        let mut numbers = single.chain(several).map(|it| it[1].as_str().unwrap());
        numbers.any(|it| it != "NaN")
    });
    series
}
