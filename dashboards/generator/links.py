"""Links from a row or a series to the dashboard that says more.

Each keeps the time range, the data source and the job, and sets the variables that it knows.
"""

UIDS = {
    "portfolio": "density-portfolio",
    "building": "density-building",
    "space": "density-space",
    "sensor-fleet": "density-sensor-fleet",
    "exporter": "density-exporter",
}


def _link(title, dashboard, variables):
    """A link to a dashboard with `variables` set from (variable, expression) pairs."""
    kept = ["${__url_time_range}", "${datasource:queryparam}", "${job:queryparam}"]
    given = [f"var-{name}={value}" for name, value in variables]
    url = f"/d/{UIDS[dashboard]}?" + "&".join(kept + given)
    return {"targetBlank": False, "title": title, "url": url}


def _field(name):
    """The value of a column in the same row."""
    return f"${{__data.fields.{name}:percentencode}}"


def label(name):
    """The label of the series."""
    return f"${{__field.labels.{name}:percentencode}}"


def to_building(value=_field):
    """To the building of a row."""
    place = [("organization", value("organization")), ("building", value("building_id"))]
    return _link("Show this building", "building", place)


def to_floor(value=_field):
    """To one floor of a building."""
    place = [
        ("organization", value("organization")),
        ("building", value("building_id")),
        ("floor", value("floor_id")),
    ]
    return _link("Show this floor", "building", place)


def to_fleet_of_floor(value=_field):
    """To the sensors of a floor."""
    place = [
        ("organization", value("organization")),
        ("building", value("building_id")),
        ("floor", value("floor_id")),
    ]
    return _link("Show the sensors of this floor", "sensor-fleet", place)


def to_space(value=_field):
    """To one space."""
    place = [("organization", value("organization")), ("space", value("space_id"))]
    return _link("Show this space", "space", place)


def to_sensor(value=_field):
    """To one sensor."""
    sensor = [("organization", value("organization")), ("serial_number", value("serial_number"))]
    return _link("Show this sensor", "sensor-fleet", sensor)


def to_exporter(value=_field):
    """To the exporter, for one organization."""
    return _link("Show the exporter", "exporter", [("organization", value("organization"))])


def between_dashboards():
    """The links above each dashboard, to all of them and so back again."""
    return [
        {
            "asDropdown": False,
            "icon": "external link",
            "includeVars": True,
            "keepTime": True,
            "tags": ["density"],
            "targetBlank": False,
            "title": "Density",
            "tooltip": "",
            "type": "dashboards",
            "url": "",
        }
    ]
