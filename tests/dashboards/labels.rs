//! Which labels the result of a query can have, and what makes its series unique.
//!
//! A query that names a label which its operand can't have finds nothing, or finds too much, without
//! ever being an error: so each is followed from the catalogue to its end.

use std::collections::BTreeSet;

use density_exporter::exposition::MetricKind;
use density_exporter::metrics::catalogue;
use promql_parser::label::Labels;
use promql_parser::parser::token::{T_COUNT_VALUES, T_LAND, T_LOR, T_LUNLESS, T_TOPK};
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality,
};

use crate::promql::metric;

/// Names of labels.
pub type Names = BTreeSet<String>;

/// What is made by Prometheus itself, and its labels.
const OF_PROMETHEUS: &[(&str, &[&str])] = &[
    ("up", &[]),
    (
        "ALERTS",
        &[
            "alertname",
            "alertstate",
            "severity",
            "scope",
            "organization",
            "campus_id",
            "building_id",
            "floor_id",
            "space_id",
            "serial_number",
        ],
    ),
];

/// What is known of an expression's series.
#[derive(Clone, Debug)]
pub struct Series {
    /// Labels that they may have.
    pub labels: Names,
    /// Labels that tell any two of them apart; none when nothing does for certain.
    pub unique_by: Option<Names>,
    /// A single number without series.
    pub scalar: bool,
}

impl Series {
    fn scalar() -> Self {
        Self {
            labels: Names::new(),
            unique_by: Some(Names::new()),
            scalar: true,
        }
    }

    fn is_unique_by(&self, labels: &Names) -> bool {
        self.unique_by
            .as_ref()
            .is_some_and(|it| it.is_subset(labels))
    }
}

pub fn names<'a>(labels: impl IntoIterator<Item = &'a str>) -> Names {
    labels.into_iter().map(str::to_owned).collect()
}

/// The labels of a metric as Prometheus stores it; none when nobody makes such a metric.
pub fn of_metric(name: &str) -> Option<Names> {
    let of_prometheus = OF_PROMETHEUS.iter().find(|(it, _)| *it == name);
    if let Some((name, labels)) = of_prometheus {
        let mut labels = names(labels.iter().copied());
        if *name == "up" {
            labels.extend(names(["job", "instance"]));
        }
        return Some(labels);
    }
    let family = catalogue::ALL.iter().find(|family| {
        let parts: &[&str] = match family.kind {
            MetricKind::Histogram => &["_bucket", "_count", "_sum"],
            _ => &[""],
        };
        let rest = name.strip_prefix(family.name);
        rest.is_some_and(|rest| parts.contains(&rest))
    })?;
    let mut labels = names(family.labels.iter().copied());
    labels.extend(names(["job", "instance"]));
    if name.ends_with("_bucket") {
        labels.insert("le".to_owned());
    }
    Some(labels)
}

/// What is known of the result; every doubt about the way there is added to `complaints`.
pub fn infer(expression: &Expr, complaints: &mut Vec<String>) -> Series {
    match expression {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Series::scalar(),
        Expr::Paren(it) => infer(&it.expr, complaints),
        Expr::Unary(it) => infer(&it.expr, complaints),
        Expr::Subquery(it) => infer(&it.expr, complaints),
        Expr::VectorSelector(it) => of_selector(&metric(it)),
        Expr::MatrixSelector(it) => of_selector(&metric(&it.vs)),
        Expr::Call(it) => of_call(it, complaints),
        Expr::Aggregate(it) => of_aggregation(it, complaints),
        Expr::Binary(it) => of_operation(it, complaints),
        Expr::Extension(_) => unreachable!("Prometheus has no extensions"),
    }
}

/// A metric that nobody makes is another test's complaint.
fn of_selector(metric: &str) -> Series {
    let labels = metric.split('|').filter_map(of_metric).flatten();
    Series {
        labels: labels.collect(),
        unique_by: None,
        scalar: false,
    }
}

