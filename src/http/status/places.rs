//! The tables of floors and of sensors that are offline.

use crate::snapshot::Status;

use super::facts::{Facts, OrganizationFacts};
use super::html::Html;
use super::sensors::{Place, SensorFacts};
use super::words::{ago, number, percent, things};

const ORGANIZATION: &str = "Organization";
const BUILDING: &str = "Building";
const FLOOR: &str = "Floor";

pub(super) fn floors(facts: &Facts, html: &mut Html) {
    html.markup("<section>\n<h2>Worst floors</h2>\n");
    let worst = facts.worst_floors();
    let unplaced = sum(facts, |it| it.unplaced);
    if worst.is_empty() && unplaced > 0 {
        let sensors = things(unplaced, "sensor");
        html.markup("<p>Not known: ").text(&format!(
            "{sensors} not healthy, on floors that are not known (as of {})",
            ages(facts)
        ));
        without(facts, html);
        html.markup(".</p>\n");
    } else if worst.is_empty() {
        nothing(facts, "No floor has a sensor that is not healthy", html);
    } else {
        let all = sum(facts, |it| it.floors_in_all);
        let several = facts.organizations.len() > 1;
        let columns = columns(several, &[BUILDING, FLOOR, "Not healthy"]);
        html.table(
            &columns,
            |html| {
                let shown = shown(worst.len(), all, "floor");
                let age = ages(facts);
                let words = format!("{shown} with sensors that are not healthy, by share and number; health from {age}");
                html.text(&words);
                if unplaced > 0 {
                    let sensors = things(unplaced, "sensor");
                    html.text(&format!("; without {sensors} on floors that are not known"));
                }
                without(facts, html);
            },
            |html| {
                for (organization, floor) in &worst {
                    html.row(|html| {
                        place(several.then_some(*organization), &floor.place, html);
                        html.short_cell("Not healthy", |html| {
                            let (bad, all) = (floor.not_healthy, floor.sensors);
                            html.text(&format!("{} of {}", number(bad), number(all)))
                                .markup(" <span class=\"one\">(")
                                .text(&percent(bad, all))
                                .markup(")</span>");
                        });
                    });
                }
            },
        );
    }
    html.markup("</section>\n");
}

pub(super) fn offline(facts: &Facts, html: &mut Html) {
    html.markup("<section>\n<h2>Sensors that are offline</h2>\n");
    let newest = facts.newest_offline();
    if newest.is_empty() {
        nothing(facts, "No sensor is offline", html);
    } else {
        let all = sum(facts, |it| it.count(Status::Offline));
        let several = facts.organizations.len() > 1;
        let columns = columns(several, &[BUILDING, FLOOR, "Sensor", "Offline since"]);
        html.table(
            &columns,
            |html| {
                let shown = shown(newest.len(), all, "sensor");
                html.text(&format!(
                    "{shown}, the last to go first; health from {}",
                    ages(facts)
                ));
                without(facts, html);
            },
            |html| {
                for (organization, sensor) in &newest {
                    html.row(|html| {
                        place(several.then_some(*organization), &sensor.place, html);
                        html.cell("Sensor", |html| {
                            html.name(&sensor.serial_number);
                        });
                        html.short_cell("Offline since", |html| {
                            since(facts.at, sensor.since, html)
                        });
                    });
                }
            },
        );
    }
    html.markup("</section>\n");
}

fn since(now: f64, since: Option<f64>, html: &mut Html) {
    let Some(since) = since else {
        html.text("not told");
        return;
    };
    html.time(since);
    // What changes at Density a moment after our clock is not in the future.
    let age = std::time::Duration::try_from_secs_f64((now - since).max(0.0));
    if let Ok(age) = age {
        html.markup(" <span class=\"one\">(")
            .text(&ago(age))
            .markup(")</span>");
    }
}

/// The first cells of a row about a place: the organization, where there are several, the building, and the
/// floor.
fn place(organization: Option<&OrganizationFacts>, place: &Place, html: &mut Html) {
    let known = |name: &str, html: &mut Html| {
        match name.trim().is_empty() {
            true => html.text("not known"),
            false => html.name(name),
        };
    };
    match organization {
        Some(organization) => {
            html.header_cell(|html| {
                html.name(&organization.name);
            });
            html.cell(BUILDING, |html| known(&place.building, html));
        }
        None => html.header_cell(|html| known(&place.building, html)),
    }
    html.cell(FLOOR, |html| {
        known(&place.floor, html);
        if let Some(lifecycle) = &place.lifecycle {
            html.markup(" <span class=\"quiet\">(")
                .text(lifecycle)
                .markup(")</span>");
        }
    });
}

fn columns(several: bool, columns: &[&'static str]) -> Vec<&'static str> {
    let organization = several.then_some(ORGANIZATION);
    organization
        .into_iter()
        .chain(columns.iter().copied())
        .collect()
}

fn sum(facts: &Facts, of: fn(&SensorFacts) -> u64) -> u64 {
    facts.counted().map(|(.., it)| of(it)).sum()
}

/// How many are shown of how many: `2 floors`, `10 of 83 floors`.
fn shown(shown: usize, all: u64, thing: &str) -> String {
    match shown as u64 {
        shown if shown < all => format!("{} of {}", number(shown), things(all, thing)),
        _ => things(all, thing),
    }
}

/// How old the healths are that are shown.
pub(super) fn ages(facts: &Facts) -> String {
    let ages = || facts.counted().map(|(_, age, _)| age);
    let (youngest, oldest) = (
        ages().min().unwrap_or_default(),
        ages().max().unwrap_or_default(),
    );
    match (ago(youngest), ago(oldest)) {
        (youngest, oldest) if youngest == oldest => oldest,
        (_, oldest) => format!("up to {oldest}"),
    }
}

/// Says that there is none; or that nothing is known of it.
fn nothing(facts: &Facts, none: &'static str, html: &mut Html) {
    if facts.counted().next().is_none() {
        html.markup("<p>Not known: no health of sensors may be shown.</p>\n");
        return;
    }
    html.markup("<p>")
        .text(&format!("{none} (as of {})", ages(facts)));
    without(facts, html);
    html.markup(".</p>\n");
}

/// Says how many organizations are not counted.
fn without(facts: &Facts, html: &mut Html) {
    let all = facts.organizations.len();
    let missing = all.saturating_sub(facts.counted().count());
    if missing > 0 {
        let missing = things(missing as u64, "organization");
        html.text(&format!("; without {missing} whose sensors are not known"));
    }
}
