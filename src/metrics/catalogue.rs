//! Every metric family: name, type, labels, help and where its values come from.

use std::fmt::Write as _;

use serde::Serialize;

use crate::exposition::MetricKind;

/// A metric family, defined once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// The metric's name.
    pub name: &'static str,
    /// Its type.
    pub kind: MetricKind,
    /// Its labels, in the order in which people read them.
    pub labels: &'static [&'static str],
    /// The text of its `# HELP` line.
    pub help: &'static str,
    /// Where its values come from.
    pub source: &'static str,
}

const SPACES: &str = "spaces: GET /v3/spaces";
const SENSORS: &str = "sensors: POST /v3/sensors";
const CURRENT_COUNT: &str = "current_count: POST /v3/analytics/occupancy/current";
const PRESENCE: &str = "presence: POST /v3/analytics/presence-health";
const SENSOR_HEALTH: &str = "sensor_health: POST /v3/sensors/health/current";
const SPACE_HEALTH_SOURCE: &str = "presence and current_count";
const REFRESH: &str = "the exporter's refreshes";
const REQUESTS: &str = "the exporter's requests";
const EXPORTER: &str = "the exporter";
const PROCESS: &str = "/proc/self";

const SPACE_LOCATION: &[&str] = &["organization", "building", "floor", "space", "space_id"];
const SENSOR_LOCATION: &[&str] = &["organization", "building", "floor", "serial_number"];
const COLLECTOR: &[&str] = &["organization", "collector"];

