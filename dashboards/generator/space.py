"""One space: for whoever wonders whether to believe what is said about it."""

from . import health, links, panels, shared, variables
from .dashboard import dashboard
from .promql import (
    SENSOR,
    SPACE,
    certain,
    in_doubt,
    known,
    select,
    space_state,
    unique,
)

CHOSEN = 'space_id=~"$space"'
PEOPLE = ("density_space_occupancy", "current_count", CHOSEN)
PRESENCE = ("density_space_presence", "presence", CHOSEN)
# Beside the numbers of health.UNKNOWN_TEXT.
NOT_COUNTED = -2


def _watched():
    """1 for the space, if any endpoint reports on it."""
    return f"max by ({SPACE}) ({select('density_space_health', CHOSEN)} * 0 + 1)"


def _health():
    """The space's health, as each endpoint has it."""
    return panels.stat(
        "Health",
        "How the sensors of this space are, as each of Density's endpoints reports it: the one of "
        f"presence and the one of the count of people. {health.COLOUR_WORDS}",
        {"{{collector}}": space_state(CHOSEN)},
        mappings=health.state_mappings(),
        thresholds=health.grey_thresholds(),
        colour_mode="background",
    )


def _people():
    """How many people are there."""
    return panels.stat(
        "People now",
        "How many people are in the space. Unknown when the space is not healthy or the data is "
        "stale, whatever number Density gives; not counted where Density counts nobody.",
        {"people": f"{known(*PEOPLE)}\nor on ({SPACE}) {NOT_COUNTED} * {_watched()}"},
        unit="short",
        mappings=health.value_mappings(
            {**health.UNKNOWN_TEXT, NOT_COUNTED: ("not counted", health.GREY)}
        ),
    )


def _capacity():
    """How many people it is meant for."""
    capacity = f"max by ({SPACE}) ({select('density_space_capacity', CHOSEN)})"
    return panels.stat(
        "Capacity",
        "How many people the space is meant for, as it is set in Density.",
        {"capacity": f"{capacity}\nor on ({SPACE}) {health.NOT_KNOWN} * {_watched()}"},
        unit="short",
        mappings=health.value_mappings({health.NOT_KNOWN: ("not set", health.GREY)}),
    )


def _presence():
    """Whether anyone is there."""
    return panels.stat(
        "Anyone there",
        "Whether anyone is in the space. Unknown when the space is not healthy or the data is stale: "
        "such a space may be taken.",
        {"presence": f"{known(*PRESENCE)}\nor on ({SPACE}) {NOT_COUNTED} * {_watched()}"},
        mappings=health.value_mappings(
            {**health.PRESENCE_TEXTS, NOT_COUNTED: ("not watched", health.GREY)}
        ),
        thresholds=health.grey_thresholds(),
        colour_mode="background",
    )


def _people_over_time():
    """People against capacity."""
    capped = select("density_space_occupancy_capped", CHOSEN)
    people = certain(*PEOPLE)
    uncounted = f"unless on ({SPACE}) {select('density_space_occupancy', CHOSEN)}"
    style = [
        health.fixed_colour("people", health.NEUTRAL),
        health.fixed_colour("at least", "#8AB8FF"),
        health.fixed_colour("in doubt", health.GREY),
        health.fixed_colour("capacity", health.OFFLINE_COLOUR),
        health.fixed_colour("presence alone", "#B5D2FF"),
        health.fixed_colour("presence in doubt", health.GREY),
    ]
    style[3]["properties"].append({"id": "custom.lineStyle", "value": {"dash": [8, 8], "fill": "dash"}})
    style[3]["properties"].append({"id": "custom.fillOpacity", "value": 0})
    return panels.chart(
        "People and capacity",
        "People in the space and how many it is meant for. At least: Density says that there may be "
        "more. In doubt: the space was not healthy or the data stale, so the number may be wrong. "
        "Presence alone: nobody is counted here, and 1 says that someone is there.",
        {
            "people": f"{people}\nunless on ({SPACE}) ({capped} == 1)",
            "at least": f"{people}\nand on ({SPACE}) ({capped} == 1)",
            "in doubt": in_doubt(*PEOPLE),
            "capacity": f"max by ({SPACE}) ({select('density_space_capacity', CHOSEN)})",
            "presence alone": f"{certain(*PRESENCE)}\n{uncounted}",
            "presence in doubt": f"{in_doubt(*PRESENCE)}\n{uncounted}",
        },
        overrides=style,
    )


