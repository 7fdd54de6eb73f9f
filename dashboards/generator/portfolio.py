"""The organizations at a glance: for whoever asks whether all is well, and where it is not."""

from . import health, links, panels, shared, variables
from .dashboard import dashboard
from .promql import (
    ROOM,
    SPACE,
    certain,
    in_doubt,
    select,
    top,
    unique,
    with_labels,
    wrap,
)

BUILDING = "organization, building_id"


def _buildings():
    """The table of buildings, the worst first."""
    counts = shared.counts_of_sensors(BUILDING)
    certain_people = certain("density_space_occupancy", "current_count")
    rooms = select("density_space_info", ROOM)
    people = with_labels(SPACE, certain_people, "building_id", rooms)
    named = unique(BUILDING, select("density_space_info", 'space_type="building"'))
    queries = {
        name: counts[name]
        for name in ("share offline", "offline", "degraded", "not known", "not in use", "all")
    } | {
        "people": f"sum by ({BUILDING}) {wrap(people)}",
        "names": f"max by ({BUILDING}, building, campus) ({named})",
    }
    columns = [
        panels.column("building", "Building", links=[links.to_building()]),
        panels.column("campus", "Campus"),
        panels.column("organization", "Organization"),
        panels.column(
            "Value #A",
            "Offline",
            unit="percentunit",
            decimals=1,
            maximum=1,
            thresholds=health.share_thresholds(),
            cell={"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
        ),
        panels.health_column("Value #B", "Sensors offline", health.OFFLINE_COLOUR),
        panels.health_column("Value #C", "Degraded", health.DEGRADED_COLOUR),
        panels.health_column("Value #D", "Not known", health.GREY),
        panels.health_column("Value #E", "Not in use", health.NOT_LIVE_COLOUR),
        panels.column("Value #F", "All sensors"),
        panels.column("Value #G", "People in rooms"),
        *panels.hidden_columns("Value #H", "building_id"),
    ]
    return panels.table(
        "Buildings, the worst first",
        "Each building with the share of its sensors that are offline, of those in use whose health "
        "is known, and the people counted for certain in its rooms. Not known is unknown, stale or "
        "without data. A click on a building opens it.",
        queries,
        columns,
        sort=[("Offline", True), ("Not known", True)],
    )


def _people():
    """People in rooms, and how many rooms can't be trusted."""
    rooms = select("density_space_info", ROOM)
    counted = certain("density_space_occupancy", "current_count")
    doubtful = in_doubt("density_space_occupancy", "current_count")
    return panels.stat(
        "People in rooms now",
        "People in all rooms that are counted, where the room is healthy and the data fresh; and how "
        "many counted rooms are left out because they are not. Floors are not added: a floor counts "
        "the people in its rooms again.",
        {
            "people": f"sum({counted}\nand on ({SPACE}) {rooms})",
            "rooms in doubt": f"count({wrap(doubtful)}\nand on ({SPACE}) {rooms})\n"
            f"or 0 * max({select('density_space_occupancy')})",
        },
        unit="short",
        overrides=[health.fixed_colour("rooms in doubt", health.GREY)],
    )


def _api():
    """Whether Density's API answers, for each organization."""
    return panels.stat(
        "Density's API",
        "Whether the last fetch of every kind of data succeeded, for each organization, with the "
        "exporter that does best. A click opens the exporter's dashboard.",
        {"{{organization}}": f"max by (organization) ({select('density_up')})"},
        mappings=health.value_mappings(
            {0: ("fails", health.OFFLINE_COLOUR), 1: ("answers", health.HEALTHY_COLOUR)}
        ),
        thresholds=health.grey_thresholds(),
        links=[links.to_exporter(links.label)],
    )


def _people_over_time():
    """People in the rooms of each building."""
    counted = certain("density_space_occupancy", "current_count")
    info = select("density_space_info", ROOM)
    placed = with_labels(SPACE, counted, "building_id, building", info)
    summed = f"sum by ({BUILDING}, building) {wrap(placed)}"
    return panels.chart(
        "People in rooms over time",
        "People in the rooms of each building, counted for certain: rooms that are not healthy or "
        "whose data is stale are left out, so a dip may be a loss of sensors. The 20 buildings with "
        "the most people now.",
        {"{{building}}": top(20, BUILDING, summed)},
    )


def make():
    """The dashboard."""
    return dashboard(
        "portfolio",
        "Portfolio",
        "All organizations at a glance: sensors by health, people now, the age of the data, alerts.",
        [variables.datasource(), variables.job(), variables.organization()],
        [
            (
                None,
                5,
                [
                    (shared.sensors_by_health(narrowed=False), 8),
                    (shared.share_offline(narrowed=False), 3),
                    (_people(), 5),
                    (_api(), 3),
                    (shared.firing_alerts(), 5),
                ],
            ),
            (None, 9, [(_buildings(), 24)]),
            (
                None,
                8,
                [
                    (shared.health_over_time(narrowed=False), 8),
                    (_people_over_time(), 8),
                    (shared.data_age(), 8),
                ],
            ),
        ],
    )
