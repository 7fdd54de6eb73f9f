//! The labels of what rules record.

use std::collections::BTreeMap;

use promql_parser::label::Matcher;
use promql_parser::parser::Expr;

use super::Labels;
use super::labels::Reading;

/// A rule that records something.
pub struct Rule<'a> {
    pub name: &'a str,
    /// The labels that it gives to what it records.
    pub labels: &'a BTreeMap<String, String>,
    pub expr: &'a Expr,
}

/// What several rules record under their names. `Recorded::default()` is nothing.
#[derive(Clone, Default, PartialEq)]
pub struct Recorded(BTreeMap<String, Vec<Variant>>);

/// What one rule records. Several rules may record under one name, with different labels.
#[derive(Clone, PartialEq)]
struct Variant {
    given: BTreeMap<String, String>,
    labels: Labels,
}

impl Recorded {
    /// What these rules record. Rules may read one another and themselves, so they are read until
    /// nothing new is learned.
    pub fn of(rules: &[Rule<'_>]) -> Self {
        let mut known = Self::default();
        for rule in rules {
            let given = rules.iter().flat_map(|it| it.labels.keys());
            known.add(rule, Labels::of_nothing(given));
        }
        loop {
            let mut next = Self::default();
            for rule in rules {
                next.add(rule, Reading::new(&known).of(rule.expr));
            }
            if next == known {
                return known;
            }
            known = next;
        }
    }

    fn add(&mut self, rule: &Rule<'_>, labels: Labels) {
        let given = rule.labels.clone();
        let labels = labels.with(given.keys());
        let variants = self.0.entry(rule.name.to_owned()).or_default();
        variants.push(Variant { given, labels });
    }

    /// The labels of the series of `name` that the matchers can match: none when there is no such
    /// name, an error when nothing can match.
    pub fn find(&self, name: &str, matchers: &[Matcher]) -> Option<Result<Labels, String>> {
        let can_match = |variant: &&Variant| {
            matchers
                .iter()
                .all(|it| variant.given.get(&it.name).is_none_or(|is| it.is_match(is)))
        };
        let mut found = self.0.get(name)?.iter().filter(can_match);
        let Some(first) = found.next() else {
            return Some(Err(format!("nothing that is recorded as {name} can match")));
        };
        Some(Ok(
            found.fold(first.labels.clone(), |all, it| all.or(&it.labels))
        ))
    }
}
