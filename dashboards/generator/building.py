"""One building, floor by floor: for whoever runs it."""

from . import health, links, panels, shared, variables
from .dashboard import dashboard
from .promql import (
    PLACE,
    ROOM,
    SPACE,
    certain,
    in_doubt,
    known,
    select,
    space_state,
    spaces_here,
    top,
    unique,
    with_labels,
    wrap,
)

FLOOR = "organization, building_id, floor_id"
PEOPLE = ("density_space_occupancy", "current_count")
PRESENCE = ("density_space_presence", "presence")
CAPPED = 100


def _floors():
    """The table of floors."""
    counts = shared.counts_of_sensors(FLOOR, *PLACE)
    rooms = select("density_space_info", ROOM)
    people = with_labels(SPACE, spaces_here(certain(*PEOPLE)), "building_id, floor_id", rooms)
    named = unique(FLOOR, select("density_space_info", 'space_type="floor"', *PLACE))

    queries = {
        name: counts[name] for name in ("offline", "degraded", "not known", "healthy", "not in use")
    } | {
        "people": f"sum by ({FLOOR}) {wrap(people)}",
        "names": f"max by ({FLOOR}, building, floor) ({named})",
    }
    columns = [
        panels.column("building", "Building"),
        panels.column("floor", "Floor", links=[links.to_floor(), links.to_fleet_of_floor()]),
        panels.health_column("Value #A", "Offline", health.OFFLINE_COLOUR),
        panels.health_column("Value #B", "Degraded", health.DEGRADED_COLOUR),
        panels.health_column("Value #C", "Not known", health.GREY),
        panels.health_column("Value #D", "Healthy", health.HEALTHY_COLOUR),
        panels.health_column("Value #E", "Not in use", health.NOT_LIVE_COLOUR),
        panels.column("Value #F", "People in rooms"),
        *panels.hidden_columns("Value #G", "organization", "building_id", "floor_id"),
    ]
    return panels.table(
        "Floors",
        "Sensors of each floor by health, and the people counted for certain in its rooms. Not known "
        "is unknown, stale or without data. A click on a floor opens it, or its sensors.",
        queries,
        columns,
        sort=[("Offline", True), ("Degraded", True), ("Not known", True)],
    )


def _rooms():
    """The table of rooms by function: free, occupied, not known."""
    info = select("density_space_info", ROOM, *PLACE)
    in_use = select("density_space_info", ROOM, *PLACE, 'lifecycle="live"')
    not_in_use = select("density_space_info", ROOM, *PLACE, 'lifecycle!="live"')
    measured = select("density_space_health", 'collector="presence"')
    sure = certain(*PRESENCE)

    def by_function(expression, rooms):
        return f"count by (function) {wrap(with_labels(SPACE, expression, 'function', rooms))}"

    every = f"max by ({SPACE}) ({measured} * 0 + 1)"
    queries = {
        "free": by_function(f"{sure} == 0", in_use),
        "occupied": by_function(f"{sure} == 1", in_use),
        "not known": by_function(f"{every}\nunless on ({SPACE})\n{sure}", in_use),
        "not in use": by_function(every, not_in_use),
        "measured": by_function(every, info),
    }
    columns = [
        panels.column("function", "Function"),
        panels.column("Value #A", "Free for certain"),
        panels.column("Value #B", "Someone there"),
        panels.health_column("Value #C", "Not known", health.GREY),
        panels.health_column("Value #D", "Not in use", health.NOT_LIVE_COLOUR),
        panels.column("Value #E", "All measured"),
    ]
    return panels.table(
        "Rooms, free or not",
        "Rooms that sensors watch, by their function in Density. A room is free for certain when nobody "
        "is seen there, the room is healthy and the data fresh. When it is not healthy or the data "
        "not fresh, nothing is known: such a room may be taken.",
        queries,
        columns,
        sort=[("All measured", True)],
    )


def _people():
    """People in the rooms of the place."""
    rooms = select("density_space_info", ROOM)
    counted = f"{spaces_here(certain(*PEOPLE))}\nand on ({SPACE}) {rooms}"
    doubtful = f"{spaces_here(in_doubt(*PEOPLE))}\nand on ({SPACE}) {rooms}"
    return panels.stat(
        "People in rooms now",
        "People in the rooms that are counted, where the room is healthy and the data fresh; and how "
        "many counted rooms are left out because they are not.",
        {"people": f"sum({counted})", "rooms in doubt": f"count({doubtful})"},
        unit="short",
        overrides=[health.fixed_colour("rooms in doubt", health.GREY)],
    )


