//! What `check-config` prints for a good configuration: the configuration itself, and its cost.
//!
//! The whole text is YAML that can be loaded: the cost stands in comments. It holds no secret.

use std::fmt::Write;

use super::{Config, HostLoad, redacted, worst_case};

/// The effective configuration without secrets, and the worst-case calls per second of each API
/// host against its budget.
pub fn report(config: &Config) -> String {
    let mut out = redacted(config);
    out.push_str(
        "\n# Worst case, in calls per second: every collector refreshed as often as its ttl allows,\n\
         # first attempts only.\n#\n",
    );
    let loads = worst_case(config);
    let width = loads
        .iter()
        .map(|it| it.host.len())
        .chain(["API host".len()])
        .max()
        .unwrap_or_default();
    // Writing to a string can't fail.
    let _ = writeln!(
        out,
        "#   {:width$}  {:>8}  {:>8}",
        "API host", "calls/s", "budget"
    );
    for load in &loads {
        let _ = writeln!(
            out,
            "#   {:width$}  {:>8.3}  {:>8}",
            load.host, load.calls_per_second, load.budget
        );
        write_details(&mut out, load);
    }
    out
}

/// How many of the largest contributions are printed for each host.
const PRINTED: usize = 10;

fn write_details(out: &mut String, load: &HostLoad) {
    for it in load.contributions.iter().take(PRINTED) {
        let _ = writeln!(
            out,
            "#     {:.3}  {} of {}",
            it.calls_per_second,
            it.collector,
            // A line break in a name would end the comment.
            it.organization.escape_debug()
        );
    }
    if let Some(rest) = load
        .contributions
        .get(PRINTED..)
        .filter(|it| !it.is_empty())
    {
        let sum: f64 = rest.iter().map(|it| it.calls_per_second).sum();
        let _ = writeln!(out, "#     {sum:.3}  {} more", rest.len());
    }
    if let Some(most) = load.most_spaces {
        let _ = writeln!(
            out,
            "#   With one batch a refresh. More than {most} spaces in each organization would cost \
             more than the budget, or not fit into one refresh."
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{from_text, redacted, report};

    #[test]
    fn the_cost_is_shown_beside_the_budget() {
        let config = from_text(
            "density.yml",
            "organizations:
  - { name: acme, auth: { token_env: TOKEN } }
  - { name: \"glo\\nbex\", api_url: https://density.example:8443, auth: { token_env: TOKEN } }
  - { name: umbrella, auth: { token_env: TOKEN } }
collectors: { sensors: { enabled: false } }
request: { batch_size: 100 }",
            &[("TOKEN", "secret")],
        )
        .unwrap();
        let text = report(&config);
        let (yaml, cost) = text.split_once("\n\n").unwrap();
        assert_eq!(format!("{yaml}\n"), redacted(&config));
        assert_eq!(cost, "# Worst case, in calls per second: every collector refreshed as often as its ttl allows,
# first attempts only.
#
#   API host               calls/s    budget
#   api.density.io           0.469        10
#     0.100  current_count of acme
#     0.100  presence of acme
#     0.100  current_count of umbrella
#     0.100  presence of umbrella
#     0.033  sensor_health of acme
#     0.033  sensor_health of umbrella
#     0.001  spaces of acme
#     0.001  spaces of umbrella
#   With one batch a refresh. More than 2100 spaces in each organization would cost more than the budget, or not fit into one refresh.
#   density.example:8443     0.234        10
#     0.100  current_count of glo\\nbex
#     0.100  presence of glo\\nbex
#     0.033  sensor_health of glo\\nbex
#     0.001  spaces of glo\\nbex
#   With one batch a refresh. More than 4200 spaces in each organization would cost more than the budget, or not fit into one refresh.
");
        assert!(from_text("density.yml", &text, &[("TOKEN", "secret")]).is_ok());
    }
}
