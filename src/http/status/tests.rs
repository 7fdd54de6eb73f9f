//! The page as it is written.

use std::time::Duration;

use proptest::prelude::*;

use crate::clock::Instant;
use crate::density::BudgetStatus;
use crate::metrics::BuildInfo;
use crate::snapshot::Fetched;

use super::facts::{CollectorFacts, Data, Facts, Health, OrganizationFacts, Standing};
use super::html::Html;
use super::sensors::{FloorFacts, OfflineSensor, Place, SensorFacts};
use super::*;

const AT: f64 = 1_795_428_000.0;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn collector(name: &'static str, standing: Standing, data: Data) -> CollectorFacts {
    CollectorFacts {
        name,
        standing,
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
    let sensors = SensorFacts {
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
        floors_in_all: 12,
        unplaced: 2,
        offline: vec![OfflineSensor {
            serial_number: name.to_owned(),
            place,
            since: Some(AT - 12_000.0),
        }],
    };
    let failing = Standing::Failing(seconds(250), name.into());
    OrganizationFacts {
        name: name.to_owned(),
        collectors: vec![
            collector("spaces", Standing::Fresh, Data::Shown(seconds(12))),
            collector("sensors", Standing::Due, Data::Shown(seconds(70))),
            collector("current_count", Standing::Unasked, Data::None),
            collector("presence", failing, Data::Ended(seconds(900))),
            collector(
                "sensor_health",
                Standing::UnderWay,
                Data::Shown(seconds(31)),
            ),
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

#[test]
fn the_page_says_how_things_are() {
    let facts = facts(vec![organization("acme")]);
    let mut html = Html::default();
    let (verdict, class) = page::verdict(&facts);
    page::body(&facts, &verdict, class, &mut html);
    insta::assert_snapshot!(html.into_string());
}

#[test]
fn several_organizations_are_told_apart_and_what_is_not_known_is_said() {
    let unknown = OrganizationFacts {
        health: Health::Unknown,
        collectors: Vec::new(),
        name: "other".to_owned(),
    };
    let page = page::page(&facts(vec![unknown, organization("acme")]));
    assert!(page.contains("The health of sensors is not known."));
    assert!(page.contains("; without 1 organization whose sensors are not known"));
    assert!(page.contains("<th scope=\"col\" role=\"columnheader\">Organization</th>"));
    // What fails comes first.
    assert!(page.find("<h3><bdi>acme") < page.find("<h3><bdi>other"));
    let mut lost = organization("acme");
    if let Health::Known(_, sensors) = &mut lost.health {
        Arc::make_mut(sensors).floors.clear();
    }
    let page = page::page(&facts(vec![lost]));
    assert!(page.contains("Not known: 2 sensors not healthy, on floors that are not known"));
    let page = page::page(&facts(Vec::new()));
    assert!(page.contains("Nothing is known yet") && page.contains("Not known: no health"));
}

#[test]
fn the_page_is_bounded_whatever_is_on_it() {
    let endless = "\"".repeat(100_000);
    let page = page::page(&facts(vec![organization(&endless); 2000]));
    assert!(page.contains("And 1,950 more organizations."));
    assert!(page.len() < 2_000_000, "{}", page.len());
}

#[test]
fn the_policy_is_for_the_style_of_the_page_and_nothing_in_it_needs_more() {
    let policy = style::policy();
    let policy = policy.to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    let page = page::page(&facts(vec![organization("acme")]));
    assert!(page.contains(&format!("<style>{}</style>", style::STYLE)));
    for needs_more in [
        "<script", "style=", "src=", "http:", "https:", "url(", "@import", " on",
    ] {
        let head_and_tags: String = tags(&page).concat();
        assert!(!head_and_tags.contains(needs_more), "{needs_more}");
        assert!(needs_more == " on" || !style::STYLE.contains(needs_more));
    }
}

#[tokio::test]
async fn sensors_are_counted_once_for_each_version_of_them() {
    let counted = Counted::default();
    let snapshot = |version| Snapshot {
        sensor_health: Some(Fetched {
            data: Arc::default(),
            version,
            requested_at: Instant::default(),
        }),
        ..Snapshot::default()
    };
    let count = async |name, version| {
        let facts = counted.of(name, &snapshot(version)).await;
        facts.unwrap().unwrap()
    };
    let first = count("acme", 1).await;
    assert!(Arc::ptr_eq(&first, &count("acme", 1).await));
    assert!(!Arc::ptr_eq(&first, &count("other", 1).await));
    counted.keep(&HashSet::from(["acme"])).await;
    assert_eq!(counted.organizations.lock().await.len(), 1);
    assert!(Arc::ptr_eq(&first, &count("acme", 1).await));
    assert!(!Arc::ptr_eq(&first, &count("acme", 2).await));
    let ended = counted.of("acme", &Snapshot::default()).await;
    assert_eq!(ended.unwrap(), None);
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
        let page = page::page(&facts(vec![organization(&name), organization(&name)]));
        let plain = page::page(&facts(vec![organization("x"), organization("x")]));
        let visible = !name.trim().is_empty();
        prop_assert!(!visible || tags(&page) == tags(&plain));
        let (_, body) = page.split_once("</style>").unwrap();
        for (at, _) in body.match_indices('&') {
            let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
            prop_assert!(known.iter().any(|it| body[at..].starts_with(it)));
        }
    }
}
