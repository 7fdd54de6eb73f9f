"""What every dashboard has besides its panels."""

from . import health, layout, links
from .panels import DATASOURCE

# Written by Grafana 10; later versions read it and bring it up to date as they load it.
SCHEMA_VERSION = 39


def _firing_alerts(place):
    """Alerts as marks on every chart; an alert without one of the labels concerns all."""
    matchers = ['alertname=~"Density.*"', 'alertstate="firing"']
    matchers += [f'{label}=~"({variable})?"' for label, variable in place]
    return {
        "datasource": DATASOURCE,
        "enable": True,
        "expr": f"ALERTS{{{', '.join(matchers)}}}",
        "hide": False,
        "iconColor": health.OFFLINE_COLOUR,
        "name": "Firing alerts",
        "step": "60s",
        "tagKeys": "severity,scope",
        "textFormat": "{{organization}} {{serial_number}}",
        "titleFormat": "{{alertname}}",
        "useValueForTime": False,
    }


def dashboard(name, title, description, variables, rows, *, alerts=()):
    """A dashboard that imports as it is."""
    place = (("organization", "$organization"), *alerts)
    return {
        "annotations": {"list": [_firing_alerts(place)]},
        "description": description,
        "editable": False,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "id": None,
        "links": links.between_dashboards(),
        "panels": layout.place(rows),
        "refresh": "1m",
        "schemaVersion": SCHEMA_VERSION,
        "tags": ["density"],
        "templating": {"list": variables},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": f"Density / {title}",
        "uid": links.UIDS[name],
        "version": 1,
        "weekStart": "",
    }
