//! `?organization=…` and `?collect[]=…`: what a scrape asks for.

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

/// Reads the query. Names that are empty or unknown are an error, told with those that are known;
/// other parameters are none of ours.
pub(super) fn select(
    query: &str,
    organizations: &[&str],
    enabled: CollectorSet,
) -> Result<Selection, String> {
    let mut named = Vec::new();
    let mut collectors = None;
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*key {
            "organization" => match organizations.iter().position(|it| *it == value) {
                Some(number) => named.push(number),
                None => {
                    return Err(unknown(
                        "organization",
                        &value,
                        organizations.iter().copied(),
                    ));
                }
            },
            "collect[]" => match Collector::from_name(&value) {
                Some(collector) if enabled.contains(collector) => {
                    collectors = Some(
                        collectors
                            .unwrap_or(CollectorSet::default())
                            .with(collector),
                    );
                }
                Some(_) => return Err(format!("the collector {value} is turned off\n")),
                None => {
                    let known = enabled.iter().map(Collector::name);
                    return Err(unknown("collector", &value, known));
                }
            },
            _ => {}
        }
    }
    let full = named.is_empty() && collectors.is_none();
    if named.is_empty() {
        named = (0..organizations.len()).collect();
    }
    // In the order of the configuration, each once: no series may stand on a page twice.
    named.sort_unstable();
    named.dedup();
    Ok(Selection {
        organizations: named,
        collectors: collectors.unwrap_or(enabled),
        full,
    })
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    format!(
        "there is no {what} {name:?}; there is: {}\n",
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANIZATIONS: &[&str] = &["acme", "øst & vest"];

    fn read(query: &str) -> Result<(Vec<usize>, Vec<&'static str>, bool), String> {
        let enabled = CollectorSet::default()
            .with(Collector::Spaces)
            .with(Collector::Presence);
        select(query, ORGANIZATIONS, enabled).map(|it| {
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
            "there is no collector \"presense\"; there is: spaces, presence\n"
        );
        assert_eq!(
            read("collect[]=sensors").unwrap_err(),
            "the collector sensors is turned off\n"
        );
        assert_eq!(
            read("organization=").unwrap_err(),
            "there is no organization \"\"; there is: acme, øst & vest\n"
        );
    }
}