def _unhealthy():
    """The worst sensors of the place."""
    return shared.list_sensors(
        "Sensors, the worst first",
        "The 50 worst sensors here: offline first, then degraded, unknown and healthy; the longest "
        "first among equals. A click on a serial number opens the sensor.",
        50,
    )


def _spaces():
    """The table of spaces."""
    people, capacity = spaces_here(certain(*PEOPLE)), select("density_space_capacity")
    measured = spaces_here(f"max by ({SPACE}) ({select('density_space_health')})")
    use = f"{wrap(people)}\n/ on ({SPACE}) (max by ({SPACE}) ({capacity}) > 0)"
    order = f"topk({CAPPED},\n{use}\nor on ({SPACE}) 0 * {wrap(measured)}\n)"

    def of_these(expression):
        return f"{wrap(expression)}\nand on ({SPACE}) {order}"

    def state(collector):
        reported = space_state(f'collector="{collector}"')
        return of_these(f"max by ({SPACE}) {wrap(reported)}")

    names = f"{SPACE}, space, floor, space_type"
    named = unique(SPACE, select("density_space_info", *PLACE))
    queries = {
        "share": of_these(use),
        "people": of_these(known(*PEOPLE)),
        "capacity": of_these(f"max by ({SPACE}) ({capacity})"),
        "someone": of_these(known(*PRESENCE)),
        "presence": state("presence"),
        "count": state("current_count"),
        "names": f"max by ({names}) {wrap(of_these(named))}",
    }
    columns = [
        panels.column("space", "Space", links=[links.to_space()]),
        panels.column("floor", "Floor"),
        panels.column("space_type", "Type", width=80),
        panels.column(
            "Value #A",
            "In use",
            unit="percentunit",
            decimals=0,
            maximum=1,
            cell={"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
        ),
        panels.known_column("Value #B", "People", health.UNKNOWN_TEXT),
        panels.column("Value #C", "Capacity"),
        panels.known_column("Value #D", "Presence", health.PRESENCE_TEXTS),
        panels.state_column("Value #E", "Health by presence"),
        panels.state_column("Value #F", "Health by count"),
        *panels.hidden_columns("Value #G", "organization", "space_id"),
    ]
    return panels.table(
        "Spaces, the fullest first",
        f"The {CAPPED} spaces that use most of their capacity, of those which sensors watch. A number "
        "of people, and whether anyone is there, is shown only where the space is healthy and the "
        "data fresh; else it is unknown. A dash means that Density does not count there or that no "
        "capacity is set. A click on a space opens it.",
        queries,
        columns,
        sort=[("In use", True), ("People", True)],
    )


def _people_over_time():
    """People in the rooms of each floor."""
    rooms = select("density_space_info", ROOM)
    placed = with_labels(SPACE, spaces_here(certain(*PEOPLE)), "building, floor, floor_id", rooms)
    summed = f"sum by (organization, floor_id, building, floor) {wrap(placed)}"
    return panels.chart(
        "People in rooms over time",
        "People in the rooms of each floor, counted for certain: rooms that are not healthy or whose "
        "data is stale are left out, so a dip may be a loss of sensors. The 20 floors with the most "
        "people at the end.",
        {"{{building}} {{floor}}": top(20, "organization, floor_id", summed)},
    )


def make():
    """The dashboard."""
    return dashboard(
        "building",
        "Building",
        "One building and its floors: which sensors fail, how many people, which rooms are free.",
        [
            variables.datasource(),
            variables.job(),
            variables.organization(),
            variables.building(),
            variables.floor(),
        ],
        [
            (
                None,
                5,
                [
                    (shared.sensors_by_health(narrowed=True), 10),
                    (shared.share_offline(narrowed=True), 4),
                    (_people(), 6),
                    (shared.data_is_fresh(), 4),
                ],
            ),
            (None, 8, [(_floors(), 12), (_rooms(), 12)]),
            (None, 9, [(_unhealthy(), 24)]),
            (None, 10, [(_spaces(), 24)]),
            (None, 8, [(shared.health_over_time(narrowed=True), 12), (_people_over_time(), 12)]),
        ],
        alerts=(("building_id", "$building"), ("floor_id", "$floor")),
    )
