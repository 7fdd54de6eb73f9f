//! Which labels the result of an expression may have, and which it surely has.

use std::collections::BTreeSet;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{AggregateExpr, Call, Expr, LabelModifier, VectorSelector};

use super::recorded::Recorded;
use super::series::{self, NEVER_EMPTY};

/// The labels of the series of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// No series has another one.
    pub may: BTreeSet<String>,
    /// Every series has these.
    pub sure: BTreeSet<String>,
}

impl Labels {
    /// The labels of no series at all: none has any, and whatever is said of each is true.
    pub fn of_nothing<'a>(others: impl Iterator<Item = &'a String>) -> Self {
        let known = series::labels().map(str::to_owned);
        Self {
            may: BTreeSet::new(),
            sure: known.chain(others.cloned()).collect(),
        }
    }

    /// Each series gets these too.
    pub fn with<'a>(mut self, more: impl Iterator<Item = &'a String>) -> Self {
        for label in more {
            self.may.insert(label.clone());
            self.sure.insert(label.clone());
        }
        self
    }

    /// Only these are left.
    pub fn only(&self, kept: &BTreeSet<String>) -> Self {
        Self {
            may: &self.may & kept,
            sure: &self.sure & kept,
        }
    }

    /// All but these are left.
    pub fn without(&self, dropped: &BTreeSet<String>) -> Self {
        Self {
            may: &self.may - dropped,
            sure: &self.sure - dropped,
        }
    }

    /// The series of both together.
    pub fn or(&self, other: &Self) -> Self {
        Self {
            may: &self.may | &other.may,
            sure: &self.sure & &other.sure,
        }
    }
}

/// The names in a list such as that of `by` or `on`.
pub fn listed(modifier: &LabelModifier) -> BTreeSet<String> {
    modifier.labels().labels.iter().cloned().collect()
}

/// Reads an expression, and notes what is wrong with it.
pub struct Reading<'a> {
    recorded: &'a Recorded,
    pub complaints: Vec<String>,
}

impl<'a> Reading<'a> {
    pub fn new(recorded: &'a Recorded) -> Self {
        Self {
            recorded,
            complaints: Vec::new(),
        }
    }

    pub fn of(&mut self, expr: &Expr) -> Labels {
        match expr {
            Expr::Paren(it) => self.of(&it.expr),
            Expr::Unary(it) => self.of(&it.expr),
            Expr::Subquery(it) => self.of(&it.expr),
            Expr::VectorSelector(it) => self.selector(it),
            Expr::MatrixSelector(it) => self.selector(&it.vs),
            Expr::Aggregate(it) => self.aggregate(it),
            Expr::Binary(it) => self.binary(it),
            Expr::Call(it) => self.call(it),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {
                Labels::default()
            }
        }
    }

    /// Complains of each of `names` that none of the series has.
    pub fn must_be_among(&mut self, names: &BTreeSet<String>, labels: &Labels, what: &str) {
        for name in names - &labels.may {
            self.complaints
                .push(format!("{what} {name:?}, which nothing there has"));
        }
    }

    fn selector(&mut self, selector: &VectorSelector) -> Labels {
        let matchers = &selector.matchers.matchers;
        let Some(name) = selector.name.as_deref() else {
            self.complaints
                .push(format!("{selector} does not name a metric"));
            return Labels::default();
        };
        let labels = match self.recorded.find(name, matchers) {
            Some(Ok(labels)) => labels,
            Some(Err(complaint)) => {
                self.complaints.push(complaint);
                return Labels::default();
            }
            None => match series::find(name) {
                Some((labels, _)) => {
                    let may: BTreeSet<String> = labels.iter().map(|it| (*it).to_owned()).collect();
                    let sure = may.iter().filter(|it| NEVER_EMPTY.contains(&it.as_str()));
                    let sure = sure.cloned().collect();
                    Labels { may, sure }
                }
                None => {
                    self.complaints.push(format!("there is no metric {name:?}"));
                    return Labels::default();
                }
            },
        };
        let matched = matchers.iter().map(|it| it.name.clone()).collect();
        self.must_be_among(&matched, &labels, &format!("{name} is matched by"));
        let present = matchers.iter().filter(|it| !it.is_match(""));
        labels.with(present.map(|it| &it.name))
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) -> Labels {
        let labels = self.of(&aggregate.expr);
        if let Some(parameter) = &aggregate.param {
            self.of(parameter);
        }
        if let Some(modifier) = &aggregate.modifier {
            self.must_be_among(&listed(modifier), &labels, "it aggregates by");
        }
        // These choose series and leave them as they are.
        if ["topk", "bottomk"].contains(&aggregate.op.to_string().as_str()) {
            return labels;
        }
        let left = match &aggregate.modifier {
            None => Labels::default(),
            Some(by @ LabelModifier::Include(_)) => labels.only(&listed(by)),
            Some(without @ LabelModifier::Exclude(_)) => labels.without(&listed(without)),
        };
        match aggregate.param.as_deref() {
            // The text of `count_values` is the label that holds the value.
            Some(Expr::StringLiteral(label)) => left.with([&label.val].into_iter()),
            _ => left,
        }
    }

    fn call(&mut self, call: &Call) -> Labels {
        let arguments: Vec<Labels> = call.args.args.iter().map(|it| self.of(it)).collect();
        let texts = call.args.args.iter().map(|it| match &**it {
            Expr::StringLiteral(text) => text.val.clone(),
            _ => String::new(),
        });
        let texts: Vec<String> = texts.collect();
        match call.func.name {
            "scalar" | "time" | "vector" | "pi" => Labels::default(),
            "absent" | "absent_over_time" => call.args.first().map_or_else(Labels::default, |it| {
                Labels::default().with(equal(&it).iter())
            }),
            // Both read the labels that stand from the fourth argument on, and write the second.
            name @ ("label_replace" | "label_join") => {
                let count = if name == "label_replace" {
                    1
                } else {
                    usize::MAX
                };
                let read = texts.iter().skip(3).take(count).cloned().collect();
                self.must_be_among(&read, &arguments[0], &format!("{name} reads"));
                let mut labels = arguments[0].clone();
                labels.sure.remove(&texts[1]);
                labels.may.insert(texts[1].clone());
                labels
            }
            "histogram_quantile" => arguments[1].without(&BTreeSet::from(["le".to_owned()])),
            _ => {
                let vectors = call.args.args.iter().zip(arguments);
                let mut vectors = vectors.filter(|(it, _)| super::operators::has_series(it));
                vectors.next().map(|(_, labels)| labels).unwrap_or_default()
            }
        }
    }
}

/// The labels that `absent` gives to what it makes up: those that are matched for equality.
fn equal(selected: &Expr) -> Vec<String> {
    let matchers: &[Matcher] = match selected {
        Expr::VectorSelector(it) => &it.matchers.matchers,
        Expr::MatrixSelector(it) => &it.vs.matchers.matchers,
        _ => &[],
    };
    let equal = matchers.iter().filter(|it| it.op == MatchOp::Equal);
    equal.map(|it| it.name.clone()).collect()
}
