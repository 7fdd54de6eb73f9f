"""Panels, as Grafana 10 and later write them.

A panel says what it shows; where it stands and its number are given by `layout`.
"""

from . import health

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# A chart over time asks for at most this many points, so that it stays within Prometheus' limit of
# samples in a large portfolio.
POINTS = 100


def _targets(queries, instant, as_table):
    """Targets from {legend: query}; the legend of a table is the letter of its column."""
    targets = []
    for letter, (legend, expression) in zip("ABCDEFGHIJ", queries.items(), strict=False):
        targets.append(
            {
                "datasource": DATASOURCE,
                "editorMode": "code",
                "expr": expression,
                "format": "table" if as_table else "time_series",
                "instant": instant,
                "legendFormat": legend,
                "range": not instant,
                "refId": letter,
            }
        )
    return targets


def _panel(kind, title, description, targets, field_config, options, **more):
    return {
        "datasource": DATASOURCE,
        "description": description,
        "fieldConfig": field_config,
        "options": options,
        "targets": targets,
        "title": title,
        "type": kind,
        **more,
    }


def stat(
    title,
    description,
    queries,
    *,
    unit="none",
    mappings=(),
    thresholds=None,
    overrides=(),
    colour_mode="value",
    decimals=None,
    links=(),
):
    """Large numbers of now, one for each series."""
    defaults = {
        "color": {"mode": "thresholds"},
        "links": list(links),
        "mappings": list(mappings),
        "noValue": "unknown",
        "thresholds": thresholds or health.thresholds((None, health.NEUTRAL)),
        "unit": unit,
    }
    if decimals is not None:
        defaults["decimals"] = decimals
    options = {
        "colorMode": colour_mode,
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
    }
    field_config = {"defaults": defaults, "overrides": list(overrides)}
    targets = _targets(queries, instant=True, as_table=False)
    return _panel("stat", title, description, targets, field_config, options)


def chart(
    title,
    description,
    queries,
    *,
    unit="short",
    overrides=(),
    stacked=False,
    thresholds=None,
    minimum=0,
    maximum=None,
    links=(),
):
    """Lines, or stacked areas, over time."""
    custom = {
        "drawStyle": "line",
        "fillOpacity": 60 if stacked else 8,
        "lineInterpolation": "linear" if not stacked else "stepAfter",
        "lineWidth": 1,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
        "thresholdsStyle": {"mode": "line" if thresholds else "off"},
    }
    defaults = {
        "color": {"mode": "palette-classic"},
        "custom": custom,
        "links": list(links),
        "min": minimum,
        "noValue": "no data",
        "unit": unit,
    }
    if thresholds:
        defaults["thresholds"] = thresholds
    if maximum is not None:
        defaults["max"] = maximum
    options = {
        "legend": {
            "calcs": ["lastNotNull", "max"],
            "displayMode": "table",
            "placement": "bottom",
            "showLegend": True,
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    field_config = {"defaults": defaults, "overrides": list(overrides)}
    targets = _targets(queries, instant=False, as_table=False)
    return _panel("timeseries", title, description, targets, field_config, options, maxDataPoints=POINTS)


def states(title, description, queries, *, mappings, links=()):
    """Bars of states over time, one for each series."""
    defaults = {
        "color": {"mode": "thresholds"},
        "custom": {"fillOpacity": 80, "lineWidth": 0},
        "links": list(links),
        "mappings": list(mappings),
        "noValue": "no data",
        "thresholds": health.grey_thresholds(),
        "unit": "none",
    }
    options = {
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "mergeValues": True,
        "rowHeight": 0.85,
        "showValue": "auto",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    targets = _targets(queries, instant=False, as_table=False)
    return _panel(
        "state-timeline",
        title,
        description,
        targets,
        {"defaults": defaults, "overrides": []},
        options,
        maxDataPoints=POINTS,
    )


def column(
    field,
    title,
    *,
    unit=None,
    links=(),
    mappings=(),
    thresholds=None,
    cell=None,
    width=None,
    hidden=False,
    maximum=None,
    decimals=None,
):
    """A table's column: a label, or the value of a query by the letter of its target.

    The field keeps its name, by which links find it; the title is only shown.
    """
    properties = [{"id": "displayName", "value": title}]
    given = {
        "unit": unit,
        "links": list(links),
        "mappings": list(mappings),
        "thresholds": thresholds,
        "custom.cellOptions": cell,
        "custom.width": width,
        "custom.hidden": hidden,
        "max": maximum,
        "decimals": decimals,
    }
    for name, value in given.items():
        if value or value == 0 and value is not False:
            properties.append({"id": name, "value": value})
    if maximum is not None:
        properties.append({"id": "min", "value": 0})
    return {"matcher": {"id": "byName", "options": field}, "properties": properties}


def hidden_columns(*fields):
    """Columns that only links and the merging of rows use."""
    return [column(field, field, hidden=True) for field in fields]


def health_column(field, title, colour):
    """A column that counts things of one health, in its colour where there are any."""
    return column(
        field,
        title,
        thresholds=health.thresholds((None, "text"), (1, colour)),
        cell={"type": "color-text"},
    )


def known_column(field, title, texts, *, otherwise="text"):
    """A column of numbers that stand for texts, and of `otherwise` coloured ones that don't."""
    return column(
        field,
        title,
        mappings=health.value_mappings(texts),
        thresholds=health.thresholds((None, otherwise)),
        cell={"type": "color-text"},
    )


def state_column(field, title):
    """A column of states, in the colours of health."""
    return column(
        field,
        title,
        unit="none",
        mappings=health.state_mappings(),
        thresholds=health.grey_thresholds(),
        cell={"type": "color-background", "mode": "basic"},
        width=150,
    )


def table(title, description, queries, columns, *, sort=()):
    """Rows of now: the queries are merged on the labels that they share.

    `queries` maps the letter of each query's value column to the query; `columns` are in their order;
    `sort` names (column title, descending).
    """
    order = {it["matcher"]["options"]: position for position, it in enumerate(columns)}
    transformations = [
        {"id": "merge", "options": {}},
        {
            "id": "organize",
            "options": {
                "excludeByName": {"Time": True},
                "indexByName": order,
                "renameByName": {},
            },
        },
    ]
    defaults = {
        "color": {"mode": "thresholds"},
        "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False},
        "noValue": "–",
        "thresholds": health.thresholds((None, health.NEUTRAL)),
        "unit": "none",
    }
    options = {
        "cellHeight": "sm",
        "showHeader": True,
        "sortBy": [{"desc": descending, "displayName": name} for name, descending in sort],
    }
    targets = _targets(queries, instant=True, as_table=True)
    return _panel(
        "table",
        title,
        description,
        targets,
        {"defaults": defaults, "overrides": list(columns)},
        options,
        transformations=transformations,
    )
