//! `?organization=…` and `?collect[]=…`: what a scrape asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::config::{Collector, CollectorSet};

/// What a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// The numbers of the organizations, as configured.
    pub(super) organizations: Vec<usize>,
    /// The collectors; none of them is turned off.
    pub(super) collectors: CollectorSet,
    /// Nothing was narrowed.
    pub(super) full: bool,
}

/// The names in the query, not judged yet: a reload may change which of them exist.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestedNames {
    organizations: Vec<String>,
    collectors: Vec<String>,
}

/// A name in the query that is not configured. The message names those that are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnknownName {
    #[error("there is no {what} {name:?}; there is: {configured}")]
    None {
        what: &'static str,
        name: String,
        configured: String,
    },
    #[error("the collector {0} is turned off")]
    TurnedOff(&'static str),
}

impl<S: Sync> FromRequestParts<S> for RequestedNames {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_query(parts.uri.query().unwrap_or_default()))
    }
}

impl RequestedNames {
    /// Reads the query; other parameters are ignored.
    pub(super) fn from_query(query: &str) -> Self {
        let mut names = Self::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "organization" => names.organizations.push(value.into_owned()),
                "collect[]" => names.collectors.push(value.into_owned()),
                _ => {}
            }
        }
        names
    }

    /// What the names stand for, among `organizations` and `enabled` collectors. An empty name is an
    /// unknown one.
    pub(super) fn select(
        &self,
        organizations: &[&str],
        enabled: CollectorSet,
    ) -> Result<Selection, UnknownName> {
        let mut selected = Vec::new();
        for name in &self.organizations {
            let number = organizations.iter().position(|it| it == name);
            selected.push(number.ok_or_else(|| UnknownName::None {
                what: "organization",
                name: name.clone(),
                configured: organizations.join(", "),
            })?);
        }
        let mut collectors = CollectorSet::default();
        for name in &self.collectors {
            match Collector::from_name(name) {
                Some(collector) if enabled.contains(collector) => {
                    collectors = collectors.with(collector);
                }
                Some(collector) => return Err(UnknownName::TurnedOff(collector.name())),
                None => {
                    let known: Vec<&str> = enabled.iter().map(Collector::name).collect();
                    return Err(UnknownName::None {
                        what: "collector",
                        name: name.clone(),
                        configured: known.join(", "),
                    });
                }
            }
        }
        if self.organizations.is_empty() {
            selected = (0..organizations.len()).collect();
        }
        // In the order of the configuration, each once: no series may stand on a page twice.
        selected.sort_unstable();
        selected.dedup();
        Ok(Selection {
            organizations: selected,
            collectors: match self.collectors.is_empty() {
                true => enabled,
                false => collectors,
            },
            full: self.organizations.is_empty() && self.collectors.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANIZATIONS: &[&str] = &["acme", "øst & vest"];

    fn read(query: &str) -> Result<(Vec<usize>, Vec<&'static str>, bool), String> {
        let enabled = CollectorSet::default()
            .with(Collector::Spaces)
            .with(Collector::Presence);
        let names = RequestedNames::from_query(query);
        names
            .select(ORGANIZATIONS, enabled)
            .map_err(|it| it.to_string())
            .map(|it| {
                let collectors = it.collectors.iter().map(Collector::name).collect();
                (it.organizations, collectors, it.full)
            })
    }

    #[test]
    fn nothing_means_everything_that_is_on() {
        let all = Ok((vec![0, 1], vec!["spaces", "presence"], true));
        assert_eq!(read(""), all);
        assert_eq!(read("target=x&debug"), all);
    }

    #[test]
    fn names_narrow_in_the_order_of_the_configuration_and_each_once() {
        assert_eq!(
            read("organization=%C3%B8st+%26+vest&organization=acme&organization=acme"),
            Ok((vec![0, 1], vec!["spaces", "presence"], false))
        );
        assert_eq!(
            read("collect%5B%5D=presence&collect[]=presence&organization=acme"),
            Ok((vec![0], vec!["presence"], false))
        );
    }

    #[test]
    fn an_unknown_name_is_told_with_those_that_are_known() {
        assert_eq!(
            read("collect[]=presense").unwrap_err(),
            "there is no collector \"presense\"; there is: spaces, presence"
        );
        assert_eq!(
            read("collect[]=sensors").unwrap_err(),
            "the collector sensors is turned off"
        );
        assert_eq!(
            read("organization=").unwrap_err(),
            "there is no organization \"\"; there is: acme, øst & vest"
        );
    }
}