fn of_call(call: &Call, complaints: &mut Vec<String>) -> Series {
    let arguments: Vec<Series> = call
        .args
        .args
        .iter()
        .map(|it| infer(it, complaints))
        .collect();
    let text = |position: usize| match &*call.args.args[position] {
        Expr::StringLiteral(it) => it.val.clone(),
        other => panic!("{other} is no text"),
    };
    let mut require = |series: &Series, label: String| {
        if !series.labels.contains(&label) {
            complaints.push(format!("{call}: there is no label {label}"));
        }
    };
    match call.func.name {
        "time" | "vector" => Series {
            scalar: call.func.name == "time",
            ..Series::scalar()
        },
        "label_replace" => {
            let mut series = arguments[0].clone();
            require(&series, text(3));
            series.labels.insert(text(1));
            series
        }
        "label_join" => {
            let mut series = arguments[0].clone();
            for position in 3..arguments.len() {
                require(&series, text(position));
            }
            series.labels.insert(text(1));
            series.unique_by = None;
            series
        }
        "histogram_quantile" => {
            let mut series = arguments[1].clone();
            require(&series, "le".to_owned());
            series.labels.remove("le");
            if let Some(unique_by) = &mut series.unique_by {
                unique_by.remove("le");
            }
            series
        }
        "rate" | "increase" | "changes" | "last_over_time" | "floor" => arguments[0].clone(),
        other => panic!("nothing is known of the function {other}"),
    }
}

fn of_aggregation(aggregation: &AggregateExpr, complaints: &mut Vec<String>) -> Series {
    let inner = infer(&aggregation.expr, complaints);
    let by = match &aggregation.modifier {
        None => Names::new(),
        Some(LabelModifier::Include(by)) => set(by),
        Some(LabelModifier::Exclude(_)) => panic!("without is not used: {aggregation}"),
    };
    for label in by.difference(&inner.labels) {
        complaints.push(format!("{aggregation}: by {label}, which is not there"));
    }
    let op = aggregation.op.id();
    if op == T_TOPK {
        let one = aggregation
            .param
            .as_ref()
            .is_some_and(|it| it.to_string() == "1");
        return Series {
            unique_by: if one { Some(by) } else { inner.unique_by },
            ..inner
        };
    }
    let mut labels = by;
    if op == T_COUNT_VALUES {
        let label = aggregation.param.as_ref().map(|it| it.to_string());
        labels.insert(label.unwrap().trim_matches('"').to_owned());
    }
    Series {
        unique_by: Some(labels.clone()),
        labels,
        scalar: false,
    }
}

fn of_operation(operation: &BinaryExpr, complaints: &mut Vec<String>) -> Series {
    let left = infer(&operation.lhs, complaints);
    let right = infer(&operation.rhs, complaints);
    if left.scalar || right.scalar {
        return if left.scalar { right } else { left };
    }
    let modifier = operation.modifier.as_ref();
    let on = match modifier.and_then(|it| it.matching.as_ref()) {
        Some(LabelModifier::Include(on)) => Some(set(on)),
        Some(LabelModifier::Exclude(_)) => panic!("ignoring is not used: {operation}"),
        None => None,
    };
    let mut complain = |what: &str| complaints.push(format!("{what}: {operation}"));
    let op = operation.op.id();
    match &on {
        Some(on) => {
            for (side, series) in [("left", &left), ("right", &right)] {
                for label in on.difference(&series.labels) {
                    complain(&format!("on {label}, which is not there on the {side}"));
                }
            }
        }
        // Unlike series may stand in one list.
        None if op == T_LOR => {}
        None if left.labels != right.labels => complain("the sides have different labels"),
        None => {}
    }
    let on_given = on.is_some();
    let on = on.unwrap_or_else(|| left.labels.clone());
    match op {
        T_LAND | T_LUNLESS => left,
        T_LOR => {
            let labels: Names = left.labels.union(&right.labels).cloned().collect();
            let unique = left.is_unique_by(&on) && right.is_unique_by(&on);
            Series {
                // Without `on`, what is alike in all labels is one.
                unique_by: if !on_given {
                    Some(labels.clone())
                } else {
                    unique.then_some(on)
                },
                labels,
                scalar: false,
            }
        }
        _ => match modifier.map(|it| &it.card) {
            Some(VectorMatchCardinality::ManyToOne(added)) => {
                let added = set(added);
                for label in added.difference(&right.labels) {
                    complain(&format!("group_left {label}, which is not there"));
                }
                if !right.is_unique_by(&on) {
                    complain("the right side may have several series for one of the left");
                }
                Series {
                    labels: left.labels.union(&added).cloned().collect(),
                    ..left
                }
            }
            Some(VectorMatchCardinality::OneToMany(_)) => {
                panic!("group_right is not used: {operation}")
            }
            _ => {
                if !left.is_unique_by(&on) || !right.is_unique_by(&on) {
                    complain("a side may have several series that match one");
                }
                Series {
                    labels: on.clone(),
                    unique_by: Some(on),
                    scalar: false,
                }
            }
        },
    }
}

fn set(labels: &Labels) -> Names {
    labels.labels.iter().cloned().collect()
}
