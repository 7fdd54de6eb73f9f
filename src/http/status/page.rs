//! The page, as `templates/page.html` shows the facts.
//!
//! A template may ask for any fact and format it; sentences that depend on several facts are made here.
//! The library escapes all text; [`format::text`] bounds it.

use std::time::Duration;

use askama::Template;

use crate::density::BudgetStatus;
use crate::snapshot::Status;

use super::facts::{Data, Facts, Health, MAX_ORGANIZATIONS, OrganizationFacts, State};
use super::format;
use super::sensors::SensorSummary;
use super::style::STYLE;

/// The whole page.
#[derive(Template)]
#[template(path = "page.html", config = "src/http/status/askama.toml")]
pub(super) struct Page<'f> {
    facts: &'f Facts,
    verdict: Verdict,
}

/// How things are in one sentence.
struct Verdict {
    text: String,
    class: &'static str,
}

impl Verdict {
    fn of(facts: &Facts) -> Self {
        let all = facts.collectors().count();
        let failing: usize = facts.organizations.iter().map(|it| it.failing()).sum();
        let has = |state: State| facts.collectors().any(|it| it.state == state);
        let is_empty = facts.collectors().all(|it| it.data == Data::None);
        let (text, class) = if failing > 0 {
            let failing = format::number(failing as u64);
            let all = format::things(all as u64, "collector");
            let verb = if failing == "1" { "is" } else { "are" };
            return Self {
                text: format!("{failing} of {all} {verb} failing."),
                class: "bad",
            };
        } else if is_empty {
            let text = "Nothing is known yet: the API is asked when Prometheus scrapes.";
            (text, "wait")
        } else if has(State::NotScraped) {
            let text = "Data has ended: no scrape has asked for it for a while.";
            (text, "wait")
        } else if has(State::NotRequested) {
            let text = "Nothing fails; some collectors were not asked yet.";
            (text, "wait")
        } else {
            ("No collector is failing.", "good")
        };
        Self {
            text: text.to_owned(),
            class,
        }
    }
}

impl<'f> Page<'f> {
    pub(super) fn new(facts: &'f Facts) -> Self {
        let verdict = Verdict::of(facts);
        Self { facts, verdict }
    }

    /// All sensors in one sentence; none where there are no sensors.
    fn sensors_sentence(&self) -> Option<String> {
        let (all, healthy) = (
            self.sum(SensorSummary::sensors),
            self.sum(SensorSummary::healthy),
        );
        let unreported = self.sum(SensorSummary::unreported);
        let not_healthy = all.saturating_sub(healthy).saturating_sub(unreported);
        let is = |count| if count == 1 { "is" } else { "are" };
        let mut sentence = match all {
            0 => return None,
            1 if healthy == all => "The one sensor is healthy".to_owned(),
            _ if healthy == all => format!("All {} sensors are healthy", format::number(all)),
            _ if not_healthy == 0 => {
                let sensors = format::things(healthy, "sensor");
                format!("{sensors} {} healthy", is(healthy))
            }
            _ => format!(
                "{} of {} {} not healthy, {} of them offline",
                format::number(not_healthy),
                format::things(all, "sensor"),
                is(not_healthy),
                format::number(self.sum(SensorSummary::offline))
            ),
        };
        if unreported > 0 {
            let verb = if unreported == 1 { "reports" } else { "report" };
            let more = format!("; {} more {verb} no health", format::number(unreported));
            sentence.push_str(&more);
        }
        Some(format!("{sentence} (as of {}).", self.health_age()))
    }

    fn has_several_organizations(&self) -> bool {
        self.facts.organizations.len() > 1
    }

    /// Those that are shown: where something fails first, else as configured.
    fn organizations(&self) -> Vec<&OrganizationFacts> {
        let mut shown: Vec<&OrganizationFacts> = self.facts.organizations.iter().collect();
        shown.sort_by_key(|it| it.failing() == 0);
        shown.truncate(MAX_ORGANIZATIONS);
        shown
    }

    fn more_organizations(&self) -> Option<String> {
        let all = self.facts.organizations.len();
        let more = all.saturating_sub(MAX_ORGANIZATIONS) as u64;
        (more > 0).then(|| format::things(more, "more organization"))
    }

    fn budgets(&self) -> impl Iterator<Item = &BudgetStatus> {
        self.facts.budgets.iter().take(MAX_ORGANIZATIONS)
    }

    fn is_healthy(status: &str) -> bool {
        status == Status::Healthy.name(&[])
    }

    fn sum(&self, of: fn(&SensorSummary) -> u64) -> u64 {
        self.facts.counted().map(|(.., it)| of(it)).sum()
    }

    /// The columns of a table of places, `others` behind those of the place.
    fn place_columns(&self, others: &[&'static str]) -> Vec<&'static str> {
        let organization = self.has_several_organizations().then_some("Organization");
        let place = organization.into_iter().chain(["Building", "Floor"]);
        place.chain(others.iter().copied()).collect()
    }

    /// How many are shown of how many: `2 floors`, `10 of 83 floors`.
    fn shown_of(shown: usize, all: u64, thing: &str) -> String {
        match shown as u64 {
            shown if shown < all => {
                format!(
                    "{} of {}",
                    format::number(shown),
                    format::things(all, thing)
                )
            }
            _ => format::things(all, thing),
        }
    }

    /// How old the healths are that are shown.
    fn health_age(&self) -> String {
        let ages = || self.facts.counted().map(|(_, age, _)| age);
        let youngest = format::ago(ages().min().unwrap_or_default());
        let oldest = format::ago(ages().max().unwrap_or_default());
        match youngest == oldest {
            true => oldest,
            false => format!("up to {oldest}"),
        }
    }

    /// How long ago `since` was. What changes at Density shortly after our clock is not in the future.
    fn since(&self, since: &f64) -> Option<Duration> {
        Duration::try_from_secs_f64((self.facts.at - since).max(0.0)).ok()
    }

    /// Says that there is none; or that nothing is known of it.
    fn none(&self, none: &str) -> String {
        if self.facts.counted().next().is_none() {
            return "Not known: no health of sensors may be shown.".to_owned();
        }
        format!("{none} (as of {}){}.", self.health_age(), self.uncounted())
    }

    /// Says how many organizations are not counted.
    fn uncounted(&self) -> String {
        let all = self.facts.organizations.len();
        match all.saturating_sub(self.facts.counted().count()) {
            0 => String::new(),
            missing => {
                let missing = format::things(missing as u64, "organization");
                format!("; without {missing} whose sensors are not known")
            }
        }
    }
}
