//! The tables of collectors and of calls.

use super::facts::{CollectorFacts, Data, Facts, OrganizationFacts, Standing};
use super::html::Html;
use super::words::{ago, duration, number, rate, things};

pub(super) fn collectors(organization: &OrganizationFacts, html: &mut Html) {
    let columns = ["Collector", "State", "Data from", "Entries"];
    html.markup("<div class=\"collectors\">\n");
    html.table(
        &columns,
        |html| {
            html.markup("Collectors of ").name(&organization.name);
        },
        |html| {
            for it in &organization.collectors {
                html.row(|html| collector(it, html));
            }
        },
    );
    html.markup("</div>\n");
}

fn collector(it: &CollectorFacts, html: &mut Html) {
    html.header_cell(|html| {
        html.text(it.name);
    });
    html.cell("State", |html| match &it.standing {
        Standing::Failing(since, error) => {
            html.markup("<span class=\"bad\">failing for ")
                .text(&duration(*since))
                .markup("</span>: ")
                .text(error);
        }
        Standing::Fresh => {
            html.markup("<span class=\"good\">fresh</span>");
        }
        Standing::Due => {
            html.text("due at the next scrape");
        }
        Standing::UnderWay => {
            html.text("being refreshed");
        }
        Standing::Unasked => {
            html.markup("<span class=\"wait\">not asked yet</span>");
        }
        Standing::Abandoned => {
            html.markup("<span class=\"wait\">no scrape has asked for a while</span>");
        }
    });
    html.short_cell("Data from", |html| match it.data {
        Data::None => {
            html.text("none yet");
        }
        Data::Shown(age) => {
            html.text(&ago(age));
        }
        Data::Ended(age) => {
            html.markup("<span class=\"wait\">")
                .text(&format!("{}: too old to be shown", ago(age)))
                .markup("</span>");
        }
    });
    html.cell("Entries", |html| match it.entries {
        Some(entries) => {
            html.text(&number(entries as u64));
        }
        None => {
            html.text("none shown");
        }
    });
}

pub(super) fn budgets(facts: &Facts, html: &mut Html) {
    html.markup("<section>\n<h2>Calls to the API</h2>\n");
    let columns = ["API host", "Last minute", "Budget", "Now"];
    html.table(
        &columns,
        |html| {
            html.text("Calls in the last 60 s, with tokens and retries, against the budget");
        },
        |html| {
            let most = super::facts::MOST_ORGANIZATIONS;
            for budget in facts.budgets.iter().take(most) {
                html.row(|html| {
                    html.header_cell(|html| {
                        html.text(&budget.host);
                    });
                    html.short_cell("Last minute", |html| {
                        html.text(&things(budget.calls_last_minute, "call"));
                    });
                    html.short_cell("Budget", |html| {
                        let minute = rate(budget.configured * 60.0);
                        html.text(&format!("{minute} a minute"));
                    });
                    html.short_cell("Now", |html| now(budget, html));
                });
            }
        },
    );
    html.markup("</section>\n");
}

fn now(budget: &crate::density::BudgetStatus, html: &mut Html) {
    if let Some(pause) = budget.pause {
        html.markup("<span class=\"bad\">paused</span> after a 429, for ")
            .text(&duration(pause))
            .markup(" more");
    } else if budget.requests_per_second < budget.configured {
        let slower = rate(budget.requests_per_second);
        html.markup("<span class=\"wait\">slower</span> after a 429: ")
            .text(&slower)
            .markup(" a second");
    } else {
        let full = rate(budget.configured);
        html.text(&format!("{full} a second"));
    }
}
