"""PromQL that several dashboards share.

Three rules stand behind all of it. Replicas of the exporter show the same things, so `job` and
`instance` are aggregated away before anything is counted. A sensor or space may for minutes have two
`_info` series, so nothing is joined to one that is not made unique first. And a replica whose data is
old is heard only when no other has fresh data.
"""

import re
import textwrap

from . import health

JOB = 'job=~"$job"'
ORGANIZATION = 'organization=~"$organization"'
PLACE = ('building_id=~"$building"', 'floor_id=~"$floor"')
IN_USE = 'lifecycle="live"'
NOT_IN_USE = 'lifecycle!="live"'
ROOM = 'space_type="space"'

SENSOR = "organization, serial_number"
SPACE = "organization, space_id"
SPACE_AND_COLLECTOR = "organization, space_id, collector"

# The status matcher of each state; an undocumented status counts as unknown.
STATUS = {
    "offline": 'status="offline"',
    "degraded": 'status="degraded"',
    "unknown": 'status!~"offline|degraded|healthy"',
    "healthy": 'status="healthy"',
}
STATE_OF_STATUS = {
    "offline": health.OFFLINE,
    "degraded": health.DEGRADED,
    "unknown": health.UNKNOWN,
    "healthy": health.HEALTHY,
}


def wrap(expression):
    """The expression in parentheses, on lines of its own."""
    return "(\n" + textwrap.indent(expression, "  ") + "\n)"


def select_any(metric, *matchers):
    """Series of the chosen jobs; for metrics that belong to no organization."""
    return metric + "{" + ", ".join((JOB, *matchers)) + "}"


def select(metric, *matchers):
    """Series of the chosen jobs and organizations."""
    return select_any(metric, ORGANIZATION, *matchers)


def largest(labels, expression):
    """The maximum by `labels`: replicas become one."""
    return f"max by ({labels}) {wrap(expression)}"


def unique(labels, expression):
    """One series for each value of `labels`, with all its labels, to be joined to."""
    return f"topk by ({labels}) (1, {expression})"


def with_labels(labels, expression, joined, info):
    """The expression with the labels `joined` of `info`, where `info` has something."""
    return f"{wrap(expression)}\n* on ({labels}) group_left ({joined})\n{unique(labels, info)}"


# For charts over time, where to read also what is in use would cost much.
_IDLE = select("density_sensor_info", NOT_IN_USE)


def fresh(collector):
    """Behind a value: only from replicas whose data of the collector is not stale."""
    stale = select("density_collector_stale", f'collector="{collector}"')
    return f"and on (job, instance, organization) ({stale} == 0)"


def _state(labels, metric, matchers, collector_labels, stale_matchers):
    """The state from replicas with fresh data; where there is none, the last known, as stale."""
    readings = "\nor ".join(
        f"{STATE_OF_STATUS[name]} * ({select(metric, status, *matchers)} == 1)"
        for name, status in STATUS.items()
    )
    stale = f"max by ({collector_labels}) ({select('density_collector_stale', *stale_matchers)})"
    by_replica = (
        f"{wrap(readings)}\n"
        f"/ on ({collector_labels}) group_left () (1 + 9 * {stale})\n"
        f"+ on ({collector_labels}) group_left () ({health.NO_DATA} * {stale})"
    )
    return largest(labels, by_replica)


def sensors_not_in_use(*matchers):
    """Sensors that no place says to be live."""
    not_in_use = select("density_sensor_info", NOT_IN_USE, *matchers)
    in_use = select("density_sensor_info", IN_USE, *matchers)
    return f"({not_in_use} unless on ({SENSOR}) {in_use})"


def sensor_state(*matchers):
    """Each sensor's state, as `health.STATES` has it: one series a sensor, whatever replicas say."""
    listed = select("density_sensor_info", *matchers)
    reported = _state(
        SENSOR,
        "density_sensor_health",
        matchers,
        "job, instance, organization",
        ['collector="sensor_health"'],
    )
    return (
        f"{health.NOT_LIVE} * max by ({SENSOR}) {sensors_not_in_use(*matchers)}\n"
        f"or on ({SENSOR})\n"
        f"{reported}\n"
        f"or on ({SENSOR})\n"
        f"{health.NO_DATA} * max by ({SENSOR}) ({listed})"
    )


