"""The exporter itself: for whoever runs it."""

from . import health, panels, shared, variables
from .dashboard import dashboard
from .promql import largest, select, select_any

INSTANCE = 'instance=~"$instance"'
RATE = "[$__rate_interval]"
COLLECTOR = "organization, collector"
# Instead of the seconds until a token ends.
NO_TOKEN = -1
# One exporter may be scraped by several jobs, each of which sees the same counters.
_ONE_SCRAPE = "instance, organization, endpoint"


def _own(metric, *matchers):
    """Series that belong to no organization, of the chosen instances."""
    return select_any(metric, INSTANCE, *matchers)


def _of_organization(metric, *matchers):
    """Series of the chosen organizations and instances."""
    return select(metric, INSTANCE, *matchers)


def _process(metric):
    """A metric that every kind of process has, of exporters alone."""
    exporters = _own("density_exporter_build_info")
    return f"max by (instance) ({_own(metric)} and on (job, instance) {exporters})"


def _targets_up():
    """Which targets answer."""
    jobs = " or ".join(
        f"last_over_time({_own(metric)}[1h])" for metric in ("density_up", "density_exporter_build_info")
    )
    return panels.stat(
        "Targets",
        "Whether Prometheus reaches each exporter. Up means that the exporter answers, not that "
        "Density's API does. All targets of a job that had an exporter within the last hour.",
        {"{{instance}}": f"min by (instance) ({_own('up')}\nand on (job) ({jobs}))"},
        mappings=health.value_mappings(
            {0: ("down", health.OFFLINE_COLOUR), 1: ("up", health.HEALTHY_COLOUR)}
        ),
        thresholds=health.grey_thresholds(),
    )


def _api_up():
    """Whether Density's API answers."""
    return panels.stat(
        "Density's API",
        "Whether the last fetch of every kind of data succeeded, for each organization and exporter.",
        {
            "{{organization}} {{instance}}": "min by (organization, instance) "
            f"({_of_organization('density_up')})"
        },
        mappings=health.value_mappings(
            {0: ("fails", health.OFFLINE_COLOUR), 1: ("answers", health.HEALTHY_COLOUR)}
        ),
        thresholds=health.grey_thresholds(),
    )


def _token():
    """How long the token stands."""
    expiry = _of_organization("density_api_token_expiry_timestamp_seconds")
    static = f"max by (organization) ({_of_organization('density_up')})"
    return panels.stat(
        "Token ends in",
        "How long the OAuth token is still good. A new one is fetched in time, so it should never "
        "reach zero. A static token has no end that the exporter knows.",
        {
            "{{organization}}": f"min by (organization) ({expiry}) - time()\n"
            f"or on (organization) {NO_TOKEN} + 0 * {static}"
        },
        unit="s",
        mappings=health.value_mappings({NO_TOKEN: ("no OAuth token", health.GREY)}),
        thresholds=health.thresholds(
            (None, health.OFFLINE_COLOUR), (0, health.DEGRADED_COLOUR), (300, health.NEUTRAL)
        ),
    )


def _configuration():
    """Whether the configuration could be read."""
    loaded = _own("density_exporter_config_last_reload_successful")
    return panels.stat(
        "Configuration",
        "Whether the exporter could read its configuration the last time that it tried. A bad file "
        "leaves the one before in force.",
        {"{{instance}}": f"min by (instance) ({loaded})"},
        mappings=health.value_mappings(
            {0: ("refused", health.OFFLINE_COLOUR), 1: ("good", health.HEALTHY_COLOUR)}
        ),
        thresholds=health.grey_thresholds(),
    )


def _turned_away():
    """Scrapes that got a 503."""
    refused = _own("density_exporter_http_requests_total", 'code="503"')
    return panels.stat(
        "Scrapes turned away",
        "Scrapes that were refused with a 503 within the time range, because too many were under way.",
        {"503": f"sum(max by (instance, handler) (increase({refused}[$__range])))"},
        unit="short",
        decimals=0,
        thresholds=health.thresholds((None, health.NEUTRAL), (1, health.OFFLINE_COLOUR)),
    )


