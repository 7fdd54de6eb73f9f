//! The states of the collectors and the budgets: few samples, which may differ at every scrape.

use crate::config::{Collector, CollectorSet, CollectorSettings};
use crate::density::BudgetStatus;
use crate::exposition::{Labels, LinePrefix, Samples, TextBuffer, write_header};
use crate::snapshot::{CollectorState, CollectorStates};

use super::super::catalogue::{self, Family};

/// The collector states of the selected organizations.
#[derive(Clone, Copy, Debug)]
pub struct CollectorsView<'a> {
    /// Names and states.
    pub organizations: &'a [(&'a str, &'a CollectorStates)],
    /// The selected collectors, all of them enabled.
    pub collectors: CollectorSet,
    /// The TTLs.
    pub settings: &'a CollectorSettings,
}

/// Writes `density_up` and the `density_collector_*` families.
pub fn write_collectors(view: &CollectorsView<'_>, out: &mut TextBuffer) {
    if view.organizations.is_empty() {
        return;
    }
    family(&catalogue::UP, out, |samples| {
        for (organization, states) in view.organizations {
            let labels = Labels::new().with("organization", organization);
            let succeeded = |it: Collector| states.of(it).last_refresh.is_some_and(|it| it.success);
            let up = view.collectors.iter().all(succeeded);
            samples.write(labels.escaped(), f64::from(up));
        }
    });
    let settings = view.settings;
    let columns: [(&Family, &Column<'_>); 6] = [
        (&catalogue::COLLECTOR_SUCCESS, &|state, _| {
            Some(f64::from(state.last_refresh.is_some_and(|it| it.success)))
        }),
        (&catalogue::COLLECTOR_DURATION, &|state, _| {
            state.last_refresh.map(|it| it.duration.as_secs_f64())
        }),
        (&catalogue::COLLECTOR_LAST_SUCCESS, &|state, _| {
            state.last_success
        }),
        (&catalogue::COLLECTOR_TTL, &|_, collector| {
            settings.ttl(collector).map(|it| it.as_secs_f64())
        }),
        (&catalogue::COLLECTOR_STALE, &|state, _| {
            Some(f64::from(state.stale))
        }),
        (&catalogue::COLLECTOR_ENTRIES, &|state, _| {
            state.entries.map(|it| it as f64)
        }),
    ];
    for (of, value) in columns {
        family(of, out, |samples| {
            for (organization, states) in view.organizations {
                for collector in view.collectors.iter() {
                    let Some(value) = value(states.of(collector), collector) else {
                        continue;
                    };
                    let labels = Labels::new()
                        .with("collector", collector.name())
                        .with("organization", organization);
                    samples.write(labels.escaped(), value);
                }
            }
        });
    }
}

/// The value of one collector in one family; none for no sample.
type Column<'a> = dyn Fn(&CollectorState, Collector) -> Option<f64> + 'a;

/// Writes the `density_api_budget_*` families.
pub fn write_budgets(budgets: &[BudgetStatus], out: &mut TextBuffer) {
    let mut column = |of: &Family, value: fn(&BudgetStatus) -> f64| {
        family(of, out, |samples| {
            for budget in budgets {
                let labels = Labels::new().with("host", &budget.host);
                samples.write(labels.escaped(), value(budget));
            }
        });
    };
    column(&catalogue::API_BUDGET_RATE, |it| it.requests_per_second);
    column(&catalogue::API_BUDGET_WAIT, |it| it.waited.as_secs_f64());
}

/// Writes a family, and nothing at all when it has no samples.
fn family(of: &Family, out: &mut TextBuffer, write: impl FnOnce(&mut Samples<'_>)) {
    let start = out.len();
    write_header(out, of.name, of.kind, of.help);
    let empty = out.len();
    write(&mut Samples::new(out, &LinePrefix::new(of.name)));
    if out.len() == empty {
        out.truncate(start);
    }
}