macro_rules! families {
    ($($(#[doc = $doc:literal])+ $id:ident: $kind:ident $name:literal, $labels:expr, $source:expr, $help:literal;)+) => {
        $($(#[doc = $doc])+ pub const $id: Family = Family {
            name: $name,
            kind: MetricKind::$kind,
            labels: $labels,
            help: $help,
            source: $source,
        };)+

        /// Every family, in the order of the page.
        pub const ALL: &[Family] = &[$($id),+];
    };
}

families! {
    /// A space and where it is.
    SPACE_INFO: Gauge "density_space_info",
        &["organization", "space_id", "space", "campus", "building", "floor", "campus_id",
          "building_id", "floor_id", "space_type", "function", "counting_mode", "time_zone",
          "lifecycle"],
        SPACES,
        "A space and where it is, as GET /v3/spaces last listed it (cached); always 1. lifecycle is live unless the space, its floor or its building is said to be in another.";
    /// A label of a space.
    SPACE_LABEL_INFO: Gauge "density_space_label_info",
        &["organization", "space_id", "group", "label"],
        SPACES,
        "A label that people gave to a space in Density, with its group, from GET /v3/spaces (cached); always 1.";
    /// A space's capacity.
    SPACE_CAPACITY: Gauge "density_space_capacity", SPACE_LOCATION, SPACES,
        "People that the space is meant for, from GET /v3/spaces (cached); absent where no capacity is set.";
    /// People in a space.
    SPACE_OCCUPANCY: Gauge "density_space_occupancy", SPACE_LOCATION, CURRENT_COUNT,
        "People in the space now, from POST /v3/analytics/occupancy/current (cached); passed on whatever the space's health, so join density_space_health before you trust it.";
    /// Whether a count is a lower bound.
    SPACE_OCCUPANCY_CAPPED: Gauge "density_space_occupancy_capped", SPACE_LOCATION, CURRENT_COUNT,
        "1 when the count of people is a lower bound, 0 when it is exact, from POST /v3/analytics/occupancy/current (cached); absent where the API does not say.";
    /// Whether anyone is in a space.
    SPACE_PRESENCE: Gauge "density_space_presence", SPACE_LOCATION, PRESENCE,
        "1 when someone is in the space now, 0 when nobody is, from POST /v3/analytics/presence-health (cached); passed on whatever the space's health, so join density_space_health before you trust it.";
    /// A space's health.
    SPACE_HEALTH: Gauge "density_space_health",
        &["organization", "building", "floor", "space", "space_id", "collector", "status"],
        SPACE_HEALTH_SOURCE,
        "1 for the health status that the space has, 0 for the others, as the endpoint of that collector reports it (cached).";
    /// A sensor and where it is.
    SENSOR_INFO: Gauge "density_sensor_info",
        &["organization", "serial_number", "campus", "building", "floor", "campus_id",
          "building_id", "floor_id", "sensor_type", "hardware_type", "firmware_version",
          "lifecycle"],
        SENSORS,
        "A sensor and where it hangs, as POST /v3/sensors last listed it (cached); always 1. lifecycle is live when any of its closest listed places (spaces, else floors, else buildings) is.";
    /// A space that has a sensor.
    SENSOR_SPACE_INFO: Gauge "density_sensor_space_info",
        &["organization", "serial_number", "space_id"],
        SENSORS,
        "A space in which the sensor hangs, from POST /v3/sensors (cached); always 1. Not necessarily a space that it measures.";
    /// A sensor's health.
    SENSOR_HEALTH_STATUS: Gauge "density_sensor_health",
        &["organization", "building", "floor", "serial_number", "status"],
        SENSOR_HEALTH,
        "1 for the health status that the sensor has, 0 for the others, from POST /v3/sensors/health/current (cached). healthy: online and sending; degraded: online and not sending; unknown: no certificate.";
    /// Since when a sensor has its health.
    SENSOR_LAST_STATUS_CHANGE: Gauge "density_sensor_last_status_change_timestamp_seconds",
        SENSOR_LOCATION, SENSOR_HEALTH,
        "When the sensor's health last changed, in Unix seconds, from POST /v3/sensors/health/current (cached).";
    /// Whether everything is well.
    UP: Gauge "density_up", &["organization"], REFRESH,
        "1 when the last finished refresh of every collector that is shown succeeded, else 0.";
    /// Whether a collector's last refresh succeeded.
    COLLECTOR_SUCCESS: Gauge "density_collector_success", COLLECTOR, REFRESH,
        "1 when the collector's last finished refresh succeeded, else 0; 0 before the first.";
    /// How long a collector's last refresh took.
    COLLECTOR_DURATION: Gauge "density_collector_duration_seconds", COLLECTOR, REFRESH,
        "Seconds that the collector's last finished refresh took, waiting for the call budget and retries included; absent before the first.";
    /// When a collector last succeeded.
    COLLECTOR_LAST_SUCCESS: Gauge "density_collector_last_success_timestamp_seconds",
        COLLECTOR, REFRESH,
        "When the collector's last successful refresh finished, in Unix seconds; absent before the first.";
    /// A collector's TTL.
    COLLECTOR_TTL: Gauge "density_collector_ttl_seconds", COLLECTOR, "the configuration",
        "Seconds that the collector's data is served from the cache before a scrape refreshes it, as configured.";
    /// Whether a collector's data is stale.
    COLLECTOR_STALE: Gauge "density_collector_stale", COLLECTOR, REFRESH,
        "1 while data older than its TTL is served because a refresh failed or is late, else 0.";
    /// How many entries a collector has.
    COLLECTOR_ENTRIES: Gauge "density_collector_entries", COLLECTOR, REFRESH,
        "Entries that could be read of the endpoint's last good answer; absent before the first.";
    /// Dropped entries.
    API_REJECTED_ENTRIES: Counter "density_api_rejected_entries_total",
        &["organization", "endpoint", "reason"], REQUESTS,
        "Entries of Density's answers that could not be read and were dropped. reason is not_an_object, missing_id, missing_field, wrong_type, invalid_number, invalid_timestamp, duplicate or malformed.";
    /// Requests.
    API_REQUESTS: Counter "density_api_requests_total", &["organization", "endpoint", "code"],
        REQUESTS,
        "Requests sent to Density's API. code is the HTTP status when the answer was read whole, else timeout, connect, dns, tls, reset, too_large or decode.";
    /// How long requests took.
    API_REQUEST_DURATION: Histogram "density_api_request_duration_seconds",
        &["organization", "endpoint"], REQUESTS,
        "Seconds from sending a request to Density's API until its answer was read, or until it failed.";
    /// Retries.
    API_RETRIES: Counter "density_api_retries_total", &["organization", "endpoint"], REQUESTS,
        "Requests to Density's API that were sent again after a failure that may pass.";
    /// When the token ends.
    API_TOKEN_EXPIRY: Gauge "density_api_token_expiry_timestamp_seconds", &["organization"],
        REQUESTS,
        "When the OAuth token ends, in Unix seconds; absent before the first token and with a static token.";
    /// What the budget allows.
    API_BUDGET_RATE: Gauge "density_api_budget_requests_per_second", &["host"], REQUESTS,
        "Requests per second that the call budget of the API host allows now; it falls after a 429 and recovers slowly, and is 0 while calls pause.";
    /// What the budget costs.
    API_BUDGET_WAIT: Counter "density_api_budget_wait_seconds_total", &["host"], REQUESTS,
        "Seconds that requests waited for the call budget of the API host, all together.";
    /// The exporter's own requests.
    HTTP_REQUESTS: Counter "density_exporter_http_requests_total", &["handler", "code"], EXPORTER,
        "HTTP requests that the exporter answered. handler is the path, or other. A 503 was turned away because too many scrapes, or too many checks of passwords, were under way.";
    /// Which exporter this is.
    BUILD_INFO: Gauge "density_exporter_build_info", &["version", "revision", "rustversion"],
        EXPORTER,
        "The version, revision and compiler that the exporter was built with; always 1.";
    /// Whether the configuration could be read.
    CONFIG_RELOAD_SUCCESS: Gauge "density_exporter_config_last_reload_successful", &[], EXPORTER,
        "1 when the configuration could be read the last time that it was, else 0.";
    /// When the configuration was read.
    CONFIG_RELOAD_TIME: Gauge "density_exporter_config_last_reload_success_timestamp_seconds",
        &[], EXPORTER,
        "When the configuration was last read with success, in Unix seconds.";
    /// CPU time.
    PROCESS_CPU: Counter "process_cpu_seconds_total", &[], PROCESS,
        "Total user and system CPU time spent in seconds.";
    /// Open descriptors.
    PROCESS_OPEN_FDS: Gauge "process_open_fds", &[], PROCESS, "Number of open file descriptors.";
    /// The limit of open descriptors.
    PROCESS_MAX_FDS: Gauge "process_max_fds", &[], PROCESS,
        "Maximum number of open file descriptors.";
    /// Virtual memory.
    PROCESS_VIRTUAL_MEMORY: Gauge "process_virtual_memory_bytes", &[], PROCESS,
        "Virtual memory size in bytes.";
    /// The limit of virtual memory.
    PROCESS_VIRTUAL_MEMORY_MAX: Gauge "process_virtual_memory_max_bytes", &[], PROCESS,
        "Maximum amount of virtual memory available in bytes; -1 where there is no limit.";
    /// Resident memory.
    PROCESS_RESIDENT_MEMORY: Gauge "process_resident_memory_bytes", &[], PROCESS,
        "Resident memory size in bytes.";
    /// When the process started.
    PROCESS_START_TIME: Gauge "process_start_time_seconds", &[], PROCESS,
        "Start time of the process since unix epoch in seconds.";
}

/// The catalogue as a Markdown page.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Metrics\n\n\
         What `density-exporter metrics` prints. Values are gauges of what the Density API last said;\n\
         a label with an empty value is left out. `process_*`, `density_exporter_*` and \
         `density_api_budget_*` stand on the full page only.\n\
         All series of an organization that a reload removed end; the counters of the rest go on.\n\
         An `endpoint` is the name of a collector, or `token`.\n",
    );
    for family in ALL {
        let labels: Vec<String> = family.labels.iter().map(|it| format!("`{it}`")).collect();
        // Writing to a String does not fail.
        let _ = write!(
            page,
            "\n## `{}`\n\n{}\n\n- Type: {}\n- Labels: {}\n- Source: {}\n",
            family.name,
            family.help,
            family.kind.name(),
            if labels.is_empty() {
                "none".to_owned()
            } else {
                labels.join(", ")
            },
            family.source
        );
    }
    page
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    r#type: &'static str,
    labels: &'static [&'static str],
    source: &'static str,
    help: &'static str,
}

