"""The variables above each dashboard, in the order in which each narrows the next.

Places are shown by name and held by id, because names may repeat or change. Alerts link here by these
names and ids, so neither may be renamed.
"""

from .panels import DATASOURCE
from .promql import JOB, PLACE, SPACE, select, select_any, worst_sensors

# More than this nobody scrolls through, and a browser gets slow. An address may name others.
OFFERED = 1000

# What any page of an exporter has: `density_up` also a narrowed one, the other also a page of which
# only the exporter's own metrics are kept.
_EXPORTER = '{__name__=~"density_up|density_exporter_build_info"}'
_ALL = {"selected": True, "text": "All", "value": "$__all"}
# The datasource gives a series as text, its labels in alphabetical order and quotes within names as
# they are; a greedy pattern finds the last of what may be meant.
_NAME_AND_ID = r'/^\{%s="(?<text>.*)",%s="(?<value>[^"]*)"\} /'


def _query(name, label, query, *, multi, all_value, regex="", sort=1):
    """A variable that asks Prometheus, again whenever the time range changes."""
    variable = {
        "current": dict(_ALL) if all_value else {},
        "datasource": DATASOURCE,
        "definition": query,
        "hide": 0,
        "includeAll": all_value is not None,
        "label": label,
        "multi": multi,
        "name": name,
        "options": [],
        "query": {"query": query, "refId": "StandardVariableQuery"},
        "refresh": 2,
        "regex": regex,
        "skipUrlSync": False,
        "sort": sort,
        "type": "query",
    }
    if all_value is not None:
        variable["allValue"] = all_value
    if multi and all_value is not None:
        variable["current"] = {"selected": True, "text": ["All"], "value": ["$__all"]}
    return variable


def datasource():
    """Which Prometheus."""
    return {
        "current": {},
        "hide": 0,
        "includeAll": False,
        "label": "Data source",
        "multi": False,
        "name": "datasource",
        "options": [],
        "query": "prometheus",
        "refresh": 1,
        "regex": "",
        "skipUrlSync": False,
        "type": "datasource",
    }


def job():
    """Which of Prometheus' jobs."""
    return _query("job", "Job", f"label_values({_EXPORTER}, job)", multi=True, all_value=".+")


def instance():
    """Which replicas of the exporter."""
    query = f"label_values({_EXPORTER[:-1]}, {JOB}}}, instance)"
    return _query("instance", "Instance", query, multi=True, all_value=".+")


def organization():
    """Which accounts at Density."""
    query = f"label_values({select_any('density_up')}, organization)"
    return _query("organization", "Organization", query, multi=True, all_value=".+")


def _named(metric_of, name, identifier):
    """Names and ids for a variable; what has no name is shown by that."""
    series = f"max by ({name}, {identifier}) ({metric_of})"
    return f'query_result(label_replace({series}, "{name}", "(no name)", "{name}", ""))'


def building():
    """One building, or all."""
    query = _named(select("density_space_info", 'space_type="building"'), "building", "building_id")
    regex = _NAME_AND_ID % ("building", "building_id")
    return _query("building", "Building", query, multi=False, all_value=".*", regex=regex)


def floor():
    """One floor of the building, or all."""
    info = select("density_space_info", 'space_type="floor"', PLACE[0])
    query = _named(info, "floor", "floor_id")
    regex = _NAME_AND_ID % ("floor", "floor_id")
    return _query("floor", "Floor", query, multi=False, all_value=".*", regex=regex)


def space():
    """One space of the floor that anything is known about, by its whole path."""
    info = select("density_space_info", *PLACE)
    path = f'label_join({info}, "space", " / ", "building", "floor", "space")'
    measured = select("density_space_health")
    query = (
        f"query_result(topk({OFFERED}, max by (space, space_id) ({path} and on ({SPACE}) {measured})))"
    )
    regex = _NAME_AND_ID % ("space", "space_id")
    return _query("space", "Space", query, multi=False, all_value=None, regex=regex)


def serial_number():
    """Sensors of the place, the worst first, so that those which matter are always offered."""
    worst = f"topk({OFFERED}, {worst_sensors(OFFERED)})"
    regex = r'/serial_number="([^"]*)"/'
    return _query(
        "serial_number",
        "Sensor",
        f"query_result({worst})",
        multi=True,
        all_value=None,
        regex=regex,
        sort=0,
    )