def _presence_over_time():
    """When someone was there."""
    return panels.states(
        "Anyone there over time",
        "When someone was in the space, when nobody, and when nothing certain was known.",
        {"presence": f"{known(*PRESENCE)}\nor on ({SPACE}) {health.NOT_KNOWN} * {_watched()}"},
        mappings=health.value_mappings(health.PRESENCE_TEXTS),
    )


def _health_over_time():
    """The space's health over time."""
    return panels.states(
        "Health over time",
        f"The health of the space as each of Density's endpoints reported it. {health.COLOUR_WORDS}",
        {"{{collector}}": space_state(CHOSEN)},
        mappings=health.state_mappings(),
    )


def _facts():
    """What the inventory says of the space."""
    facts = "space_type, function, counting_mode, time_zone, lifecycle, campus, building, floor"
    info = unique(SPACE, select("density_space_info", CHOSEN))
    labels = select("density_space_label_info", CHOSEN)
    columns = [
        panels.column("campus", "Campus"),
        panels.column("building", "Building", links=[links.to_building()]),
        panels.column("floor", "Floor", links=[links.to_floor(), links.to_fleet_of_floor()]),
        panels.column("space", "Space"),
        panels.column("space_type", "Type"),
        panels.column("function", "Function"),
        panels.column("counting_mode", "Counting mode"),
        panels.column("lifecycle", "Lifecycle"),
        panels.column("time_zone", "Time zone"),
        panels.column("group", "Label group"),
        panels.column("label", "Label"),
        *panels.hidden_columns(
            "Value #A", "Value #B", "organization", "space_id", "building_id", "floor_id"
        ),
    ]
    return panels.table(
        "What Density says of the space",
        "Where the space is and what it is for, as it is set in Density, and its labels, one a row.",
        {
            "facts": f"max by ({SPACE}, space, building_id, floor_id, {facts}) ({info})",
            "labels": f"max by ({SPACE}, group, label) ({labels})",
        },
        columns,
    )


def _sensors():
    """The sensors that hang in the space, or on the floor or in the building that it is."""
    places = (
        select("density_sensor_space_info", CHOSEN),
        select("density_sensor_info", 'floor_id=~"$space"'),
        select("density_sensor_info", 'building_id=~"$space"'),
    )
    hanging = "\nor ".join(f"max by ({SENSOR}) ({place})" for place in places)
    return shared.list_sensors(
        "Its sensors",
        "The sensors that hang in this space, at most 50, the worst first; of a floor or building, "
        "those on it. A sensor hangs where it was mounted, which is not always all that it watches.",
        50,
        among=hanging,
    )


def make():
    """The dashboard."""
    return dashboard(
        "space",
        "Space",
        "One space: people against its capacity, whether anyone is there, and how far to believe it.",
        [
            variables.datasource(),
            variables.job(),
            variables.organization(),
            variables.building(),
            variables.floor(),
            variables.space(),
        ],
        [
            (
                None,
                4,
                [
                    (_people(), 5),
                    (_capacity(), 4),
                    (_presence(), 5),
                    (_health(), 10),
                ],
            ),
            (None, 9, [(_people_over_time(), 24)]),
            (None, 5, [(_presence_over_time(), 12), (_health_over_time(), 12)]),
            (None, 5, [(_facts(), 24)]),
            (None, 8, [(_sensors(), 24)]),
        ],
        alerts=(("space_id", "$space"),),
    )
