"""Panels that more than one dashboard has."""

from . import health, links, panels
from .promql import (
    SENSOR,
    SPACE,
    largest,
    select,
    sensor_state,
    sensors_here,
    sensors_not_in_use,
    sensors_with,
    stale_sensors,
    unique,
    with_labels,
    wrap,
)

# Instead of a count of alerts.
NO_RULES = -1
# Beside 0 for fresh and 1 for stale data: there was none, or it grew too old and ended.
ENDED = 2


def _at_place(expression, narrowed):
    return sensors_here(expression) if narrowed else expression


def known(states):
    """Of states, those that tell whether a sensor works."""
    return f"{wrap(states)} >= {health.DEGRADED} or {wrap(states)} == {health.HEALTHY}"


def share(part, whole):
    """One count as a share of another, 0 where there is no part."""
    return f"({part} or 0 * {whole})\n/ {whole}"


def sensors_by_health(*, narrowed):
    """How many sensors are in each state now."""
    states = _at_place(sensor_state(), narrowed)
    return panels.stat(
        "Sensors by health",
        "How many sensors are in each state now. Only states that occur are shown. "
        f"{health.COLOUR_WORDS} A sensor is not in use while its place is planned or retired.",
        {"{{state}}": f'count_values("state", {wrap(states)})'},
        overrides=health.state_overrides(),
    )


def share_offline(*, narrowed):
    """Of the sensors whose health is known, how many in a hundred are offline."""
    states = _at_place(sensor_state(), narrowed)
    with_health = known(states)
    offline = f"count({wrap(states)} == {health.OFFLINE})"
    nothing = f"{health.NOT_KNOWN} + 0 * max({states})"
    return panels.stat(
        "Sensors offline",
        "The share of sensors that are offline, of those in use whose health is known. It is unknown "
        "when no sensor's health is, or when none is in use.",
        {"offline": f"{share(offline, f'count({with_health})')}\nor {nothing}"},
        mappings=health.value_mappings(health.UNKNOWN_TEXT),
        unit="percentunit",
        decimals=1,
        thresholds=health.share_thresholds(),
    )


def health_over_time(*, narrowed):
    """How many sensors were in each state, stacked."""
    queries = {
        name: f"sum{wrap(_at_place(sensors_with(name), narrowed))}"
        for name in ("offline", "degraded", "unknown")
    }
    queries["stale"] = f"sum{wrap(_at_place(stale_sensors(), narrowed))}"
    idle = f"max by ({SENSOR}) {sensors_not_in_use()}"
    queries["not in use"] = f"count{wrap(_at_place(idle, narrowed))}"
    queries["healthy"] = f"sum{wrap(_at_place(sensors_with('healthy'), narrowed))}"
    return panels.chart(
        "Sensors by health over time",
        "How many sensors were in each state. Stale means that the exporter still showed the "
        "last known health because Density's API did not answer. While replicas of the exporter "
        "disagree, for a moment, a sensor counts in two states.",
        queries,
        overrides=health.series_overrides(),
        stacked=True,
    )


def data_age(*matchers):
    """How old the data is, beside how old it may be."""
    success = largest(
        "organization, collector",
        select("density_collector_last_success_timestamp_seconds", *matchers),
    )
    allowed = largest("organization, collector", select("density_collector_ttl_seconds", *matchers))
    return panels.chart(
        "Age of the data",
        "How old the newest data of each kind is, as a multiple of the age at which it is fetched "
        "anew. Up to 1, plus the time between two scrapes, is normal; more means that Density's API "
        "does not answer or that nothing scrapes.",
        {"{{organization}} {{collector}}": f"(time() - {success})\n/ {allowed}"},
        unit="none",
        thresholds=health.thresholds((None, "transparent"), (3, health.GREY)),
    )


