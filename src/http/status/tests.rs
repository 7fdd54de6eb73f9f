//! The page as it is written.

use std::time::Duration;

use proptest::prelude::*;

use crate::density::BudgetStatus;
use crate::metrics::BuildInfo;

use super::facts::{CollectorFacts, Data, Facts, Health, OrganizationFacts, State};
use super::page::Page;
use super::sensors::{FloorFacts, OfflineSensor, Place, SensorSummary};
use super::style;
use askama::Template;
use std::sync::Arc;

const AT: f64 = 1_795_428_000.0;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn collector(name: &'static str, state: State, data: Data) -> CollectorFacts {
    CollectorFacts {
        name,
        state,
        data,
        entries: matches!(data, Data::Shown(_)).then_some(1234),
    }
}

/// An organization where something of each kind is to be told, everything in it called `name`.
fn organization(name: &str) -> OrganizationFacts {
    let place = Place {
        building: name.to_owned(),
        floor: name.to_owned(),
        lifecycle: Some(name.to_owned()),
    };
    let sensors = SensorSummary {
        by_health: vec![
            ("healthy".to_owned(), 1000),
            ("offline".to_owned(), 51),
            (name.to_owned(), 2),
        ],
        unreported: 3,
        floors: vec![FloorFacts {
            place: place.clone(),
            sensors: 60,
            not_healthy: 51,
        }],
        bad_floors: 12,
        unplaced: 2,
        offline: vec![OfflineSensor {
            serial_number: name.to_owned(),
            place,
            since: Some(AT - 12_000.0),
        }],
    };
    let failing = State::Failing(seconds(250), name.into());
    OrganizationFacts {
        name: name.to_owned(),
        collectors: vec![
            collector("spaces", State::Fresh, Data::Shown(seconds(12))),
            collector("sensors", State::Due, Data::Shown(seconds(70))),
            collector("current_count", State::NotRequested, Data::None),
            collector("presence", failing, Data::Expired(seconds(900))),
            collector("sensor_health", State::Refreshing, Data::Shown(seconds(31))),
        ],
        health: Health::Known(seconds(31), Arc::new(sensors)),
    }
}

fn facts(organizations: Vec<OrganizationFacts>) -> Facts {
    let budget = |pause, requests_per_second| BudgetStatus {
        host: "api.density.io".to_owned(),
        requests_per_second,
        configured: 10.0,
        calls_last_minute: 34,
        pause,
        waited: Duration::ZERO,
    };
    Facts {
        at: AT,
        organizations,
        budgets: vec![
            budget(None, 10.0),
            budget(None, 5.25),
            budget(Some(seconds(12)), 0.0),
        ],
        telemetry_path: "/metrics".to_owned(),
        build: BuildInfo {
            version: "1.2.3",
            revision: "abcdef",
            rustversion: "",
        },
    }
}

fn render(facts: &Facts) -> String {
    Page::new(facts).render().unwrap()
}

#[test]
fn the_page_says_how_things_are() {
    let facts = facts(vec![organization("acme")]);
    let page = render(&facts);
    let (_, body) = page.split_once("</head>\n").unwrap();
    insta::assert_snapshot!(body);
}

#[test]
fn several_organizations_are_told_apart_and_what_is_not_known_is_said() {
    let unknown = OrganizationFacts {
        health: Health::Unknown,
        collectors: Vec::new(),
        name: "other".to_owned(),
    };
    let page = render(&facts(vec![unknown, organization("acme")]));
    assert!(page.contains("The health of sensors is not known."));
    assert!(page.contains("; without 1 organization whose sensors are not known"));
    assert!(page.contains("<th scope=\"col\" role=\"columnheader\">Organization</th>"));
    // What fails comes first.
    assert!(page.find("<h3><bdi>acme") < page.find("<h3><bdi>other"));
    let mut lost = organization("acme");
    if let Health::Known(_, sensors) = &mut lost.health {
        Arc::make_mut(sensors).floors.clear();
    }
    let page = render(&facts(vec![lost]));
    assert!(page.contains("Not known: 2 sensors not healthy, on floors that are not known"));
    let page = render(&facts(Vec::new()));
    assert!(page.contains("Nothing is known yet") && page.contains("Not known: no health"));
}

#[test]
fn the_page_is_bounded_whatever_is_on_it() {
    let endless = "\"".repeat(100_000);
    let page = render(&facts(vec![organization(&endless); 2000]));
    assert!(page.contains("And 1,950 more organizations."));
    assert!(page.len() < 2_000_000, "{}", page.len());
}

#[test]
fn the_policy_is_for_the_style_of_the_page_and_nothing_in_it_needs_more() {
    let policy = style::policy();
    let policy = policy.to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    let page = render(&facts(vec![organization("acme")]));
    assert!(page.contains(&format!("<style>{}</style>", style::STYLE)));
    for needs_more in [
        "<script", "style=", "src=", "http:", "https:", "url(", "@import", " on",
    ] {
        let head_and_tags: String = tags(&page).concat();
        assert!(!head_and_tags.contains(needs_more), "{needs_more}");
        assert!(needs_more == " on" || !style::STYLE.contains(needs_more));
    }
}

/// The tags of a page in their order.
fn tags(page: &str) -> Vec<&str> {
    let from = page.split('<').skip(1);
    from.filter_map(|it| it.split_once('>'))
        .map(|it| it.0)
        .collect()
}

proptest! {
    /// Whatever a thing is called, the page has the tags that it has when all is called x.
    #[test]
    fn no_name_is_markup(name in "\\PC*[<>&\"']?\\PC*|</?(script|bdi|td|style)[ >]\\PC*|&#?[a-z0-9]+;?") {
        let page = render(&facts(vec![organization(&name), organization(&name)]));
        let plain = render(&facts(vec![organization("x"), organization("x")]));
        let visible = !name.trim().is_empty();
        prop_assert!(!visible || tags(&page) == tags(&plain));
        let (_, body) = page.split_once("</style>").unwrap();
        for (at, _) in body.match_indices('&') {
            let known = ["&#38;", "&#60;", "&#62;", "&#34;", "&#39;"];
            prop_assert!(known.iter().any(|it| body[at..].starts_with(it)));
        }
    }
}
