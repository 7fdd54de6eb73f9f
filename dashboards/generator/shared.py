"""Panels that more than one dashboard has."""

from . import health, links, panels
from .promql import (
    IDLE,
    SENSOR,
    SENSOR_HEALTH,
    SPACE,
    STATUS,
    largest,
    offline_or_not,
    select,
    sensor_state,
    sensors_here,
    sensors_in_use,
    sensors_not_in_use,
    sensors_reporting,
    sensors_with,
    stale_sensors,
    unique,
    with_labels,
    without_health,
    worst_sensors,
    wrap,
)

# Weighs a state against the seconds since when it holds: more than any age.
STATE_STEP = "1e10"
# Instead of a count of alerts.
NO_RULES = -1
# Beside 0 for fresh and 1 for stale data: there was none, or it grew too old and ended.
ENDED = 2


def counts_of_sensors(labels, *matchers):
    """How many sensors of each group are offline, degraded, healthy, not known, not in use; and all.

    Not known is unknown, stale or without data. The share of those that are offline is of the others.
    """
    in_use = sensors_in_use(*matchers)

    def count(sensors):
        return f"count by ({labels}) ({sensors})"

    counts = {
        name: count(f"{in_use}\nand on ({SENSOR}) ({sensors_with(name)})")
        for name in ("offline", "degraded", "healthy")
    }
    counts["not known"] = count(f"{in_use}\nunless on ({SENSOR}) ({offline_or_not()})")
    counts["not in use"] = count(sensors_not_in_use(*matchers))
    counts["all"] = count(unique(SENSOR, select("density_sensor_info", *matchers)))
    counts["share offline"] = (
        f"avg by ({labels}) ({in_use}\n* on ({SENSOR}) group_left () {wrap(offline_or_not())})"
    )
    return counts


def _at_place(sensors, narrowed):
    return sensors_here(sensors) if narrowed else sensors


def sensors_by_health(*, narrowed):
    """How many sensors are in each state now."""
    states = {name: sensors_with(name) for name in STATUS}
    states["stale"] = stale_sensors()
    states["no data"] = f"{without_health()}\nunless on ({SENSOR}) {IDLE}"
    states["not in use"] = f"max by ({SENSOR}) ({IDLE})"
    return panels.stat(
        "Sensors by health",
        "How many sensors are in each state now. Only states that occur are shown. "
        f"{health.COLOUR_WORDS} A sensor is not in use while its place is planned or retired.",
        {name: f"count{wrap(_at_place(it, narrowed))}" for name, it in states.items()},
        overrides=health.series_overrides(),
    )


def share_offline(*, narrowed):
    """Of the sensors whose health is known, how many in a hundred are offline."""
    share = f"avg{wrap(_at_place(offline_or_not(), narrowed))}"
    nothing = f"{health.NOT_KNOWN} + 0 * max({select('density_sensor_info')})"
    return panels.stat(
        "Sensors offline",
        "The share of sensors that are offline, of those in use whose health is known. It is unknown "
        "when no sensor's health is, or when none is in use.",
        {"offline": f"{share}\nor {nothing}"},
        mappings=health.value_mappings(health.UNKNOWN_TEXT),
        unit="percentunit",
        decimals=1,
        thresholds=health.share_thresholds(),
    )


def health_over_time(*, narrowed):
    """How many sensors were not healthy, stacked; to read the others would be dear."""
    fresh = f"0 * max({select('density_collector_stale', SENSOR_HEALTH)} == 0)"

    def count(sensors):
        return f"count{wrap(_at_place(sensors, narrowed))}"

    queries = {
        name: f"{count(sensors_reporting(name))}\nor {fresh}"
        for name in ("offline", "degraded", "unknown")
    }
    queries["stale"] = count(stale_sensors())
    queries["not in use"] = count(f"max by ({SENSOR}) ({IDLE})")
    return panels.chart(
        "Sensors that are not healthy",
        "How many sensors were in each state but healthy. Stale means that the exporter still showed "
        "the last known health because Density's API did not answer. While replicas of the exporter "
        "disagree, for a moment, a sensor may count in two states.",
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


def list_sensors(title, description, count, *matchers, among=None):
    """A table of sensors, the worst first: of the place, or those that `matchers` or `among` select."""
    if among is not None:
        states = f"{wrap(sensor_state(healthy_among=among))}\nand on ({SENSOR}) {wrap(among)}"
    elif matchers:
        states = sensor_state(*matchers)
    else:
        states = worst_sensors(count)
    listed = select("density_sensor_info", *matchers)
    changed = select("density_sensor_last_status_change_timestamp_seconds", *matchers)
    since = (
        f"max by ({SENSOR}) ({changed})\n"
        f"or on ({SENSOR}) time() * (max by ({SENSOR}) ({listed}) unless on ({SENSOR}) {changed})"
    )
    # The state and the seconds in one number, so that both are ranked, and read, at once.
    rank = f"{STATE_STEP} * {wrap(states)}\n- on ({SENSOR}) {wrap(since)}\n+ time()"
    chosen = f"topk({count}, {wrap(rank)})"
    facts = "building, floor, hardware_type, firmware_version, building_id, floor_id"
    of_these = f"and on ({SENSOR}) {chosen}"
    info = unique(SENSOR, f"{listed}\n{of_these}")
    hanging = select("density_sensor_space_info", *matchers)
    hangs = with_labels(
        SPACE,
        f"max by ({SENSOR}, space_id) {wrap(f'{hanging} {of_these}')}",
        "space",
        select("density_space_info"),
    )

    queries = {
        "state": f"floor({chosen} / {STATE_STEP})",
        "since": f"{chosen} % {STATE_STEP}",
        "facts": f"max by ({SENSOR}, {facts}) ({info})",
        "space": f"max by ({SENSOR}, space) ({unique(SENSOR, hangs)})",
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