def _versions():
    """Which exporters run."""
    labels = "instance, version, revision, rustversion"
    columns = [
        panels.column("instance", "Instance"),
        panels.column("version", "Version"),
        panels.column("revision", "Revision"),
        panels.column("rustversion", "Built with"),
        *panels.hidden_columns("Value"),
    ]
    return panels.table(
        "Versions",
        "The version of each exporter, the revision of its source and the compiler.",
        {"version": f"max by ({labels}) ({_own('density_exporter_build_info')})"},
        columns,
    )


def _collectors():
    """Each kind of data."""
    success = _of_organization("density_collector_last_success_timestamp_seconds")
    queries = {
        "success": f"min by ({COLLECTOR}) ({_of_organization('density_collector_success')})",
        "stale": f"max by ({COLLECTOR}) ({_of_organization('density_collector_stale')})",
        "age": f"time() - min by ({COLLECTOR}) ({success})",
        "ttl": f"max by ({COLLECTOR}) ({_of_organization('density_collector_ttl_seconds')})",
        "took": largest(COLLECTOR, _of_organization("density_collector_duration_seconds")),
        "entries": f"min by ({COLLECTOR}) ({_of_organization('density_collector_entries')})",
    }
    success_texts = {0: ("failed", health.OFFLINE_COLOUR), 1: ("succeeded", health.HEALTHY_COLOUR)}
    stale_texts = {0: ("no", health.NEUTRAL), 1: ("stale", health.GREY)}
    columns = [
        panels.column("organization", "Organization"),
        panels.column("collector", "Data"),
        panels.known_column("Value #A", "Last fetch", success_texts, otherwise=health.GREY),
        panels.known_column("Value #B", "Stale", stale_texts, otherwise=health.GREY),
        panels.column("Value #C", "Age", unit="s"),
        panels.column("Value #D", "Fetched anew at", unit="s"),
        panels.column("Value #E", "Fetch took", unit="s"),
        panels.column("Value #F", "Entries"),
    ]
    return panels.table(
        "Kinds of data",
        "Each kind of data that is fetched from Density: whether the last fetch succeeded, whether old "
        "data is being shown, how old it is and how old it may be, and how long a fetch takes. Of "
        "several exporters the one that does worst.",
        queries,
        columns,
        sort=[("Last fetch", False), ("Age", True)],
    )


def _duration():
    """How long fetches took."""
    took = _of_organization("density_collector_duration_seconds")
    return panels.chart(
        "Fetches, how long they took",
        "How long the last fetch of each kind of data took, with retries and the wait for the call "
        "budget. Of several exporters the slowest.",
        {"{{organization}} {{collector}}": largest(COLLECTOR, took)},
        unit="s",
    )


def _requests():
    """Calls by their end."""
    sent = f"rate({_of_organization('density_api_requests_total')}{RATE})"
    return panels.chart(
        "Calls to Density's API",
        "Calls a second by how they ended: the HTTP status, or the word for what went wrong before "
        "there was one. All exporters together. Ends that did not occur are left out.",
        {"{{code}}": f"sum by (code) (max by ({_ONE_SCRAPE}, code) ({sent})) > 0"},
        unit="reqps",
        stacked=True,
    )


def _latency():
    """How long calls took."""
    buckets = f"rate({_of_organization('density_api_request_duration_seconds_bucket')}{RATE})"
    summed = f"sum by (le) (max by ({_ONE_SCRAPE}, le) ({buckets}))"
    return panels.chart(
        "Calls, how long they took",
        "How long calls to Density's API took: half of them were at most as long as the lowest line, "
        "nine in ten as the middle one, 99 in a hundred as the highest.",
        {
            name: f"histogram_quantile({quantile}, {summed})"
            for name, quantile in (("99 %", 0.99), ("90 %", 0.9), ("50 %", 0.5))
        },
        unit="s",
    )


