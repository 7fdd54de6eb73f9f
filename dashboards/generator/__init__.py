"""Makes the Grafana dashboards: one module a dashboard, and what they share.

`scripts/dashboards` runs it. It needs nothing but Python's standard library, asks no network, and
gives the same bytes for the same source.
"""
