"""The colours and the states of health, the same on every dashboard.

A query gives a state as a number, so that the worst of several is their maximum and a table can be
sorted by it. What is not known is grey, and grey is also what stands where nothing else is said: no
dashboard may show green for data that is old, missing or in doubt.
"""

HEALTHY_COLOUR = "#009E73"
DEGRADED_COLOUR = "#F0C808"
OFFLINE_COLOUR = "#C4162A"
GREY = "#8E8E8E"
NOT_LIVE_COLOUR = "#6E9FFF"
NEUTRAL = "#3274D9"

NOT_LIVE = 0
NO_DATA = 10
HEALTHY = 20
UNKNOWN = 30
DEGRADED = 40
OFFLINE = 50


def stale(state):
    """A state by data that is not fresh: it tells what was last known. Any fresh one is larger."""
    return NO_DATA + state // 10


STATES = {
    NOT_LIVE: ("not in use", NOT_LIVE_COLOUR),
    NO_DATA: ("no data", GREY),
    stale(HEALTHY): ("stale, was healthy", GREY),
    stale(UNKNOWN): ("stale, was unknown", GREY),
    stale(DEGRADED): ("stale, was degraded", GREY),
    stale(OFFLINE): ("stale, was offline", GREY),
    HEALTHY: ("healthy", HEALTHY_COLOUR),
    UNKNOWN: ("unknown", GREY),
    DEGRADED: ("degraded", DEGRADED_COLOUR),
    OFFLINE: ("offline", OFFLINE_COLOUR),
}

# What a series is called that counts things of one state, and its colour.
SERIES = {
    "offline": OFFLINE_COLOUR,
    "degraded": DEGRADED_COLOUR,
    "unknown": GREY,
    "stale": GREY,
    "no data": GREY,
    "not in use": NOT_LIVE_COLOUR,
    "healthy": HEALTHY_COLOUR,
}

# Instead of a count or presence that is not certain.
NOT_KNOWN = -1
UNKNOWN_TEXT = {NOT_KNOWN: ("unknown", GREY)}
PRESENCE_TEXTS = {0: ("nobody", "#B5D2FF"), 1: ("someone", NEUTRAL), **UNKNOWN_TEXT}

COLOUR_WORDS = (
    "Green is healthy, yellow degraded, red offline; grey is everything of which nothing certain is "
    "known (unknown, stale or no data); blue is not in use."
)


def value_mappings(texts):
    """Value mappings from numbers to (text, colour)."""
    options = {
        str(number): {"color": colour, "index": index, "text": text}
        for index, (number, (text, colour)) in enumerate(texts.items())
    }
    return [{"options": options, "type": "value"}]


def state_mappings():
    """Value mappings of every state."""
    return value_mappings(STATES)


def grey_thresholds():
    """Thresholds that leave everything grey that no mapping colours."""
    return thresholds((None, GREY))


def thresholds(*steps):
    """Absolute thresholds from (lower bound or None, colour) pairs."""
    return {
        "mode": "absolute",
        "steps": [{"color": colour, "value": bound} for bound, colour in steps],
    }


def share_thresholds():
    """Thresholds of a share of broken things; below zero, and without a number, nothing is known."""
    return thresholds(
        (None, GREY), (0, HEALTHY_COLOUR), (0.000001, DEGRADED_COLOUR), (0.2, OFFLINE_COLOUR)
    )


def fixed_colour(name, colour, display_name=None):
    """An override that gives the series or column `name` its colour, and a name for people."""
    properties = [{"id": "color", "value": {"fixedColor": colour, "mode": "fixed"}}]
    if display_name:
        properties.append({"id": "displayName", "value": display_name})
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}


def series_overrides():
    """Overrides that colour series which are called by a state."""
    return [fixed_colour(name, colour) for name, colour in SERIES.items()]
