"""The sensors: for whoever mounts, mends and updates them."""

from . import health, links, panels, shared, variables
from .dashboard import dashboard
from .promql import (
    PLACE,
    SENSOR,
    STATUS,
    select,
    sensor_state,
    sensors_here,
    top,
    with_labels,
    wrap,
)

CHOSEN = 'serial_number=~"$serial_number"'
LISTED = 100
DRAWN = 20
# How far back flapping is looked for: longer would read too many samples of a large fleet.
WINDOW = "30m"
# Changes of status within the window that count as flapping: down and up, twice.
FLAPS = 4


def _changes():
    """How often each sensor's health changed of late, as the replica that saw most of it counts."""
    changed = select("density_sensor_last_status_change_timestamp_seconds")
    return sensors_here(f"max by ({SENSOR}) (changes({changed}[{WINDOW}]))")


def _flapping():
    """How many sensors flap."""
    return panels.stat(
        "Flapping",
        f"Sensors whose health changed at least {FLAPS} times within the last {WINDOW}: they go and "
        "come back, so at most moments they look healthy.",
        {"flapping": f"count({wrap(_changes())} >= {FLAPS})\nor 0 * count({_changes()})"},
        unit="short",
        thresholds=health.thresholds((None, health.NEUTRAL), (1, health.DEGRADED_COLOUR)),
    )


def _inventory():
    """Where health and inventory disagree."""
    health_of = select("density_sensor_health", STATUS["healthy"])
    listed = select("density_sensor_info")
    return panels.stat(
        "Health and inventory",
        "Sensors that the inventory lists; those which report health although the inventory does not "
        "list them; and those which are listed and report no health.",
        {
            "listed": f"count(max by ({SENSOR}) ({listed}))",
            "not listed": f"count(max by ({SENSOR}) ({health_of}) unless on ({SENSOR}) {listed})\n"
            f"or 0 * max({health_of})",
            "without health": f"count(max by ({SENSOR}) ({listed}) unless on ({SENSOR}) {health_of})\n"
            f"or 0 * max({listed})",
        },
        unit="short",
    )


def _sensors():
    """The sensors of the place, the worst first."""
    return shared.list_sensors(
        "Sensors, the worst first",
        f"The {LISTED} worst sensors here: offline first, then degraded, unknown, healthy, and those of "
        "which nothing is known; the longest first among equals. A click on a serial number opens the "
        "sensor below.",
        LISTED,
    )


def _flapping_list():
    """The sensors that change most."""
    changes = f"topk({DRAWN}, {_changes()})"
    facts = with_labels(SENSOR, changes, "building, floor", select("density_sensor_info"))
    columns = [
        panels.column("Value", f"Changes in {WINDOW}"),
        panels.column("serial_number", "Sensor", links=[links.to_sensor()]),
        panels.column("building", "Building"),
        panels.column("floor", "Floor"),
        *panels.hidden_columns("organization"),
    ]
    return panels.table(
        "Most changes of health",
        f"The {DRAWN} sensors whose health changed most often within the last {WINDOW}. A click on a "
        "serial number opens the sensor.",
        {"changes": f"{facts}\nor on ({SENSOR})\n{changes}"},
        columns,
        sort=[(f"Changes in {WINDOW}", True)],
    )


def _versions():
    """Sensors by hardware and firmware."""
    versions = "hardware_type, firmware_version"
    counts = shared.counts_of_sensors(versions, *PLACE)
    columns = [
        panels.column("hardware_type", "Hardware"),
        panels.column("firmware_version", "Firmware"),
        panels.column("Value #A", "Sensors"),
        panels.health_column("Value #B", "Offline", health.OFFLINE_COLOUR),
        panels.health_column("Value #C", "Degraded", health.DEGRADED_COLOUR),
        panels.health_column("Value #D", "Not known", health.GREY),
    ]
    return panels.table(
        "Versions",
        "Sensors by hardware and firmware, and how many of each are not well: a version that fails more "
        "than others shows here. "
        f"At most {LISTED} combinations.",
        {
            "sensors": f"topk({LISTED}, {counts['all']})",
            **{name: counts[name] for name in ("offline", "degraded", "not known")},
        },
        columns,
        sort=[("Sensors", True)],
    )


def _chosen():
    """The sensors that are chosen."""
    return shared.list_sensors(
        "The chosen sensors",
        f"The sensors chosen above, at most {DRAWN}, the worst first, with one place of each.",
        DRAWN,
        CHOSEN,
    )


def _chosen_over_time():
    """The health of the chosen sensors."""
    return panels.states(
        "Health of the chosen sensors over time",
        f"The health of the sensors chosen above; of more than {DRAWN}, those that are worst at the "
        f"end. {health.COLOUR_WORDS}",
        {"{{serial_number}}": top(DRAWN, SENSOR, sensor_state(CHOSEN))},
        mappings=health.state_mappings(),
    )


def make():
    """The dashboard."""
    return dashboard(
        "sensor-fleet",
        "Sensor fleet",
        "Sensors, the worst first: which fail, since when, which flap, and which versions they run.",
        [
            variables.datasource(),
            variables.job(),
            variables.organization(),
            variables.building(),
            variables.floor(),
            variables.serial_number(),
        ],
        [
            (
                None,
                5,
                [
                    (shared.sensors_by_health(narrowed=True), 9),
                    (shared.share_offline(narrowed=True), 4),
                    (_flapping(), 4),
                    (_inventory(), 7),
                ],
            ),
            (
                None,
                11,
                [
                    (_sensors(), 24),
                ],
            ),
            ("The chosen sensors", 6, [(_chosen(), 12), (_chosen_over_time(), 12)]),
            (
                "The fleet",
                9,
                [
                    (_flapping_list(), 8),
                    (_versions(), 8),
                    (shared.health_over_time(narrowed=True), 8),
                ],
            ),
        ],
        alerts=(("building_id", "$building"), ("floor_id", "$floor")),
    )
