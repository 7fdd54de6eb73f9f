//! The page, from facts to HTML: what stands around the tables.

use crate::snapshot::Status;

use super::facts::{Data, Facts, Health, MOST_ORGANIZATIONS, OrganizationFacts, Standing};
use super::html::Html;
use super::places;
use super::sensors::SensorFacts;
use super::style::STYLE;
use super::tables;
use super::words::{ago, number, things};

/// The whole page.
pub(super) fn page(facts: &Facts) -> String {
    let mut html = Html::default();
    html.markup(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>density-exporter: ",
    );
    let (verdict, class) = verdict(facts);
    html.text(&verdict)
        .markup("</title>\n<style>")
        .markup(STYLE)
        .markup("</style>\n</head>\n");
    body(facts, &verdict, class, &mut html);
    html.markup("</html>\n");
    html.into_string()
}

/// What is between the tags of the body, with them.
pub(super) fn body(facts: &Facts, verdict: &str, class: &'static str, html: &mut Html) {
    html.markup("<body>\n<header>\n<h1>density-exporter</h1>\n<p class=\"")
        .markup(class)
        .markup("\">")
        .text(verdict)
        .markup("</p>\n");
    sensors_of_all(facts, html);
    html.markup("<p class=\"quiet\">As of ")
        .time(facts.at)
        .markup(". <a href=\"/\">Look again</a></p>\n</header>\n<main>\n");
    organizations(facts, html);
    places::floors(facts, html);
    places::offline(facts, html);
    tables::budgets(facts, html);
    html.markup("</main>\n<footer>\n<nav aria-label=\"Pages\">\n<a href=\"")
        .text(&facts.telemetry_path)
        .markup(
            "\">Metrics</a>\n<a href=\"/config\">Configuration, without secrets</a>\n\
             <a href=\"/-/healthy\">Health</a>\n<a href=\"/-/ready\">Readiness</a>\n</nav>\n\
             <p class=\"quiet\">Version ",
        )
        .text(facts.build.version)
        .markup(", revision ")
        .text(facts.build.revision)
        .markup("</p>\n</footer>\n</body>\n");
}

/// How things are in one sentence, and the class of its paragraph.
pub(super) fn verdict(facts: &Facts) -> (String, &'static str) {
    let all = facts.collectors().count();
    let failing: usize = facts.organizations.iter().map(|it| it.failing()).sum();
    let has = |standing: Standing| facts.collectors().any(|it| it.standing == standing);
    let is_empty = facts.collectors().all(|it| it.data == Data::None);
    if failing > 0 {
        let verb = if failing == 1 { "is" } else { "are" };
        let words = format!(
            "{} of {} {verb} failing.",
            number(failing as u64),
            things(all as u64, "collector")
        );
        (words, "verdict bad")
    } else if is_empty {
        let words = "Nothing is known yet: the API is asked when Prometheus scrapes.";
        (words.to_owned(), "verdict wait")
    } else if has(Standing::Abandoned) {
        let words = "Data has ended: no scrape has asked for it for a while.";
        (words.to_owned(), "verdict wait")
    } else if has(Standing::Unasked) {
        let words = "Nothing fails; some collectors were not asked yet.";
        (words.to_owned(), "verdict wait")
    } else {
        ("No collector is failing.".to_owned(), "verdict good")
    }
}

/// All sensors in one sentence.
fn sensors_of_all(facts: &Facts, html: &mut Html) {
    let sum = |of: fn(&SensorFacts) -> u64| facts.counted().map(|(.., it)| of(it)).sum::<u64>();
    let (all, healthy) = (
        sum(SensorFacts::sensors),
        sum(|it| it.count(Status::Healthy)),
    );
    let (offline, silent) = (sum(|it| it.count(Status::Offline)), sum(|it| it.unreported));
    if all == 0 {
        return;
    }
    let age = places::ages(facts);
    html.markup("<p>");
    let not_healthy = all.saturating_sub(healthy).saturating_sub(silent);
    if healthy == all {
        html.text(&format!("{} healthy", all_of(all)));
    } else if not_healthy == 0 {
        let verb = if healthy == 1 { "is" } else { "are" };
        html.text(&format!("{} {verb} healthy", things(healthy, "sensor")));
    } else {
        let verb = if not_healthy == 1 { "is" } else { "are" };
        let offline = number(offline);
        html.text(&format!(
            "{} of {} {verb} not healthy, {offline} of them offline",
            number(not_healthy),
            things(all, "sensor")
        ));
    }
    if silent > 0 {
        let verb = if silent == 1 { "reports" } else { "report" };
        html.text(&format!("; {} more {verb} no health", number(silent)));
    }
    html.text(&format!(" (as of {age}).")).markup("</p>\n");
}

fn all_of(all: u64) -> String {
    match all {
        1 => "The one sensor is".to_owned(),
        all => format!("All {} sensors are", number(all)),
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "A short list, and one more."
)]
fn organizations(facts: &Facts, html: &mut Html) {
    html.markup("<section>\n<h2>Organizations</h2>\n");
    let mut shown: Vec<&OrganizationFacts> = facts.organizations.iter().collect();
    // Stable: else they stay as configured.
    shown.sort_by_key(|it| it.failing() == 0);
    for organization in shown.iter().take(MOST_ORGANIZATIONS) {
        html.markup("<h3>")
            .name(&organization.name)
            .markup("</h3>\n<p>");
        health(&organization.health, html);
        html.markup("</p>\n");
        tables::collectors(organization, html);
    }
    if let Some(more) = shown.len().checked_sub(MOST_ORGANIZATIONS + 1) {
        let more = things(more as u64 + 1, "more organization");
        html.markup("<p>And ").text(&more).markup(".</p>\n");
    }
    html.markup("</section>\n");
}

fn health(health: &Health, html: &mut Html) {
    match health {
        Health::Known(age, facts) => {
            html.text(&things(facts.sensors(), "sensor"));
            let mut before = ": ";
            for (name, count) in &facts.by_health {
                html.text(before);
                if *count > 0 && name != Status::Healthy.name(&[]) {
                    html.markup("<span class=\"bad\">");
                } else {
                    html.markup("<span>");
                }
                html.text(&number(*count))
                    .markup(" ")
                    .text(name)
                    .markup("</span>");
                before = ", ";
            }
            if facts.unreported > 0 {
                let unreported = number(facts.unreported);
                html.text(&format!(", {unreported} without a health"));
            }
            html.markup(" <span class=\"quiet\">(")
                .text(&ago(*age))
                .markup(")</span>");
        }
        Health::Off => {
            html.text("The health of sensors is not collected: sensor_health is turned off.");
        }
        Health::Unknown => {
            html.text("The health of sensors is not known.");
        }
        Health::Lost => {
            html.text("The sensors could not be counted; this is a defect, please report it.");
        }
    }
}
