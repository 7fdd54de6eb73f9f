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
# What outweighs a status while replicas disagree.
WORSE = {
    "degraded": 'status="offline"',
    "unknown": 'status=~"offline|degraded"',
    "healthy": 'status!="healthy"',
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


SENSOR_HEALTH = 'collector="sensor_health"'
# While the inventory says both, a sensor is not in use: to read also what is in use would cost much.
IDLE = select("density_sensor_info", NOT_IN_USE)


def fresh(collector):
    """Behind a value: only from replicas whose data of the collector is not stale."""
    stale = select("density_collector_stale", f'collector="{collector}"')
    return f"and on (job, instance, organization) ({stale} == 0)"


def _state(labels, metric, matchers, stale_labels, stale_matchers, healthy_among=None):
    """The state from replicas with fresh data; where there is none, the last known, as stale.

    Most things are healthy, so it is cheap to look only at those `healthy_among` some others.
    """

    def reading(name):
        holds = f"{select(metric, STATUS[name], *matchers)} == 1"
        if name == "healthy" and healthy_among is not None:
            holds = f"{holds}\nand on ({labels}) {wrap(healthy_among)}"
        return f"{STATE_OF_STATUS[name]} * ({holds})"

    readings = "\nor ".join(reading(name) for name in STATUS)
    stale = f"max by ({stale_labels}) ({select('density_collector_stale', *stale_matchers)})"
    by_replica = (
        f"{wrap(readings)}\n"
        f"/ on ({stale_labels}) group_left () (1 + 9 * {stale})\n"
        f"+ on ({stale_labels}) group_left () ({health.NO_DATA} * {stale})"
    )
    return largest(labels, by_replica)


def sensor_state(*matchers, healthy_among=None):
    """Each sensor's state, as `health.STATES` has it: one series a sensor, whatever replicas say."""
    not_in_use = select("density_sensor_info", NOT_IN_USE, *matchers)
    reported = _state(
        SENSOR,
        "density_sensor_health",
        matchers,
        "job, instance, organization",
        [SENSOR_HEALTH],
        healthy_among,
    )
    return (
        f"{health.NOT_LIVE} * max by ({SENSOR}) ({not_in_use})\n"
        f"or on ({SENSOR})\n"
        f"{reported}\n"
        f"or on ({SENSOR})\n"
        f"{health.NO_DATA} * ({without_health(*matchers)})"
    )


def worst_sensors(count):
    """The states of all sensors of the place that are not healthy, and of so many that are."""
    healthy = select("density_sensor_health", STATUS["healthy"])
    some = f"topk({count}, {sensors_here(f'max by ({SENSOR}) ({healthy} == 1)')})"
    return sensors_here(sensor_state(healthy_among=some))


def space_state(*matchers):
    """Each space's state for each collector that reports one."""
    stale_labels = "job, instance, organization, collector"
    return _state(SPACE_AND_COLLECTOR, "density_space_health", matchers, stale_labels, [])


def sensors_here(expression):
    """Without the sensors of which the inventory says that they are elsewhere.

    A sensor whose place nobody knows may be anywhere, so it is shown. While all places are chosen,
    nothing is elsewhere and nothing is read.
    """
    elsewhere = " or ".join(
        select("density_sensor_info", matcher.replace("=~", "!~")) for matcher in PLACE
    )
    return f"{wrap(expression)}\nunless on ({SENSOR}) ({elsewhere})"


def sensors_in_use(*matchers):
    """The sensors in use, once each, with the labels of the inventory."""
    return unique(SENSOR, select("density_sensor_info", IN_USE, *matchers))


def sensors_not_in_use(*matchers):
    """The sensors that are not in use, once each, with the labels of the inventory."""
    return unique(SENSOR, select("density_sensor_info", NOT_IN_USE, *matchers))


def reporting(status):
    """Sensors of which any replica with fresh data says that their status is this."""
    reading = select("density_sensor_health", status)
    return f"({reading} == 1 {fresh('sensor_health')})"


def sensors_reporting(status):
    """The sensors in use that have the status by fresh data of any replica."""
    return f"max by ({SENSOR}) {reporting(STATUS[status])}\nunless on ({SENSOR}) {IDLE}"


def sensors_with(status):
    """As `sensors_reporting`, but while replicas disagree only the worst status counts."""
    if status not in WORSE:
        return sensors_reporting(status)
    return f"{sensors_reporting(status)}\nunless on ({SENSOR}) {reporting(WORSE[status])}"


def offline_or_not():
    """1 for each sensor in use that is offline, 0 for each that is certainly not."""
    reading = select("density_sensor_health", STATUS["offline"])
    return (
        f"max by ({SENSOR}) ({reading} {fresh('sensor_health')})\n"
        f"unless on ({SENSOR}) {reporting(STATUS['unknown'])}\n"
        f"unless on ({SENSOR}) {IDLE}"
    )


def stale_sensors():
    """The sensors in use of organizations of which no replica has fresh health.

    By one status only, for every sensor has a series of it.
    """
    stale = select("density_collector_stale", SENSOR_HEALTH)
    success = select("density_collector_success", SENSOR_HEALTH)
    some_fresh = f"({stale} == 0 and on (job, instance, organization) {success} == 1)"
    reading = select("density_sensor_health", STATUS["healthy"])
    return (
        f"max by ({SENSOR}) ({reading} and on (organization) "
        f"({stale} == 1 unless on (organization) {some_fresh}))\n"
        f"unless on ({SENSOR}) {IDLE}"
    )


def without_health(*matchers):
    """The sensors that the inventory lists and of which no health is known."""
    listed = select("density_sensor_info", *matchers)
    reading = select("density_sensor_health", STATUS["healthy"], *matchers)
    return f"max by ({SENSOR}) ({listed}) unless on ({SENSOR}) {reading}"


def spaces_here(expression, *matchers):
    """Only the spaces of the chosen place, as the inventory has it."""
    chosen = select("density_space_info", *PLACE, *matchers)
    return f"{wrap(expression)}\nand on ({SPACE}) {chosen}"


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