def _retries():
    """Calls that were repeated."""
    repeated = f"rate({_of_organization('density_api_retries_total')}{RATE})"
    return panels.chart(
        "Calls sent again",
        "Calls a second that were repeated after a failure that may pass, by endpoint.",
        {"{{endpoint}}": f"sum by (endpoint) (max by ({_ONE_SCRAPE}) ({repeated}))"},
        unit="reqps",
    )


def _rejected():
    """Entries that could not be read."""
    dropped = f"increase({_of_organization('density_api_rejected_entries_total')}{RATE})"
    one_scrape = f"max by ({_ONE_SCRAPE}, reason) ({dropped})"
    return panels.chart(
        "Entries that could not be read",
        "Entries of Density's answers that were dropped since the point before, by endpoint. The log "
        "names each once, with the reason.",
        {"{{endpoint}}": f"sum by (endpoint) ({one_scrape})"},
    )


def _budget():
    """The call budget in force."""
    allowed = _own("density_api_budget_requests_per_second")
    return panels.chart(
        "Call budget in force",
        "Calls a second that each exporter allows itself to each API host. It is 0 while Density has "
        "asked to wait, then lower, and recovers within minutes.",
        {"{{instance}} {{host}}": f"min by (instance, host) ({allowed})"},
        unit="reqps",
    )


def _waiting():
    """Time lost to the budget."""
    waited = f"rate({_own('density_api_budget_wait_seconds_total')}{RATE})"
    return panels.chart(
        "Waiting for the call budget",
        "Seconds that calls spent waiting for the budget, in each second. Steadily above zero, the "
        "budget is too small for what is asked.",
        {"{{instance}} {{host}}": f"max by (instance, host) ({waited})"},
        unit="s",
    )


def _answers():
    """What the exporter answered."""
    answered = f"rate({_own('density_exporter_http_requests_total')}{RATE})"
    return panels.chart(
        "Answers of the exporter",
        "HTTP requests a second that the exporters answered, by status. A 503 is a scrape that was "
        "turned away.",
        {"{{code}}": f"sum by (code) (max by (instance, handler, code) ({answered}))"},
        unit="reqps",
        stacked=True,
    )


def _memory():
    """Memory of the process."""
    return panels.chart(
        "Memory",
        "Memory that each exporter holds, its code included.",
        {"{{instance}}": _process("process_resident_memory_bytes")},
        unit="bytes",
    )


def _cpu():
    """CPU time of the process."""
    used = f"rate({_own('process_cpu_seconds_total')}{RATE})"
    exporters = _own("density_exporter_build_info")
    return panels.chart(
        "CPU",
        "Share of one processor that each exporter uses.",
        {"{{instance}}": f"max by (instance) ({used} and on (job, instance) {exporters})"},
        unit="percentunit",
    )


def _descriptors():
    """Open files and sockets of the process."""
    return panels.chart(
        "Open files",
        "Files and sockets that each exporter holds open, as a share of what it may.",
        {
            "{{instance}}": f"{_process('process_open_fds')}\n"
            f"/ on (instance) {_process('process_max_fds')}"
        },
        unit="percentunit",
    )


def make():
    """The dashboard."""
    return dashboard(
        "exporter",
        "Exporter",
        "The exporter: whether it is reached, reaches Density, keeps to its budget, and what it costs.",
        [
            variables.datasource(),
            variables.job(),
            variables.instance(),
            variables.organization(),
        ],
        [
            (
                None,
                4,
                [
                    (_targets_up(), 5),
                    (_api_up(), 6),
                    (_token(), 4),
                    (_configuration(), 4),
                    (_turned_away(), 5),
                ],
            ),
            (None, 8, [(_collectors(), 16), (_versions(), 8)]),
            ("Density's API", 8, [(shared.data_age(INSTANCE), 8), (_duration(), 8), (_requests(), 8)]),
            (None, 8, [(_latency(), 8), (_retries(), 8), (_rejected(), 8)]),
            (None, 7, [(_budget(), 12), (_waiting(), 12)]),
            ("The process", 7, [(_answers(), 6), (_memory(), 6), (_cpu(), 6), (_descriptors(), 6)]),
        ],
    )
