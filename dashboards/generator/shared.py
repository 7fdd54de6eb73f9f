"""Panels that more than one dashboard has."""

from . import health, panels
from .promql import (
    SENSOR, largest, select, sensors_here, sensors_with, sensor_state, stale_sensors, wrap,
)

NO_RULES = -1


def _at_place(expression, narrowed):
    return sensors_here(expression) if narrowed else expression


def known(states):
    """Of states, those that tell whether a sensor works."""
    return f"{wrap(states)} >= {health.DEGRADED} or {wrap(states)} == {health.HEALTHY}"


def share(part, whole):
    """One count as a share of another, 0 where there is no part; not a number's chance of a zero."""
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
    states = known(_at_place(sensor_state(), narrowed))
    offline = f"count({wrap(states)} == {health.OFFLINE})"
    return panels.stat(
        "Sensors offline",
        "The share of sensors that are offline, of those in use whose health is known. It is unknown "
        "when no sensor's health is.",
        {"offline": share(offline, f"count({states})")},
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
    queries["healthy"] = f"sum{wrap(_at_place(sensors_with('healthy'), narrowed))}"
    return panels.chart(
        "Sensors by health over time",
        "How many sensors in use were in each state. Stale means that the exporter still showed the "
        "last known health because Density's API did not answer. While replicas of the exporter "
        "disagree, for a moment, a sensor counts in two states.",
        queries,
        overrides=health.series_overrides(),
        stacked=True,
    )


def data_age():
    """How old the data is, beside how old it may be."""
    success = largest(
        "organization, collector", select("density_collector_last_success_timestamp_seconds")
    )
    allowed = largest("organization, collector", select("density_collector_ttl_seconds"))
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