def firing_alerts():
    """How many alerts fire, by severity; and whether there are rules at all."""

    def count(severity):
        firing = (
            'ALERTS{alertname=~"Density.*", alertname!="DensityWatchdog", alertstate="firing", '
            f'severity="{severity}", organization=~"($organization)?"}}'
        )
        loaded = 'ALERTS{alertname="DensityWatchdog", alertstate="firing"}'
        return f"count({firing})\nor 0 * count({loaded})\nor vector({NO_RULES})"

    return panels.stat(
        "Firing alerts",
        "Alerts of the Density rules that fire now, by severity. The rules have an alert that always "
        "fires; where it does not, no rules are loaded and nothing would warn you.",
        {severity: count(severity) for severity in ("critical", "warning", "info")},
        mappings=health.value_mappings({NO_RULES: ("no rules", health.GREY)}),
        thresholds=health.thresholds((None, health.NEUTRAL), (1, health.DEGRADED_COLOUR)),
        overrides=[],
    )


def data_is_fresh():
    """Whether each kind of data is fresh."""
    stale = select("density_collector_stale")
    success = select("density_collector_success")
    by_replica = (
        f"({stale} == 0 and on (job, instance, organization, collector) {success} == 1)\n"
        f"or {stale} == 1\n"
        f"or {ENDED} + 0 * {stale}"
    )
    best = f"min by (organization, collector) {wrap(by_replica)}"
    return panels.stat(
        "Data",
        "Whether each kind of data is fresh, with the replica of the exporter that does best. Stale "
        "data is shown for some minutes while Density's API does not answer; then it ends.",
        {"{{collector}}": f"max by (collector) {wrap(best)}"},
        mappings=health.value_mappings(
            {
                0: ("fresh", health.HEALTHY_COLOUR),
                1: ("stale", health.GREY),
                ENDED: ("no data", health.GREY),
            }
        ),
        thresholds=health.grey_thresholds(),
    )


def worst_sensors(title, description, count, *matchers, among=None):
    """A table of sensors, the worst first: of the chosen place, or `among` some others."""
    states = sensor_state(*matchers)
    if among is None:
        states = sensors_here(states)
    else:
        states = f"{wrap(states)}\nand on ({SENSOR}) {wrap(among)}"
    changed = largest(SENSOR, select("density_sensor_last_status_change_timestamp_seconds", *matchers))
    age = f"time() - {changed}"
    # A state outweighs any age in seconds.
    rank = f"1e10 * {wrap(states)} + on ({SENSOR}) ({age})\nor on ({SENSOR}) 1e10 * {wrap(states)}"
    chosen = f"topk({count}, {wrap(rank)})"
    info = unique(SENSOR, select("density_sensor_info", *matchers))
    facts = "building, floor, hardware_type, firmware_version, building_id, floor_id"
    hangs = with_labels(
        SPACE,
        f"max by ({SENSOR}, space_id) ({select('density_sensor_space_info', *matchers)})",
        "space",
        select("density_space_info"),
    )

    def of_these(expression):
        return f"{wrap(expression)}\nand on ({SENSOR}) {chosen}"

    queries = {
        "state": of_these(states),
        "since": of_these(age),
        "facts": f"max by ({SENSOR}, {facts}) {wrap(of_these(info))}",
        "space": f"max by ({SENSOR}, space) {wrap(of_these(unique(SENSOR, hangs)))}",
    }
    columns = [
        panels.state_column("Value #A", "Health"),
        panels.column("Value #B", "For", unit="s"),
        panels.column("serial_number", "Sensor", links=[links.to_sensor()]),
        panels.column("building", "Building", links=[links.to_building()]),
        panels.column("floor", "Floor", links=[links.to_floor()]),
        panels.column("space", "Space"),
        panels.column("hardware_type", "Hardware"),
        panels.column("firmware_version", "Firmware"),
        panels.column("organization", "Organization"),
        *panels.hidden_columns("Value #C", "Value #D", "building_id", "floor_id"),
    ]
    return panels.table(title, description, queries, columns, sort=[("Health", True), ("For", True)])