def space_state(*matchers):
    """Each space's state for each collector that reports one."""
    collector_labels = "job, instance, organization, collector"
    return _state(SPACE_AND_COLLECTOR, "density_space_health", matchers, collector_labels, [])


def _sensors_elsewhere():
    """Sensors that the inventory lists at another place; none while all places are chosen."""
    return " or ".join(select("density_sensor_info", matcher.replace("=~", "!~")) for matcher in PLACE)


def sensors_here(expression):
    """Without the sensors of which the inventory says that they are elsewhere.

    A sensor whose place nobody knows may be anywhere, so it is shown; and so is one that has moved,
    as long as replicas disagree.
    """
    chosen = select("density_sensor_info", *PLACE)
    return (
        f"{wrap(expression)}\n"
        f"unless on ({SENSOR}) (({_sensors_elsewhere()}) unless on ({SENSOR}) {chosen})"
    )


def sensors_here_over_time(expression):
    """As `sensors_here`, but cheap: while replicas disagree, a sensor that has moved is nowhere."""
    return f"{wrap(expression)}\nunless on ({SENSOR}) ({_sensors_elsewhere()})"


def sensors_in_use(*matchers):
    """The sensors in use, once each, with the labels of the inventory."""
    return unique(SENSOR, select("density_sensor_info", IN_USE, *matchers))


def reporting(status):
    """Sensors of which any replica with fresh data says that their status is this."""
    reading = select("density_sensor_health", status)
    return f"({reading} == 1 {fresh('sensor_health')})"


def spaces_here(expression, *matchers):
    """Only the spaces of the chosen place, as the inventory has it."""
    chosen = select("density_space_info", *PLACE, *matchers)
    return f"{wrap(expression)}\nand on ({SPACE}) {chosen}"


def sensors_with(status):
    """1 for each sensor in use that has the status by fresh data, 0 for the others.

    Cheap enough for a chart over time: one series a sensor and replica.
    """
    by_replica = f"{select('density_sensor_health', STATUS[status])}\n{fresh('sensor_health')}"
    return f"{largest(SENSOR, by_replica)}\nunless on ({SENSOR}) {_IDLE}"


def stale_sensors():
    """1 for each sensor in use of which no replica has fresh data.

    By one status only, for every sensor has a series of it.
    """
    reading = select("density_sensor_health", STATUS["healthy"])
    return (
        f"max by ({SENSOR}) ({reading} * 0 + 1)\n"
        f"unless on ({SENSOR}) ({reading} {fresh('sensor_health')})\n"
        f"unless on ({SENSOR}) {_IDLE}"
    )


def idle_sensors():
    """1 for each sensor that is not in use, for a chart over time."""
    return f"max by ({SENSOR}) ({_IDLE})"


def certain(metric, collector, *matchers):
    """A space's value where the space is healthy and the data fresh."""
    healthy = select("density_space_health", f'collector="{collector}"', 'status="healthy"')
    return largest(
        SPACE,
        f"{select(metric, *matchers)}\n"
        f"and on (job, instance, {SPACE}) ({healthy} == 1)\n"
        f"{fresh(collector)}",
    )


def in_doubt(metric, collector, *matchers):
    """A space's value where the space is not healthy or the data is stale."""
    known = certain(metric, collector, *matchers)
    return f"max by ({SPACE}) ({select(metric, *matchers)})\nunless on ({SPACE})\n{known}"


def known(metric, collector, *matchers):
    """A space's certain value, and `health.NOT_KNOWN` where the space is watched but not certain."""
    watched = select("density_space_health", f'collector="{collector}"', *matchers)
    return (
        f"{certain(metric, collector, *matchers)}\n"
        f"or on ({SPACE}) {health.NOT_KNOWN} + 0 * max by ({SPACE}) ({watched})"
    )


def at_end(expression):
    """The expression as it is at the end of the time range, at every point of a chart."""
    return re.sub(r"(\}(\[[^]]+\])?)", r"\1 @ end()", expression)


def top(count, labels, expression):
    """The `count` series that are largest at the end of the time range.

    A bare `topk` may choose others at every point, and so show many more.
    """
    return f"{wrap(expression)}\nand on ({labels}) topk({count}, {at_end(expression)})"