/// The catalogue as a JSON list.
pub fn json() -> String {
    let rows: Vec<Row> = ALL
        .iter()
        .map(|family| Row {
            name: family.name,
            r#type: family.kind.name(),
            labels: family.labels,
            source: family.source,
            help: family.help,
        })
        .collect();
    // Strings and lists of strings always serialize.
    serde_json::to_string_pretty(&rows).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_helps_are_as_the_format_wants_them() {
        for family in ALL {
            let name = family.name;
            let valid = |it: &str| it.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(
                valid(name) && family.labels.iter().all(|it| valid(it)),
                "{name}"
            );
            assert!(!family.help.contains(['\n', '\\']), "{name}");
            assert!(family.help.ends_with('.'), "{name}");
            assert_eq!(
                family.kind == MetricKind::Counter,
                name.ends_with("_total"),
                "{name}"
            );
        }
        let mut names: Vec<&str> = ALL.iter().map(|it| it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn the_help_of_dropped_entries_names_every_reason() {
        let help = API_REJECTED_ENTRIES.help;
        for reason in crate::density::RejectionReason::ALL {
            assert!(help.contains(reason.name()), "{}", reason.name());
        }
    }

    #[test]
    fn the_page_in_the_documentation_is_the_catalogue() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md"));
        assert!(
            page.unwrap() == markdown(),
            "docs/metrics.md is out of date: cargo run -- metrics > docs/metrics.md"
        );
    }

    #[test]
    fn json_lists_every_family() {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json()).unwrap();
        assert_eq!(rows.len(), ALL.len());
        assert_eq!(rows[0]["name"], "density_space_info");
    }
}
